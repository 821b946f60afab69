"""Every row reads as `normalize_run` reads its run: of all fixtures' answers, in each form, with and without the live record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from langchain_respmeta import UnreadableAnswer, normalize_run
from langchain_respmeta.history import live_drafts
from langchain_respmeta.history.batches import ReadOptions, normalize_batch, read_batch
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION
from tests.fuzz.corpus import seeds
from tests.handler.test_stored_parity import of_case, of_row, recorded
from tests.handler.traced_forms import as_columns, as_text, as_v2
from tests.providers.cases import CASES
from tests.providers.test_integration_outputs import OUTPUTS
from tests.table.drafts import stored

FORMS = {"v1": lambda run: run, "v2": as_v2, "text": as_text, "export": as_columns}
both = pytest.mark.parametrize("include_content", [True, False])


@cache
def of_cases() -> tuple[dict[str, Any], ...]:
    """A run of each of the providers' cases."""
    return tuple(of_case(case).stored() for case in CASES)


def batch_of(runs: list[dict[str, Any]]) -> pa.RecordBatch:
    """Runs as rows, JSON in text."""
    rows = [
        {
            name: json.dumps(value)
            if isinstance(value, dict | list)
            else None
            if value is None
            else str(value)
            for name, value in run.items()
        }
        for run in runs
    ]
    names = sorted({name for row in rows for name in row})
    return pa.RecordBatch.from_pydict(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def check(runs: list[dict[str, Any]], batch: pa.RecordBatch, **options: Any) -> None:
    """That each row says what `normalize_run` does of its run, or why it cannot."""
    read = read_batch(batch, ReadOptions(**options))
    assert read.runs == len(runs)
    told: Iterator[Mapping[str, Any]] = (
        row for row in read.table.to_pylist() if not row["respmeta_candidate_index"]
    )
    for run, row in zip(runs, told, strict=True):
        try:
            record = normalize_run(run, **options)
        except UnreadableAnswer:
            assert row["problem"]
            assert row["record"] is None
        else:
            assert row["problem"] is None
            assert json.loads(row["record"]) == record.to_dict()


@both
@pytest.mark.parametrize("form", FORMS)
def test_rows_of_each_form_are_read_as_their_runs(form: str, *, include_content: bool) -> None:
    runs = [FORMS[form](run) for run in of_cases()]
    check(runs, batch_of(runs), include_content=include_content)


@both
def test_what_the_fuzzer_begins_with_is_read_the_same(*, include_content: bool) -> None:
    runs = [
        json.loads(json.dumps(stored(seed.integration, seed.answer), default=str, skipkeys=True))
        for seed in seeds()
    ]
    check(runs, batch_of(runs), include_content=include_content)


@pytest.mark.shared
@pytest.mark.skipif(
    not OUTPUTS.exists(), reason="the recorded integration outputs are not beside the checkout"
)
def test_recorded_results_are_read_the_same() -> None:
    runs = [as_text(of_row(parameter.values[0]).stored()) for parameter in recorded()]
    check(runs, batch_of(runs))


# --- with the live record --------------------------------------------------------------------------------------------


def stamped(run: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """The run with the record of a handler on it, which knows more than its outputs."""
    record = {
        **normalize_run(run).to_dict(),
        "timing": {"latency_s": 9.25, "time_to_first_token_s": 0.5},
        "attempt": 2,
        "tool_executions": [{"tool_name": "search", "duration_s": 1.5, "tool_args": {"q": "x"}}],
        **facts,
    }
    metadata = {
        **run["extra"]["metadata"],
        "ours": record,
        "ours_schema_version": SCHEMA_VERSION,
        "ours_latency_s": 9.25,
    }
    return {**run, "extra": {**run["extra"], "metadata": metadata}}


@both
@pytest.mark.parametrize("prices", [True, False])
def test_what_only_the_live_side_saw_is_in_the_row(*, include_content: bool, prices: bool) -> None:
    computed = {"total": "0.5", "input": "0.5", "source": "computed", "currency": "USD"}
    told = {"total": "0.75", "source": "provider", "currency": "USD"}
    runs = [
        *(stamped(run) for run in of_cases()),
        *(stamped(run, cost=computed) for run in of_cases()[:20]),
        *(stamped(run, cost=told, http={"status_code": 200}) for run in of_cases()[:20]),
        stamped(of_cases()[0], timing={"latency_s": "no number"}),
    ]
    check(runs, batch_of(runs), include_content=include_content, prices=prices)
    table = normalize_batch(batch_of(runs[:1]), include_content=include_content, prices=prices)
    (row,) = table.to_pylist()
    assert (row["respmeta_latency_s"], row["respmeta_attempt"]) == (9.25, 2)


KNOWN: dict[str, dict[str, Any]] = {
    "more of everything": {
        "http": {"status_code": 200, "headers": {"x-request-id": "req_1"}},
        "usage": {"input_tokens": 99, "reasoning_tokens": 7},
        "safety": [{"category": "x", "source": "google", "scope": "prompt"}],
        "refusal": {"reason": "no", "source": "message"},
        "created_at": "2026-01-01T00:00:00+00:00",
        "role": "<5 characters>",
        "langchain_cache_hit": True,
    },
    "a cost of the provider's": {"cost": {"total": "0.75", "source": "provider", "currency": "EUR"}},
    "trimmed": {"trimmed": {"texts": 2}},
    "calls": {"tool_calls": [{"name": "search"}], "citations": [{"type": "url", "url": "https://x.test"}]},
}
ODD: dict[str, dict[str, Any]] = {
    "a word that no release knows": {"finish_reason": "tired"},
    "a word in an item": {"safety": [{"category": "x", "source": "google", "scope": "everywhere"}]},
    "an unknown field": {"colour": "red"},
    "an unknown field of a part": {"usage": {"colours": 3}},
    "a count in text": {"usage": {"input_tokens": "99"}},
    "a time without a zone": {"created_at": "2026-01-01T00:00:00"},
    "a time elsewhere": {"created_at": "2026-01-01T00:00:00+02:00"},
    "a decimal with an exponent": {"cost": {"total": "1E-7", "source": "computed"}},
    "a decimal as a number": {"cost": {"total": 0.5, "source": "computed"}},
    "a part without what it must have": {"error": {"message": "no"}},
    "an empty part": {"rate_limits": {}},
    "null for a word": {"provider": None},
    "headers of numbers": {"http": {"headers": {"x": 1}}},
    "a newer version": {"schema_version": "1.9"},
    "another version": {"schema_version": "9.0"},
    "texts for a list": {"tool_calls": "search"},
    "numbers among texts": {"unmapped": [1]},
}


@both
@pytest.mark.parametrize("facts", [*KNOWN, *ODD])
def test_any_live_record_is_read_as_the_typed_way_reads_it(facts: str, *, include_content: bool) -> None:
    runs = [stamped(run, **{**KNOWN, **ODD}[facts]) for run in of_cases()[::5]]
    check(runs, batch_of(runs), include_content=include_content)


@both
def test_a_live_record_makes_the_same_row_either_way(
    monkeypatch: pytest.MonkeyPatch, *, include_content: bool
) -> None:
    """To the byte, so that it does not matter where a batch is read."""
    runs = [stamped(run, **facts) for facts in KNOWN.values() for run in of_cases()[::5]]
    quick = normalize_batch(batch_of(runs), include_content=include_content)
    asked = []

    def typed(*_: Any, **__: Any) -> Any:
        asked.append(1)
        raise ValueError

    monkeypatch.setattr(live_drafts, "with_live_data", typed)
    assert normalize_batch(batch_of(runs), include_content=include_content).equals(quick)
    assert len(asked) == len(runs)
