"""`render_with_citations` of whatever holds an answer: messages, APIs' own answers, and records with a text."""

from __future__ import annotations

import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_respmeta import UnreadableAnswer, normalize, render_with_citations
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_runnable

TEXT = "Rents rose by 4 % [1]. Wages did not."
URL, TITLE = "https://stats.example/rents", "Rents 2026"
MARK = {"start_index": 18, "end_index": 21}
RENDERED = f'Rents rose by 4 % [[1]]({URL} "{TITLE}"). Wages did not.'

CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_790_000_000,
    "model": "gpt-4.1-2025-04-14",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {
                "role": "assistant",
                "content": TEXT,
                "annotations": [
                    {"type": "url_citation", "url_citation": {"url": URL, "title": TITLE, **MARK}}
                ],
            },
        }
    ],
}
ANNOTATION = {"type": "url_citation", "url": URL, "title": TITLE}
RESPONSES: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_790_000_000,
    "model": "gpt-4.1-2025-04-14",
    "status": "completed",
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "output": [
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "text": TEXT[:14], "annotations": []},
                {
                    "type": "output_text",
                    "text": TEXT[14:],
                    "annotations": [{**ANNOTATION, "start_index": 4, "end_index": 7}],
                },
            ],
        },
    ],
}  # fmt: skip
MESSAGES: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 9},
    "content": [
        {"type": "thinking", "thinking": "Which source?", "signature": "sig"},
        {"type": "text", "text": TEXT[:18], "citations": None},
        {
            "type": "text",
            "text": "[1]",
            "citations": [
                {
                    "type": "web_search_result_location",
                    "url": URL,
                    "title": TITLE,
                    "cited_text": "Rents went up",
                    "encrypted_index": "x",
                }
            ],
        },
        {"type": "text", "text": TEXT[21:], "citations": None},
    ],
}
BLOCK: dict[str, Any] = {"type": "text", "text": TEXT, "annotations": [{**ANNOTATION, **MARK}]}
OF_OPENAI = {"model_provider": "openai"}


def of_sdk(module: str, name: str, body: dict[str, Any]) -> Any:
    """The SDK's own object; the integrations bring the SDKs."""
    return getattr(import_module(module), name).model_validate(body)


ANSWERS: dict[str, Any] = {
    "ChatCompletion": lambda: of_sdk("openai.types.chat", "ChatCompletion", CHAT),
    "Response": lambda: of_sdk("openai.types.responses", "Response", RESPONSES),
    "Message": lambda: of_sdk("anthropic.types", "Message", MESSAGES),
    "a body": lambda: CHAT,
    "JSON": lambda: json.dumps(MESSAGES),
    "AIMessage": lambda: AIMessage([BLOCK], response_metadata=OF_OPENAI),
    "AIMessage of v1": lambda: AIMessage(
        content_blocks=AIMessage([BLOCK], response_metadata=OF_OPENAI).content_blocks,
        response_metadata=OF_OPENAI,
    ),
    "a dumped message": lambda: AIMessage([BLOCK], response_metadata=OF_OPENAI).to_json(),
}


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS)
def test_whatever_holds_an_answer_gives_its_text_with_its_sources(make: Any) -> None:
    answer = make()
    assert render_with_citations(answer) == RENDERED
    record = normalize(answer)
    assert render_with_citations(record, TEXT) == RENDERED
    if not isinstance(answer, str):  # which is a text beside a record
        assert render_with_citations(record, answer) == RENDERED
    assert f">{TITLE}</a></li></ol>" in render_with_citations(answer, format="html")


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS)
def test_a_record_without_texts_cites_all_the_same(make: Any) -> None:
    record = normalize(make(), include_content=False)
    assert all(one.text is one.quote is None for one in record.citations)
    assert f" [[1]]({URL} " in render_with_citations(record, TEXT)


def test_google_s_bytes_are_places_in_the_text() -> None:
    text = "Die Größe: 4 °C [1] mehr."
    place = len(text[: text.index("[1]")].encode())
    rendered = f'Die Größe: 4 °C [[1]]({URL} "{TITLE}") mehr.'
    grounding = {
        "grounding_chunks": [{"web": {"uri": URL, "title": TITLE}}],
        "grounding_supports": [
            {"segment": {"start_index": place, "end_index": place + 3}, "grounding_chunk_indices": [0]}
        ],
    }
    metadata = {"model_provider": "google_genai", "grounding_metadata": grounding}
    assert render_with_citations(AIMessage(text, response_metadata=metadata)) == rendered
    candidate = {
        "content": {"role": "model", "parts": [{"text": text}]},
        "finish_reason": "STOP",
        "grounding_metadata": grounding,
    }
    body = {"candidates": [candidate], "model_version": "gemini-2.5-flash"}
    assert render_with_citations(body) == rendered
    sdk = pytest.importorskip("google.genai.types")
    assert render_with_citations(sdk.GenerateContentResponse.model_validate(body)) == rendered


SCENARIOS = demo_scenarios()


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openai_responses", "web_search"),
        ("openai_responses", "file_search"),
        ("anthropic", "web_search"),
        ("anthropic", "documents"),
        ("google", "grounding"),
        ("bedrock", "citations"),
        ("mistral", "references"),
    ],
)
@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_raw_answer_is_rendered_as_langchain_s_message_is(
    replay: ReplayServer, provider: str, name: str, form: Any
) -> None:
    scenario = SCENARIOS[provider][name]
    message = scenario_runnable(replay, scenario).invoke(scenario.messages)
    rendered = render_with_citations(message, format=form)
    assert rendered == render_with_citations(scenario.answers[0].body, format=form)
    assert rendered == render_with_citations(normalize(message), message, format=form)
    assert rendered == normalize(message).render_with_citations(message, format=form)


def test_databricks_blocks_in_json_are_its_text() -> None:
    block = {"type": "text", "text": TEXT, "annotations": [{**ANNOTATION, **MARK}]}
    message = AIMessage(json.dumps([block]))
    start = {"serialized": {"id": ["databricks_langchain", "chat_models", "ChatDatabricks"]}}
    assert render_with_citations(message, start=start) == RENDERED


def test_a_refusal_is_no_text_to_cite_in() -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": None, "refusal": "No."}}
    assert render_with_citations({**CHAT, "choices": [choice]}) == ""


@pytest.mark.parametrize("value", [None, 3, "Rents rose.", {"a": 1}, SimpleNamespace(b=1), []])
def test_what_holds_no_answer_is_told(value: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        render_with_citations(value)


def test_a_record_needs_a_text() -> None:
    with pytest.raises(TypeError, match="give the text"):
        render_with_citations(normalize(CHAT))
    with pytest.raises(UnreadableAnswer):
        render_with_citations(normalize(CHAT), {"a": 1})
