"""Counts that disagree: the record has the provider's total and a warning, and no price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta.cli.demo.wire import Event
from langchain_respmeta.demo import Answer, ReplayServer
from tests.peers.bodies import BEDROCK_SONNET, MINI, SONNET, chat, claude, converse, spent
from tests.peers.calls import EVERY_WAY, ask, counts, tokens

WHOLES = {
    "input_tokens": 100,
    "cache_read_input_tokens": 2000,
    "cache_creation_input_tokens": 900,
    "output_tokens": 50,
}


def halves(short: int, long: int) -> dict[str, Any]:
    told = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    return {**WHOLES, "cache_creation": told}


def unpriced(record: Any) -> str | None:
    return record.cost.unpriced_reason if record.cost.total is None else None


@pytest.mark.parametrize(("short", "long"), [(40, 0), (0, 40), (300, 200)])
def test_writes_by_lifetime_that_are_less_than_all_writes(
    replay: ReplayServer, short: int, long: int
) -> None:
    """LangChain puts the lifetimes in the place of the whole; then input and writes lack the rest."""
    record = ask(replay, "anthropic", claude(halves(short, long)))
    assert tokens(record, "input", "total", "cache_read", "cache_write") == (3000, 3050, 2000, 900)
    assert tokens(record, "cache_write_5m", "cache_write_1h") == (short, long)
    assert record.warnings == (
        f"usage: cache writes by lifetime {short + long} are not cache_write_tokens 900",
    )
    assert unpriced(record) == "usage_inconsistent"


@pytest.mark.parametrize(("short", "long"), [(0, 0), (600, 300), (900, 0)])
def test_lifetimes_that_add_up_are_no_disagreement(replay: ReplayServer, short: int, long: int) -> None:
    record = ask(replay, "anthropic", claude(halves(short, long)))
    assert tokens(record, "input", "total", "cache_write") == (3000, 3050, 900)
    assert record.warnings == ()
    assert unpriced(record) is None


@EVERY_WAY
def test_a_lifetime_without_a_field_is_part_of_the_writes(replay: ReplayServer, mode: str) -> None:
    lives = {f"ephemeral_{life}_input_tokens": n for life, n in (("5m", 100), ("1h", 0), ("24h", 300))}
    usage = spent(1000, 20, cache_creation_input_tokens=400, cache_creation=lives)
    record = ask(replay, "openai", chat(usage), mode)
    assert record.unmapped == ()
    assert record.warnings == ()
    if mode == "invoke":  # LangChain drops the rest of the usage of streams
        assert tokens(record, "cache_write", "cache_write_5m", "cache_write_1h") == (400, 100, 0)
        assert record.provider_data["cache_creation"] == {"24h": 300}


ABOVE = [
    ("input_tokens", "prompt_tokens_details", {"image_tokens": 101}, "input_image_tokens 101"),
    ("input_tokens", "prompt_tokens_details", {"video_tokens": 101}, "input_video_tokens 101"),
    ("input_tokens", "prompt_tokens_details", {"audio_tokens": 101}, "input_audio_tokens 101"),
    ("input_tokens", "prompt_tokens_details", {"cached_tokens": 101}, "cache_read_tokens 101"),
    ("output_tokens", "completion_tokens_details", {"image_tokens": 101}, "output_image_tokens 101"),
    ("output_tokens", "completion_tokens_details", {"audio_tokens": 101}, "output_audio_tokens 101"),
    ("output_tokens", "completion_tokens_details", {"reasoning_tokens": 101}, "reasoning_tokens 101"),
    (
        "output_tokens",
        "completion_tokens_details",
        {"rejected_prediction_tokens": 101},
        "rejected_prediction_tokens 101",
    ),
    (
        "input_tokens",
        "prompt_tokens_details",
        {"image_tokens": 60, "audio_tokens": 70},
        "input_audio_tokens 70 + input_image_tokens 60",
    ),
    (
        "input_tokens",
        "prompt_tokens_details",
        {"cached_tokens": 60, "cache_write_tokens": 70},
        "cache_read_tokens 60 + cache_write_tokens 70",
    ),
]


@pytest.mark.parametrize(("whole", "place", "parts", "told"), ABOVE, ids=[told for *_, told in ABOVE])
def test_parts_above_their_whole(
    replay: ReplayServer, whole: str, place: str, parts: dict[str, int], told: str
) -> None:
    record = ask(replay, "openai", chat(spent(100, 100, **{place: parts})))
    assert record.warnings == (f"usage: {told} is more than {whole} 100",)
    assert unpriced(record) == "usage_inconsistent"


@EVERY_WAY
def test_a_total_that_is_no_sum_is_told_and_no_count_is_made_of_the_rest(
    replay: ReplayServer, mode: str
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 190}
    record = ask(replay, "openai", chat(usage), mode)
    assert tokens(record, "input", "output", "total") == (100, 50, 190)
    assert record.warnings == ("usage: input 100 + output 50 is not total 190",)
    assert unpriced(record) == "usage_inconsistent"


def test_a_remainder_of_vertex_ai_has_no_name() -> None:
    usage = {"prompt_token_count": 1117, "candidates_token_count": 223, "total_token_count": 1441}
    told = {"type": "ai", "content": "hi", "response_metadata": {"usage_metadata": usage}}
    record = normalize(told, start={"serialized": {"id": ["ChatVertexAI"]}})
    assert counts(record) == {"input": 1117, "output": 223, "total": 1441}
    assert record.warnings == ("usage: input 1117 + output 223 is not total 1441",)


@EVERY_WAY
def test_thoughts_behind_googles_openai_endpoint_stand_in_the_total_alone(
    replay: ReplayServer, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where the dialect explains the rest of the total: see the test above."""
    chunks = [
        {
            "id": "c-1",
            "object": "chat.completion.chunk",
            "created": 1_780_000_000,
            "model": "gemini-2.5-flash",
            "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop" if last else None}],
            "usage": {"prompt_tokens": 20, "completion_tokens": made, "total_tokens": 120 + made},
        }
        for made, last in ((3, False), (9, False), (14, True))
    ]
    whole = chat(
        {"prompt_tokens": 20, "completion_tokens": 14, "total_tokens": 134}, model="gemini-2.5-flash"
    )
    answer = Answer(whole, events=[*map(Event, chunks), Event("[DONE]")]) if mode != "invoke" else whole
    monkeypatch.setattr(
        "langchain_respmeta.providers.engine.run_start.host_of", lambda _: "generativelanguage.googleapis.com"
    )
    record = ask(replay, "openai", answer, mode)
    assert record.provider == "gcp.gemini"
    assert tokens(record, "input", "output", "total", "reasoning") == (20, 114, 134, None)
    assert record.warnings == ()


# --- zeros that were told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("generativelanguage.googleapis.com", "gcp.gemini"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"),
        ("api.llama.com", "meta"),
        ("adb-1.azuredatabricks.net", "databricks"),
    ],
)
@EVERY_WAY
def test_a_zero_in_openais_dialect_was_told(
    replay: ReplayServer, host: str, provider: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a vendor's own integration fills in, ChatOpenAI does not."""
    monkeypatch.setattr("langchain_respmeta.providers.engine.run_start.host_of", lambda _: host)
    details = {"prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}
    record = ask(replay, "openai", chat(spent(100, 5, **details), model="m"), mode)
    assert record.provider == provider
    assert tokens(record, "cache_read", "input_audio") == (0, 0)


@EVERY_WAY
def test_a_server_of_ones_own_tells_zeros_too(replay: ReplayServer, mode: str) -> None:
    body = chat(
        spent(100, 5, prompt_tokens_details={"cached_tokens": 0}), system_fingerprint="b7010-1a2b3c4d"
    )
    assert tokens(ask(replay, "openai", body, mode), "cache_read") == (0,)


@EVERY_WAY
@pytest.mark.parametrize(("read", "written"), [(0, 700), (700, 0), (0, 0), (None, None)])
def test_bedrock_tells_both_counts_of_its_cache_or_none(
    replay: ReplayServer, read: int | None, written: int | None, mode: str
) -> None:
    told = {"cacheReadInputTokens": read, "cacheWriteInputTokens": written} if read is not None else {}
    total = 15 + (read or 0) + (written or 0)
    usage = {"inputTokens": 10, "outputTokens": 5, "totalTokens": total, **told}
    record = ask(replay, "bedrock", converse(usage), mode, model=BEDROCK_SONNET)
    assert tokens(record, "cache_read", "cache_write") == (
        (read, written) if read or written else (None, None)
    )


# --- counts under other names ----------------------------------------------------------------------------------------


def test_sound_in_the_prompt_of_azures_grok(replay: ReplayServer) -> None:
    record = ask(replay, "openai", chat(spent(90, 5, audio_prompt_tokens=30)))
    assert tokens(record, "input_audio") == (30,)
    assert record.unmapped == ()


def test_what_servers_of_ones_own_measure(replay: ReplayServer) -> None:
    """Within the usage: in milliseconds, as the names say, or in seconds."""
    speeds = {
        "time_to_first_token_ms": 250.0,
        "tokens_per_second": 40.5,
        "time_per_output_token_ms": 24.7,
        "prompt_tokens_per_second": 900.0,
        "draft_tokens": 0,
        "draft_tokens_acceptance": 0.0,
    }
    record = ask(replay, "openai", chat(spent(90, 5, **speeds)))
    assert record.timing.time_to_first_token_s == 0.25
    assert record.timing.tokens_per_second == 40.5
    assert record.unmapped == ()
    local = ask(
        replay, "openai", chat(spent(9, 5, timing_prompt_processing=80.0, timing_token_generation=400.0))
    )
    assert (local.timing.prompt_s, local.timing.completion_s) == (0.08, 0.4)


def cohere(usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "ai",
        "content": "hi",
        "response_metadata": {"finish_reason": "COMPLETE", "token_count": usage},
    }


def test_coheres_details_are_told_and_compared() -> None:
    start = {"serialized": {"id": ["ChatCohere"]}}
    record = normalize(
        cohere({"input_tokens": 40.0, "output_tokens": 9.0, "reasoning_tokens": 4, "image_tokens": 60}),
        start=start,
    )
    assert tokens(record, "input", "output", "reasoning", "input_image") == (40, 9, 4, 60)
    assert record.warnings == ("usage: input_image_tokens 60 is more than input_tokens 40",)


def test_a_warning_that_only_begins_like_a_disagreement_takes_no_price_away() -> None:
    """The price asks the draft, not the words of its warnings."""
    counts: Any = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    usage: Any = {**counts, "input_token_details": {"cache_read": 0}}
    metadata = {"model_provider": "anthropic", "model_name": SONNET, "usage": "odd"}
    told = AIMessage("Uruk", usage_metadata=usage, response_metadata={**metadata, "stop_reason": "end_turn"})
    handler = RespMetaHandler(feedback=False)
    FakeMessagesListChatModel(responses=[told]).invoke("Hi", {"callbacks": [handler]})
    (record,) = handler.records
    assert record.warnings == ("usage: expected an object, got str",)
    assert record.cost.total == Decimal("0.0045")


def test_what_waits_for_the_price_stands_in_no_record() -> None:
    told = {"input_tokens": 100, "output_tokens": 50, "total_tokens": 190}
    metadata = {"model_provider": "openai", "model_name": MINI}
    record = normalize({"type": "ai", "content": "hi", "usage_metadata": told, "response_metadata": metadata})
    assert record.warnings == ("usage: input 100 + output 50 is not total 190",)
    assert not any(key.startswith("_") for key in record.to_dict())
