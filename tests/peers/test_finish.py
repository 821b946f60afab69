"""How an answer ended: the word that peers lose, leave raw, or make an error of."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_respmeta.demo import ReplayServer
from tests.peers.bodies import BEDROCK_SONNET, chat, claude, converse, gemini, response, said, spent
from tests.peers.calls import EVERY_WAY, STREAMS, ask, field

CLAUDE_USAGE = {"input_tokens": 10, "output_tokens": 2}
GEMINI_USAGE = {"promptTokenCount": 10, "candidatesTokenCount": 2, "totalTokenCount": 12}
CONVERSE_USAGE = {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12}
RESPONSE_USAGE = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}


@EVERY_WAY
def test_a_cut_response_is_cut_not_an_error(replay: ReplayServer, mode: str) -> None:
    """The Responses API has no finish reason: OTel's instrumentation says "error", OpenLLMetry and seven others nothing."""
    body = response(
        RESPONSE_USAGE,
        status="incomplete",
        incomplete_details={"reason": "max_output_tokens"},
        service_tier="priority",
    )
    record = ask(replay, "openai_responses", body, mode)
    assert (record.finish_reason, record.native_finish_reason) == ("length", "max_output_tokens")
    assert record.truncated is True
    assert record.error is None
    assert record.service_tier == "priority"


REFUSALS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "openai": (
        "openai",
        chat(spent(10, 2), message={"content": None, "refusal": "I can't help with that."}),
        {},
    ),
    "responses": (
        "openai_responses",
        response(
            RESPONSE_USAGE,
            [said("") | {"content": [{"type": "refusal", "refusal": "I can't help with that."}]}],
        ),
        {},
    ),
    "anthropic": (
        "anthropic",
        claude(CLAUDE_USAGE, stop_reason="refusal", stop_details={"type": "refusal", "category": "cyber"}),
        {},
    ),
    "gemini": ("google", gemini(GEMINI_USAGE, finish="SAFETY"), {}),
    "bedrock": ("bedrock", converse(CONVERSE_USAGE, "guardrail_intervened"), {"model": BEDROCK_SONNET}),
}
LOST_IN_STREAMS = ("openai",)
"""`ChatOpenAI` drops `delta.refusal`: the answer is empty, its word "stop", and nobody behind it can know better."""


@EVERY_WAY
@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_told(replay: ReplayServer, case: str, mode: str) -> None:
    """None of twelve handlers reads a refusal from LangChain's messages."""
    if case in LOST_IN_STREAMS and mode != "invoke":
        pytest.skip("the integration drops it on the way")
    provider, body, options = REFUSALS[case]
    record = ask(replay, provider, body, mode, **options)
    assert record.refused is True
    assert record.refusal is not None


def test_a_refusal_has_its_text_and_category(replay: ReplayServer) -> None:
    """It stands in four places: `additional_kwargs`, a content block, the stop details, a guardrail's trace."""
    openai = ask(replay, "openai", REFUSALS["openai"][1])
    assert field(openai, "refusal.reason") == "I can't help with that."
    assert openai.finish_reason == "stop"
    responses = ask(replay, "openai_responses", REFUSALS["responses"][1])
    assert field(responses, "refusal.reason") == "I can't help with that."
    anthropic = ask(replay, "anthropic", REFUSALS["anthropic"][1])
    assert (anthropic.finish_reason, field(anthropic, "refusal.category")) == ("refusal", "cyber")


WORDS: dict[str, tuple[str, dict[str, Any], dict[str, Any], str, str]] = {
    "chat": ("openai", chat(spent(10, 2), "length"), {}, "length", "length"),
    "message": ("anthropic", claude(CLAUDE_USAGE, stop_reason="max_tokens"), {}, "length", "max_tokens"),
    "paused": ("anthropic", claude(CLAUDE_USAGE, stop_reason="pause_turn"), {}, "pause", "pause_turn"),
    "context": (
        "anthropic",
        claude(CLAUDE_USAGE, stop_reason="model_context_window_exceeded"),
        {},
        "length",
        "model_context_window_exceeded",
    ),
    "gemini": ("google", gemini(GEMINI_USAGE, finish="MAX_TOKENS"), {}, "length", "MAX_TOKENS"),
    "converse": (
        "bedrock",
        converse(CONVERSE_USAGE, "stop_sequence"),
        {"model": BEDROCK_SONNET},
        "stop_sequence",
        "stop_sequence",
    ),
    "mistral": ("mistral", chat(spent(10, 2), "model_length"), {}, "length", "model_length"),
    "unheard": ("openai", chat(spent(10, 2), "lightning"), {}, "unknown", "lightning"),
}


@EVERY_WAY
@pytest.mark.parametrize("case", WORDS)
def test_one_vocabulary_for_all_with_the_providers_own_word_beside_it(
    replay: ReplayServer, case: str, mode: str
) -> None:
    """openinference#2901: no finish reason on spans. OpenLLMetry's nine entries know no Anthropic; aisuite's map loses
    what it does not know; mlflow hard-codes None."""
    provider, body, options, word, native = WORDS[case]
    record = ask(replay, provider, body, mode, **options)
    assert (record.finish_reason, record.native_finish_reason) == (word, native)
    assert record.truncated is (word == "length")


@STREAMS
def test_words_that_a_stream_repeats_are_told_once(replay: ReplayServer, mode: str) -> None:
    """langchainjs#11054, LibreChat#14087: "stopstop", and the model's name twice; langchainjs#11233: no name at all."""
    body = chat(spent(10, 2), "stop", service_tier="flex", system_fingerprint="fp_44709d6fcb")
    record = ask(replay, "openai", _said_twice(body), mode)
    assert (record.finish_reason, record.native_finish_reason) == ("stop", "stop")
    assert record.model == body["model"]
    assert (record.service_tier, record.system_fingerprint) == ("flex", "fp_44709d6fcb")


def _said_twice(body: dict[str, Any]) -> Any:
    """A server that ends the answer in two chunks, and says who it is in both."""
    import json

    from langchain_respmeta.demo import Answer

    frame = {**body, "object": "chat.completion.chunk"}
    del frame["usage"], frame["choices"]

    def chunk(delta: dict[str, Any], finish: str | None) -> str:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return f"data: {json.dumps({**frame, 'choices': choices})}\n\n"

    raw = chunk({"content": "Hi"}, None) + chunk({}, "stop") * 2 + "data: [DONE]\n\n"
    return Answer(raw=raw.encode(), content_type="text/event-stream")


@STREAMS
def test_a_stream_of_anthropic_names_its_model(replay: ReplayServer, mode: str) -> None:
    """langchainjs#11233: the model lost in streams."""
    record = ask(replay, "anthropic", claude(CLAUDE_USAGE), mode)
    assert record.model == claude(CLAUDE_USAGE)["model"]


def test_a_stop_sequence_that_matched_is_told(replay: ReplayServer) -> None:
    """langchain#39008 asks for vLLM's `stop_reason`; Anthropic's stands beside its word."""
    record = ask(replay, "anthropic", claude(CLAUDE_USAGE, stop_reason="stop_sequence", stop_sequence="END"))
    assert (record.finish_reason, record.stop_sequence) == ("stop_sequence", "END")


def test_a_word_that_means_tools_is_told_where_the_provider_has_none(replay: ReplayServer) -> None:
    """Gemini says STOP when it asks for tools, and so do the peers that read it."""
    body = gemini(GEMINI_USAGE)
    body["candidates"][0]["content"]["parts"] = [{"functionCall": {"name": "look", "args": {}}}]
    record = ask(replay, "google", body)
    assert (record.finish_reason, record.native_finish_reason) == ("tool_calls", "STOP")
