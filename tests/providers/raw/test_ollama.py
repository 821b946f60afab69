"""Ollama's chat and generate, and their streams: as JSON, and as `ChatOllama` and `OllamaLLM` read them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from langchain_respmeta import RespMetaHandler, normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer, recorded_answer
from tests.providers.raw.same import facts, lacking

COUNTS: Final = {
    "done": True,
    "done_reason": "stop",
    "total_duration": 4_883_583_458,
    "load_duration": 1_334_875,
    "prompt_eval_count": 26,
    "prompt_eval_duration": 342_546_000,
    "eval_count": 28,
    "eval_duration": 4_535_599_000,
}
HEAD: Final = {"model": "qwen3:4b", "created_at": "2026-05-01T08:00:00.123456789Z"}
CALL: Final = {"function": {"name": "weather", "arguments": {"city": "Paris"}}}


def chat(reason: str = "stop", **message: Any) -> dict[str, Any]:
    return (
        HEAD
        | {"message": {"role": "assistant", "content": "Paris."} | message}
        | COUNTS
        | {"done_reason": reason}
    )


BODIES: Final[dict[str, dict[str, Any]]] = {
    "text": chat(),
    "cut": chat("length"),
    "tools": chat(content="", tool_calls=[CALL, CALL]),
    "thoughts": chat(thinking="Easy."),
    "probable": chat() | {"logprobs": [{"token": "Paris", "logprob": -0.5}, {"token": ".", "logprob": -1.5}]},
}
TEXT: Final = HEAD | {"response": "Paris.", "thinking": "Easy.", "context": [1, 2, 3]} | COUNTS


def lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer as it is streamed: a letter a line, then the counts."""
    message = body["message"]
    pieces = [{"thinking": letter, "content": ""} for letter in message.get("thinking", "")]
    pieces += [{"content": letter} for letter in message["content"]]
    pieces += [{"content": "", "tool_calls": [call]} for call in message.get("tool_calls", [])]
    rest = {key: value for key, value in body.items() if key not in ("message", "logprobs")}
    made = [HEAD | {"message": {"role": "assistant"} | piece, "done": False} for piece in pieces]
    for line, token in zip(made, body.get("logprobs", []), strict=False):
        line["logprobs"] = [token]
    return [*made, rest | {"message": {"role": "assistant", "content": ""}}]


@pytest.mark.parametrize("name", BODIES)
def test_a_stream_gives_the_record_of_the_whole_answer(name: str) -> None:
    whole, streamed = normalize(BODIES[name]), lines(BODIES[name])
    sent = "\n".join(map(json.dumps, streamed))
    assert facts(normalize_stream(streamed)) == facts(normalize_stream(sent)) == facts(whole)
    assert whole.unmapped == whole.warnings == ()


@pytest.mark.parametrize("name", BODIES)
def test_the_sdks_object_gives_the_record_of_its_json(name: str) -> None:
    sdk = pytest.importorskip("ollama", reason="Ollama's SDK is not among the locked packages")
    assert facts(normalize(sdk.ChatResponse(**BODIES[name]))) == facts(normalize(BODIES[name]))


REMADE: Final = (".id", "args_size_bytes")
"""What LangChain makes anew of a call."""


@pytest.mark.parametrize("name", BODIES)
def test_the_body_says_all_that_langchains_message_says(replay: ReplayServer, name: str) -> None:
    module = pytest.importorskip(
        "langchain_ollama", reason="langchain-ollama is not among the locked packages"
    )
    handler = RespMetaHandler(feedback=False, include_content=True)
    answer = recorded_answer("ndjson", "\n".join(map(json.dumps, lines(BODIES[name]))))
    model = module.ChatOllama(model="qwen3:4b", base_url=replay.add("ollama", name, answer), reasoning=True)
    model.invoke("Hi", {"callbacks": [handler]})
    told = lacking(facts(normalize(BODIES[name])), facts(handler.records[0]))
    assert [one for one in told if not any(part in one for part in REMADE)] == []


def test_counts_times_and_calls_stand_in_their_fields() -> None:
    record = normalize(BODIES["tools"])
    assert (record.provider, record.api, record.model) == ("ollama", "chat", "qwen3:4b")
    assert (record.finish_reason, record.native_finish_reason) == ("tool_calls", "stop")
    assert [call.name for call in record.tool_calls] == ["weather", "weather"]
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens, record.usage.total_tokens) == (26, 28, 54)
    assert record.timing is not None
    assert (record.timing.provider_total_s, record.timing.load_s) == (4.883583458, 0.001334875)


def test_a_text_of_generate_is_no_message() -> None:
    record = normalize(TEXT)
    assert (record.api, record.role, record.finish_reason) == ("generate", None, "stop")
    assert record.reasoning is not None
    assert record.reasoning.text == "Easy."
    pieces = [HEAD | {"response": letter, "done": False} for letter in "Paris."]
    last = HEAD | COUNTS | {"response": "", "context": [1, 2, 3]}
    thoughts = [HEAD | {"response": "", "thinking": letter, "done": False} for letter in "Easy."]
    assert facts(normalize_stream([*thoughts, *pieces, last])) == facts(record)


def test_a_stream_that_broke_off_says_so() -> None:
    record = normalize_stream(lines(chat())[:-1])
    assert (record.finish_reason, record.usage) == (None, None)
    assert any("ended without" in warning for warning in record.warnings)


@pytest.mark.parametrize("odd", [None, 7, "text", [7], {"a": 1}])
@pytest.mark.parametrize("key", ["content", "tool_calls", "thinking"])
def test_an_odd_part_costs_itself_alone(key: str, odd: Any) -> None:
    for record in (normalize(chat(**{key: odd})), normalize_stream([chat(**{key: odd})])):
        assert record.finish_reason is not None
        assert record.usage is not None
        assert record.usage.input_tokens == 26
