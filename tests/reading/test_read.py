"""Properties of the reading itself: merged texts, headers, drift, bad input, candidates."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta import RunStart, normalize
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import drift
from langchain_respmeta._reading.read import draft_of, drafts_of
from langchain_respmeta._reading.repetitions import once
from langchain_respmeta.providers.engine.answers import answers_of
from langchain_respmeta.providers.rows import ROWS
from langchain_respmeta.record.typed import record_of


@pytest.mark.parametrize(
    ("merged", "text"),
    [
        ("stopstop", "stop"),
        ("defaultdefaultdefault", "default"),
        ("gpt-5.4-2026-03-05gpt-5.4-2026-03-05", "gpt-5.4-2026-03-05"),
        ("eoseos", "eos"),
        ("stop", "stop"),
        ("gpt-4o", "gpt-4o"),
        ("fp_111111", "fp_111111"),
        ("mimi", "mimi"),
    ],
)
def test_what_a_merge_repeated_is_told_once(merged: str, text: str) -> None:
    assert once(merged) == text


def read(headers: dict[str, str]) -> Any:
    return normalize({"type": "ai", "content": "x", "response_metadata": {"headers": headers}})


@pytest.mark.parametrize(
    ("headers", "field", "value"),
    [
        ({"x-ratelimit-limit-tokens": "200000"}, "tokens_limit", 200_000),
        ({"x-ratelimit-reset-tokens": "1m26.4s"}, "tokens_reset_s", 86.4),
        ({"x-ratelimit-reset-tokens": "17ms"}, "tokens_reset_s", 0.017),
        ({"anthropic-ratelimit-input-tokens-remaining": "79000"}, "input_tokens_remaining", 79_000),
        (
            {
                "anthropic-ratelimit-requests-reset": "2026-11-20T10:00:30Z",
                "date": "Fri, 20 Nov 2026 10:00:00 GMT",
            },
            "requests_reset_s",
            30.0,
        ),
        ({"x-ratelimit-limit-tokens-minute": "500000"}, "tokens_limit", 500_000),
        ({"x-ratelimit-remaining-req-minute": "58"}, "requests_remaining", 58),
        ({"x-ratelimitbysize-remaining-minute": "499"}, "tokens_remaining", 499),
        ({"x-ratelimit-remaining-tokens-prompt": "9"}, "input_tokens_remaining", 9),
        ({"x-ratelimit-limit-requests-day": "14400"}, "requests_limit", 14_400),
        ({"ratelimit-limit": "100, 100;w=60"}, "requests_limit", 100),
        ({"x-ratelimit-remaining": "29"}, "requests_remaining", 29),
        (
            {"x-ratelimit-reset": "1763632826000", "date": "Thu, 20 Nov 2025 10:00:00 GMT"},
            "requests_reset_s",
            26.0,
        ),
        ({"retry-after": "77"}, "retry_after_s", 77.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "retry_after_s", 1.5),
        ({"x-ratelimit-remaining-tokens": "-1", "retry-after": "1"}, "tokens_remaining", None),
    ],
)
def test_rate_limits_of_all_vendors(headers: dict[str, str], field: str, value: Any) -> None:
    record = read(headers)
    assert getattr(record.rate_limits, field) == value
    assert record.warnings == ()


def test_headers_keep_only_what_is_listed() -> None:
    record = read(
        {"Authorization": "Bearer x", "Set-Cookie": "y", "openai-organization": "o", "X-Request-Id": "r"}
    )
    assert record.http is not None
    assert record.http.headers == {"x-request-id": "r"}
    assert "Bearer" not in json.dumps(record.to_dict(), default=str)


def test_drift_is_said_once_in_the_log_and_without_values(caplog: pytest.LogCaptureFixture) -> None:
    message = {"type": "ai", "content": "x", "response_metadata": {"aura": "secret", "model_name": "m"}}
    with caplog.at_level(logging.INFO, "langchain_respmeta"):
        records = [normalize(message, start={"serialized_id": ["ChatGroq"]}) for _ in range(3)]
    assert records[0].unmapped == ("aura",)
    assert records[0].provider_data["aura"] == "secret"
    (line,) = [record.getMessage() for record in caplog.records]
    assert "groq" in line
    assert "aura" in line
    assert "secret" not in line


def test_several_candidates_count_their_usage_once() -> None:
    def generation(word: str) -> dict[str, Any]:
        counts = {"input_tokens": 5, "output_tokens": 6, "total_tokens": 11}
        return {
            "message": {"type": "ai", "response_metadata": {"finish_reason": word}, "usage_metadata": counts}
        }

    output = {"model_name": "gpt-5.4", "id": "chatcmpl-1", "model_provider": "openai"}
    result = {"generations": [[generation("stop"), generation("length")]], "llm_output": output}
    first, second = drafts_of(answers_of(result), RunStart(integration="ChatOpenAI"))
    assert (first["finish_reason"], second["finish_reason"]) == ("stop", "length")
    assert first["usage.total_tokens"] == 11
    assert "usage.total_tokens" not in second
    assert second["model"] == "gpt-5.4"
    assert (second["candidates"], second["candidate_index"]) == (2, 1)


def test_text_of_a_completion_model() -> None:
    result = {"generations": [[{"text": "Hi", "generation_info": {"finish_reason": "stop"}}]]}
    record = normalize(result, start={"serialized_id": ["OpenAI"], "metadata": {"ls_provider": "openai"}})
    assert (record.api, record.finish_reason) == ("completions", "stop")


def test_names_of_our_own_in_provider_data_do_not_clash_with_a_strangers() -> None:
    taken = {"content_blocks": "x", "additional_kwargs": 5}
    message = {"type": "ai", "content": [{}], "response_metadata": taken, "additional_kwargs": {"aura": 1}}
    record = normalize(message, start={"serialized_id": ["ChatGroq"]})
    assert record.provider_data["content_blocks"] == ["x", {}]
    assert record.provider_data["additional_kwargs"] == {"": 5, "aura": 1}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)
KEYS = sorted({key.split(".")[0] for row in ROWS for key in row.reader.metadata})
CLASSES = st.sampled_from([row.classes[0] for row in ROWS] + ["ChatNobody"])


@given(
    CLASSES,
    st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6),
    st.dictionaries(
        st.sampled_from(["refusal", "tool_calls", "citations", "function_call", "annotations"]), ANYTHING
    ),
    ANYTHING,
    ANYTHING,
)
def test_whatever_comes_is_read_without_an_exception_and_goes_to_json(
    cls: str, metadata: Any, kwargs: Any, content: Any, usage: Any
) -> None:
    message = {
        "type": "ai",
        "content": content,
        "response_metadata": metadata,
        "additional_kwargs": kwargs,
        "usage_metadata": usage,
        "tool_calls": [content],
    }
    record = normalize(message, start={"serialized_id": [cls], "metadata": {"ls_provider": content}})
    json.dumps(record.to_dict(), allow_nan=False)
    result = record_of(draft_of({"generations": content, "llm_output": metadata}), include_content=True)
    json.dumps(result.to_dict(), allow_nan=False)


def test_drift_is_said_for_so_many_paths_and_not_without_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "MAX_SHOWN", 3)
    with caplog.at_level("INFO", "langchain_respmeta"):
        for number in range(20):
            drift.note("acme", [f"path-{number}"])
    assert len(caplog.records) == len(STATE[drift.SHOWN]) == 3
