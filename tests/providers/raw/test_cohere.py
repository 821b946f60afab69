"""Cohere's Chat of both versions, its Generate, and their streams."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from langchain_respmeta import RespMetaHandler, normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer, recorded_answer
from tests.providers.raw.same import facts, lacking

USAGE: Final = {
    "billed_units": {"input_tokens": 5.0, "output_tokens": 2.0},
    "tokens": {"input_tokens": 500.0, "output_tokens": 4.0},
    "cached_tokens": 448.0,
}
CALL: Final = {
    "id": "weather_0",
    "type": "function",
    "function": {"name": "weather", "arguments": '{"city":"Paris"}'},
}
CITATION: Final = {
    "start": 0,
    "end": 5,
    "text": "Paris",
    "sources": [{"type": "document", "id": "doc:0", "document": {"id": "doc:0", "title": "Capitals"}}],
    "type": "TEXT_CONTENT",
}


def body(reason: str = "COMPLETE", **message: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": "Paris."}]
    return {
        "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
        "finish_reason": reason,
        "message": {"role": "assistant", "content": content} | message,
        "usage": USAGE,
    }


BODIES: Final[dict[str, dict[str, Any]]] = {
    "text": body(),
    "cut": body("MAX_TOKENS"),
    "cited": body(citations=[CITATION]),
    "tools": body("TOOL_CALL", content=[], tool_plan="I look it up.", tool_calls=[CALL]),
    "thoughts": body(content=[{"type": "thinking", "thinking": "Easy."}, {"type": "text", "text": "Paris."}]),
}


def events(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer as version 2 streams it."""
    message = answer["message"]
    made: list[dict[str, Any]] = [
        {"type": "message-start", "id": answer["id"], "delta": {"message": {"role": "assistant"}}}
    ]

    def add(kind: str, index: int | None = None, **told: Any) -> None:
        made.append({"type": kind, "delta": {"message": told}} | ({} if index is None else {"index": index}))

    for index, block in enumerate(message.get("content", [])):
        kind = block["type"]
        add("content-start", index, content={"type": kind, kind: ""})
        for letter in block[kind]:
            add("content-delta", index, content={kind: letter})
        made.append({"type": "content-end", "index": index})
    for word in message.get("tool_plan", "").partition(" "):
        add("tool-plan-delta", tool_plan=word)
    for index, call in enumerate(message.get("tool_calls", [])):
        function = call["function"]
        add(
            "tool-call-start",
            index,
            tool_calls={**call, "function": {"name": function["name"], "arguments": ""}},
        )
        for letter in function["arguments"]:
            add("tool-call-delta", index, tool_calls={"function": {"arguments": letter}})
        made.append({"type": "tool-call-end", "index": index})
    for index, citation in enumerate(message.get("citations", [])):
        add("citation-start", index, citations=citation)
        made.append({"type": "citation-end", "index": index})
    told = {"finish_reason": answer["finish_reason"], "usage": answer["usage"]}
    return [*made, {"type": "message-end", "id": answer["id"], "delta": told}]


# --- version 2 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BODIES)
def test_a_stream_gives_the_record_of_the_whole_answer(name: str) -> None:
    whole, streamed = normalize(BODIES[name]), events(BODIES[name])
    sent = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in streamed)
    assert facts(normalize_stream(streamed)) == facts(normalize_stream(sent)) == facts(whole)
    assert whole.unmapped == whole.warnings == ()


@pytest.mark.parametrize("name", BODIES)
def test_the_sdks_object_gives_the_record_of_its_json(name: str) -> None:
    sdk = pytest.importorskip("cohere", reason="Cohere's SDK is not among the locked packages")
    assert facts(normalize(sdk.V2ChatResponse(**BODIES[name]))) == facts(normalize(BODIES[name]))


@pytest.mark.parametrize("name", BODIES)
def test_the_body_says_all_that_langchains_message_says(replay: ReplayServer, name: str) -> None:
    module = pytest.importorskip(
        "langchain_cohere", reason="langchain-cohere is not among the locked packages"
    )
    handler = RespMetaHandler(feedback=False, include_content=True)
    answer = recorded_answer("json", json.dumps(BODIES[name]))
    model = module.ChatCohere(
        cohere_api_key="none", model="command-a-03-2025", base_url=replay.add("cohere", name, answer)
    )
    model.invoke("Hi", {"callbacks": [handler]})
    told = lacking(facts(normalize(BODIES[name])), facts(handler.records[0]))
    assert [one for one in told if "args_size_bytes" not in one] == []  # LangChain writes them anew


def test_what_langchain_drops_is_in_the_record() -> None:
    answer = body() | {"logprobs": [{"text": "Paris", "token_ids": [1, 2], "logprobs": [-0.5, -1.5]}]}
    record = normalize(answer)
    assert (record.provider, record.api, record.role) == ("cohere", "chat", "assistant")
    assert record.response_id == answer["id"]
    assert record.provider_data["billed_units"] == {"input_tokens": 5, "output_tokens": 2}
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.cache_read_tokens) == (500, 448)
    assert record.logprobs is not None
    assert (record.logprobs.tokens, record.logprobs.mean) == (2, -1.0)


def test_billed_units_count_where_nothing_else_is_told() -> None:
    record = normalize(body() | {"usage": {"billed_units": {"input_tokens": 5.0, "output_tokens": 2.0}}})
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (5, 2)


def test_arguments_that_are_no_json_are_an_invalid_call() -> None:
    call = {**CALL, "function": {"name": "weather", "arguments": '{"city":'}}
    record = normalize(body("TOOL_CALL", tool_calls=[call]))
    assert [(one.name, one.valid) for one in record.tool_calls] == [("weather", False)]


def test_a_stream_that_broke_off_says_so() -> None:
    record = normalize_stream(events(body())[:-1])
    assert record.finish_reason is None
    assert any("ended without" in warning for warning in record.warnings)


# --- version 1 -------------------------------------------------------------------------------------------------------

V1: Final[dict[str, Any]] = {
    "response_id": "bc1f1aa1",
    "generation_id": "d3ff0b3c",
    "text": "Paris is the capital.",
    "finish_reason": "MAX_TOKENS",
    "chat_history": [{"role": "USER", "message": "Hi"}],
    "citations": [{"start": 0, "end": 5, "text": "Paris", "document_ids": ["web-search_0"]}],
    "documents": [{"id": "web-search_0", "title": "Capitals", "url": "https://a.example", "snippet": "…"}],
    "search_results": [],
    "is_search_required": True,
    "tool_calls": [{"name": "weather", "parameters": {"city": "Paris"}}],
    "meta": {
        "api_version": {"version": "1"},
        "billed_units": USAGE["billed_units"],
        "tokens": USAGE["tokens"],
        "warnings": ["deprecated"],
    },
}


def test_an_answer_of_version_1_is_read() -> None:
    record = normalize(V1)
    assert (record.provider, record.api) == ("cohere", "chat")
    assert (record.response_id, record.finish_reason, record.truncated) == ("bc1f1aa1", "length", True)
    (cited,) = record.citations
    assert (cited.text, cited.file_id) == ("Paris", "web-search_0")
    assert (cited.title, cited.url) == ("Capitals", "https://a.example")
    assert [(one.name, one.args_size_bytes) for one in record.tool_calls] == [("weather", 16)]
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (500, 4)
    assert record.provider_data["meta"] == {"warnings": ["deprecated"]}
    assert record.unmapped == ()


def test_a_stream_of_version_1_ends_with_the_whole_answer() -> None:
    pieces = [
        {"event_type": "text-generation", "is_finished": False, "text": word} for word in V1["text"].split()
    ]
    start = {"event_type": "stream-start", "is_finished": False, "generation_id": V1["generation_id"]}
    end = {"event_type": "stream-end", "is_finished": True, "finish_reason": "MAX_TOKENS", "response": V1}
    assert facts(normalize_stream([start, *pieces, end])) == facts(normalize(V1))
    broken = normalize_stream("\n".join(map(json.dumps, [start, *pieces])))
    assert broken.provider == "cohere"
    assert any("ended without" in warning for warning in broken.warnings)


def test_texts_of_generate_are_read() -> None:
    answer = {
        "id": "gen-1",
        "prompt": "Hi",
        "generations": [
            {"id": "a", "text": "Paris.", "finish_reason": "MAX_TOKENS"},
            {"id": "b", "text": "Lyon."},
        ],
        "meta": {"billed_units": {"input_tokens": 5, "output_tokens": 2}},
    }
    record = normalize(answer, "cohere")
    assert (record.api, record.role, record.candidates) == ("generate", None, 2)
    assert (record.response_id, record.finish_reason) == ("gen-1", "length")
    assert record.usage is not None
    assert record.usage.input_tokens == 5
    stream = [{"text": "Paris.", "is_finished": False}, {"is_finished": True, "response": answer}]
    assert facts(normalize_stream(stream)) == facts(record)


@pytest.mark.parametrize("odd", [None, 7, "text", [7], {"a": 1}])
@pytest.mark.parametrize("key", ["content", "tool_calls", "citations", "tool_plan"])
def test_an_odd_part_costs_itself_alone(key: str, odd: Any) -> None:
    record = normalize(body(**{key: odd}))
    assert record.finish_reason == "stop"
    assert record.usage is not None
    assert record.usage.input_tokens == 500


def test_a_stream_of_generate_is_no_chat() -> None:
    whole = {"id": "gen-1", "generations": [{"id": "a", "text": "Paris.", "finish_reason": "COMPLETE"}]}
    pieces = [
        {"event_type": "text-generation", "is_finished": False, "text": "Paris."},
        {"event_type": "stream-end", "is_finished": True, "finish_reason": "COMPLETE", "response": whole},
    ]
    record = normalize_stream(pieces, "cohere")
    assert (record.api, record.response_id, record.unmapped) == ("generate", "gen-1", ())
    assert facts(record) == facts(normalize(whole, "cohere"))


def test_tokens_of_old_answers_of_version_1_outweigh_what_was_billed() -> None:
    count = {"prompt_tokens": 1376, "response_tokens": 60, "total_tokens": 1436, "billed_tokens": 83}
    billed = {"billed_units": {"input_tokens": 23, "output_tokens": 60}}
    record = normalize(V1 | {"token_count": count, "meta": billed})
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (1376, 60)
    assert record.provider_data["billed_units"] == billed["billed_units"]
