"""Text generation of Hugging Face's servers and of watsonx.ai, and their streams."""

from __future__ import annotations

from typing import Any, Final

import pytest

from langchain_respmeta import normalize, normalize_stream
from tests.providers.raw.same import facts

TOKENS: Final = [
    {"id": 1, "text": "Paris", "logprob": -0.5, "special": False},
    {"id": 2, "text": ".", "logprob": -1.5, "special": False},
    {"id": 3, "text": "</s>", "logprob": -2.5, "special": True},
]
TGI: Final[dict[str, Any]] = {
    "generated_text": "Paris.",
    "details": {
        "finish_reason": "length",
        "generated_tokens": 3,
        "input_length": 9,
        "seed": 7,
        "tokens": TOKENS,
    },
}


@pytest.mark.parametrize("body", [TGI, [TGI]], ids=["object", "list"])
def test_a_text_of_hugging_face_is_read(body: Any) -> None:
    record = normalize(body)
    assert (record.provider, record.api, record.role) == ("huggingface", "text_generation", None)
    assert (record.finish_reason, record.native_finish_reason, record.truncated) == ("length", "length", True)
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens, record.usage.total_tokens) == (9, 3, 12)
    assert record.logprobs is not None
    assert (record.logprobs.tokens, record.logprobs.mean) == (3, -1.5)


def test_its_stream_gives_the_record_of_the_whole_text() -> None:
    details = {key: value for key, value in TGI["details"].items() if key != "tokens"}
    events = [
        {"index": n, "token": token, "generated_text": None, "details": None}
        for n, token in enumerate(TOKENS)
    ]
    events[-1] |= {"generated_text": "Paris.", "details": details}
    assert facts(normalize_stream(events)) == facts(normalize(TGI))
    assert any("ended without" in warning for warning in normalize_stream(events[:-1]).warnings)


def test_a_text_without_details_tells_nothing_it_does_not_know() -> None:
    record = normalize({"generated_text": "Paris."})
    assert (record.finish_reason, record.usage, record.model) == (None, None, None)


def watsonx(**result: Any) -> dict[str, Any]:
    told = {
        "generated_text": "Paris.",
        "generated_token_count": 3,
        "input_token_count": 9,
        "stop_reason": "max_tokens",
    }
    return {
        "model_id": "ibm/granite-3-8b-instruct",
        "created_at": "2026-05-01T08:00:00.123Z",
        "results": [told | result],
    }


def test_a_text_of_watsonx_is_read() -> None:
    record = normalize(watsonx())
    assert (record.provider, record.model) == ("ibm.watsonx.ai", "ibm/granite-3-8b-instruct")
    assert (record.finish_reason, record.native_finish_reason) == ("length", "max_tokens")
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (9, 3)
    assert record.created_at is not None
    assert record.unmapped == ()


def test_its_pieces_give_the_record_of_the_whole() -> None:
    pieces = [
        watsonx(generated_text="", generated_token_count=0, stop_reason="not_finished"),
        watsonx(
            generated_text="Paris", generated_token_count=2, input_token_count=0, stop_reason="not_finished"
        ),
        watsonx(generated_text=".", input_token_count=0),
    ]
    assert facts(normalize_stream(pieces)) == facts(normalize(watsonx()))
    broken = normalize_stream(pieces[:2])
    assert broken.finish_reason is None
    assert any("ended without" in warning for warning in broken.warnings)
