"""`normalize` and `normalize_stream`: whose answer it is, and every form in which one comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage

from langchain_respmeta import ProviderError, RunStart, UnreadableAnswer, normalize, normalize_stream

BODY: dict[str, Any] = {
    "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    "object": "chat.completion",
    "created": 1_760_000_000,
    "model": "llama-3.3-70b",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"},
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
}


def _chunk(**delta: Any) -> dict[str, Any]:
    head = {name: BODY[name] for name in ("id", "created", "model")}
    return {**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}


CHUNKS: list[dict[str, Any]] = [
    _chunk(role="assistant", content=""),
    _chunk(content="Par"),
    _chunk(content="is."),
    {**_chunk(), "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {**_chunk(), "choices": [], "usage": BODY["usage"]},
]


# --- whose answer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("groq", "groq"),
        ("Groq", "groq"),
        ("mistralai", "mistral_ai"),
        ("azure", "azure.ai.openai"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("api.together.xyz", "together"),
        ("https://me.openai.azure.com/openai/deployments/x", "azure.ai.openai"),
    ],
)
def test_a_name_or_an_address_says_whose_answer_it_is(provider: str, name: str) -> None:
    assert normalize(BODY, provider).provider == name
    assert normalize_stream(CHUNKS, provider).provider == name


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    for read in (normalize, normalize_stream):
        with pytest.raises(ProviderError, match=r"'opneai'.*anthropic.*openai") as told:
            read([], "opneai")
        assert told.value.provider == "opneai"


def test_who_names_nobody_gets_what_the_answer_shows() -> None:
    assert normalize(BODY).provider == "unknown"  # OpenAI has no such model
    assert normalize({**BODY, "model": "gpt-4.1-2025-04-14"}).provider == "openai"


def test_a_start_tells_what_was_asked_and_a_name_outweighs_it() -> None:
    start = RunStart(requested_model="llama", base_url="https://api.groq.com/openai/v1")
    assert normalize(BODY, start=start).provider == "groq"
    assert normalize(BODY, start=start).requested_model == "llama"
    assert normalize(BODY, "cerebras", start=start).provider == "cerebras"
    assert start.provider is None


def test_a_name_counts_for_langchains_message_too() -> None:
    message = AIMessage("hi", response_metadata={"model_provider": "openai", "model_name": "qwen3"})
    assert normalize(message, "groq").provider == "groq"


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", [BODY, json.dumps(BODY), json.dumps(BODY).encode(), f"\n {json.dumps(BODY)}"], ids=lambda _: ""
)
def test_every_form_of_a_body_gives_the_same_record(form: Any) -> None:
    assert normalize(form) == normalize(BODY)
    assert normalize(form).usage == normalize(BODY).usage


def _sse(events: list[dict[str, Any]], newline: str = "\n") -> str:
    lines = [": a comment", "retry: 10", ""]
    for event in events:
        lines += [f"data: {json.dumps(event)}", ""]
    return newline.join([*lines, "data: [DONE]", "", ""])


@pytest.mark.parametrize(
    "form",
    [
        CHUNKS,
        tuple(CHUNKS),
        iter(CHUNKS),
        map(json.dumps, CHUNKS),
        _sse(CHUNKS),
        _sse(CHUNKS).encode(),
        _sse(CHUNKS, "\r\n"),
        _sse(CHUNKS).replace("data: ", "data:"),
        "\n".join(map(json.dumps, CHUNKS)),
        json.dumps(CHUNKS),
        _sse(CHUNKS).splitlines(),
        [f"{line}\n".encode() for line in _sse(CHUNKS).splitlines()],
    ],
    ids=lambda _: "",
)
def test_every_form_of_a_stream_gives_the_same_record(form: Any) -> None:
    record = normalize_stream(form)
    assert record == normalize_stream(CHUNKS)
    assert record.usage == normalize(BODY).usage
    assert (record.streamed, record.finish_reason, record.warnings) == (True, "stop", ())


def test_data_of_one_event_may_stand_on_several_lines() -> None:
    text = "".join(
        "".join(f"data: {line}\n" for line in json.dumps(event, indent=1).splitlines()) + "\n"
        for event in CHUNKS
    )
    assert normalize_stream(text) == normalize_stream(CHUNKS)


def test_a_stream_that_broke_off_says_so() -> None:
    broken = normalize_stream(CHUNKS[:3])
    assert broken.finish_reason is None
    assert any("without the provider's last word" in warning for warning in broken.warnings)


def test_a_line_that_broke_off_costs_that_line_alone() -> None:
    text = _sse(CHUNKS)
    cut = text[: text.rindex('"usage"')]
    record = normalize_stream(cut)
    assert record.finish_reason == "stop"
    assert record.usage is None


def test_chunks_of_langchains_are_a_stream_too() -> None:
    chunks = [
        AIMessageChunk("Par", id="run-1"),
        AIMessageChunk(
            "is.", id="run-1", response_metadata={"finish_reason": "stop", "model_provider": "openai"}
        ),
        AIMessageChunk(
            "", id="run-1", usage_metadata={"input_tokens": 12, "output_tokens": 3, "total_tokens": 15}
        ),
    ]
    record = normalize_stream(chunks)
    assert record.usage == normalize(BODY).usage
    assert (record.finish_reason, record.streamed) == ("stop", True)


@pytest.mark.parametrize(
    "stream",
    [
        [],
        "",
        "<html>Bad gateway</html>",
        [1, 2],
        [{"x": 1}],
        [HumanMessage("hi")],
        "data: [DONE]\n\n",
        b"\xff\xfe",
    ],
    ids=repr,
)
def test_what_is_no_stream_of_an_answer_is_told(stream: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        normalize_stream(stream)


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"answer": 42, "why": "so"}, r"its keys: answer, why"),
        ([BODY], r"one answer at a time.*normalize_stream\(\)"),
        (iter(CHUNKS), r"normalize_stream\(\)"),
        ("Paris.", r"text alone is no answer"),
    ],
    ids=["other keys", "a list", "a stream", "a text"],
)
def test_who_gives_something_else_hears_what_to_give(odd: Any, told: str) -> None:
    with pytest.raises(UnreadableAnswer, match=rf"(?s){told}"):
        normalize(odd)


def test_a_key_that_is_a_text_of_its_own_is_not_named() -> None:
    with pytest.raises(UnreadableAnswer) as raised:
        normalize({"what my patient said to me last night about her illness": 1})
    assert "patient" not in str(raised.value)


def test_what_is_no_iterable_is_told() -> None:
    for odd in (None, 7, object()):
        with pytest.raises(UnreadableAnswer):
            normalize_stream(odd)  # type: ignore[arg-type]
