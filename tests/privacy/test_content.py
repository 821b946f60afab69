"""What a record, and so a run, holds by default: facts, no content."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from langchain_respmeta.langsmith.metadata import nested_record
from langchain_respmeta.record.flat_values import flat_keys

SECRET = "sk-proj-" + "a1B2c3D4" * 5
WORDS = "a long sentence of the answer that nobody asked to have copied"

MESSAGE = AIMessage(
    [
        {"type": "text", "text": "hi"},
        {"type": "refusal", "refusal": WORDS},
        {"type": "reasoning", "reasoning": WORDS},
    ],
    response_metadata={
        "model_provider": "bedrock_converse",
        "stopReason": "guardrail_intervened",
        "brand_new_key": WORDS,
        "new_fact": "v2-turbo",
        "trace": {
            "guardrail": {
                "modelOutput": ["short"],
                "inputAssessment": {
                    "g": {
                        "sensitiveInformationPolicy": {
                            "piiEntities": [{"type": "EMAIL", "match": "a@b.c", "action": "BLOCKED"}]
                        }
                    }
                },
            }
        },
    },
)


def test_no_words_of_the_answer_reach_a_run_unasked() -> None:
    text = json.dumps(nested_record(draft_of(MESSAGE), include_content=False))
    assert WORDS not in text
    assert "a@b.c" not in text
    assert "short" not in text
    assert "v2-turbo" in text
    assert "EMAIL" in text


def test_words_reach_a_run_when_asked_for() -> None:
    text = json.dumps(nested_record(draft_of(MESSAGE), include_content=True))
    assert text.count(WORDS) == 3
    assert "a@b.c" in text


def test_normalize_keeps_everything_because_nothing_leaves() -> None:
    assert normalize(MESSAGE).provider_data["brand_new_key"] == WORDS
    assert normalize(MESSAGE, include_content=False).provider_data["brand_new_key"] != WORDS


def test_key_shaped_strings_never_leave() -> None:
    message = AIMessage(
        "hi",
        response_metadata={
            "model_provider": "openai",
            "id": SECRET,
            "odd": {"deep": [SECRET]},
            "finish_reason": "stop",
        },
    )
    draft = draft_of(message)
    sent = json.dumps([flat_keys(draft, "respmeta"), nested_record(draft, include_content=True)])
    assert SECRET not in sent
    assert sent.count("[secret removed]") == 3


def test_headers_come_from_a_fixed_list(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False, include_content=True)
    model: Any = scenario_model(replay, demo_scenarios()["openai"]["headers"])
    model.invoke("hi", config={"callbacks": [handler]})
    record = handler.records[0]
    assert record.http is not None
    assert record.http.headers
    told = json.dumps(record.to_dict()).lower()
    assert "set-cookie" not in told
    assert "authorization" not in told
    assert "openai-organization" not in told
    assert record.rate_limits is not None
    assert record.rate_limits.requests_limit is not None
