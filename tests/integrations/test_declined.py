"""Requests that a filter declined with an HTTP error, through the real classes: the refusal, its reason and the error."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_openai import AzureChatOpenAI

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import Answer, ReplayServer, chat_model
from tests.integrations.modes import MODES

MESSAGE = "The response was filtered due to the prompt triggering the content management policy."
RATINGS = {
    "hate": {"filtered": False, "severity": "safe"},
    "jailbreak": {"filtered": False, "detected": False},
    "sexual": {"filtered": False, "severity": "safe"},
    "violence": {"filtered": True, "severity": "medium"},
}
AZURE = {
    "error": {
        "message": MESSAGE,
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": RATINGS},
    }
}
THROUGH_LITELLM = {
    "error": {
        "message": MESSAGE,
        "type": None,
        "param": None,
        "code": "400",
        "provider_specific_fields": {"innererror": AZURE["error"]["innererror"]},
    }
}
OPENROUTER = {
    "error": {
        "code": 403,
        "message": "Your input was flagged",
        "metadata": {
            "reasons": ["violence/graphic"],
            "flagged_input": "how do I …",
            "provider_name": "OpenAI",
            "model_slug": "openai/gpt-5-mini",
        },
    }
}
ALIBABA = {
    "error": {
        "code": "data_inspection_failed",
        "message": "Input text data may contain inappropriate content.",
        "param": None,
        "type": "data_inspection_failed",
    }
}


def failed(model: Any, mode: str, *, include_content: bool = False) -> ResponseMetadata:
    handler = RespMetaHandler(feedback=False, include_content=include_content)
    with pytest.raises(Exception):  # noqa: B017, PT011 - each SDK raises its own
        MODES[mode](model, {"callbacks": [handler]})
    (record,) = handler.records
    return record


def openai_at(replay: ReplayServer, name: str, body: Any, status: int) -> Any:
    return chat_model(
        "openai", replay.add("openai", f"declined-{name}", Answer(body, status=status)), "gpt-5-mini"
    )


@pytest.mark.parametrize("mode", ["invoke", "stream", "ainvoke", "v3"])
def test_azures_filter_of_the_prompt(replay: ReplayServer, mode: str) -> None:
    url = replay.add("openai", f"declined-azure-{mode}", Answer(AZURE, status=400))
    model = AzureChatOpenAI(
        azure_endpoint=url,
        azure_deployment="mine",
        api_version="2025-04-01-preview",
        api_key="replay-needs-no-key",
        max_retries=0,
    )
    record = failed(model, mode)
    assert (record.finish_reason, record.refused, record.truncated) == ("error", True, False)
    assert record.error is not None
    assert (record.error.status_code, record.error.code) == (400, "content_filter")
    assert record.refusal is not None
    assert (record.refusal.source, record.refusal.category) == ("prompt_block", "violence")
    told = {rating.category: (rating.severity, rating.blocked, rating.scope) for rating in record.safety}
    assert told["violence"] == ("medium", True, "prompt")
    assert set(told) == set(RATINGS)


@pytest.mark.parametrize(
    ("body", "status", "category"),
    [
        pytest.param(THROUGH_LITELLM, 400, "violence", id="azure behind LiteLLM's proxy"),
        pytest.param(OPENROUTER, 403, "violence/graphic", id="openrouter's moderation"),
        pytest.param(ALIBABA, 400, None, id="alibaba"),
    ],
)
def test_other_filters(replay: ReplayServer, body: Any, status: int, category: str | None) -> None:
    record = failed(openai_at(replay, f"{category}-{status}", body, status), "invoke")
    assert record.refused
    assert record.refusal is not None
    assert (record.refusal.source, record.refusal.category) == ("prompt_block", category)


def test_words_and_the_flagged_text_stay_out_unless_asked_for(replay: ReplayServer) -> None:
    model = openai_at(replay, "words", OPENROUTER, 403)
    quiet, told = (failed(model, "invoke", include_content=asked) for asked in (False, True))
    assert quiet.refusal is not None
    assert told.refusal is not None
    assert (quiet.refusal.reason, told.refusal.reason) == (None, "Your input was flagged")
    assert "how do I" not in str(quiet.to_dict())


@pytest.mark.parametrize(
    ("code", "status"),
    [("invalid_api_key", 401), ("context_length_exceeded", 400), ("insufficient_quota", 429)],
)
def test_other_failures_are_no_refusals(replay: ReplayServer, code: str, status: int) -> None:
    body = {"error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": code}}
    record = failed(openai_at(replay, code, body, status), "invoke")
    assert record.refused is False
    assert record.refusal is None
