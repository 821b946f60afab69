"""Columns hold what the record and the flat keys of its run hold; the quick way and the general code tell the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pytest

from langchain_respmeta.record.flat_values import flat_keys
from langchain_respmeta.record.typed import record_of
from langchain_respmeta.table import columns
from langchain_respmeta.table.columns import batch_of
from langchain_respmeta.table.schema import table_schema
from langchain_respmeta.table.ticks import ticks_of
from tests.table.drafts import of_seeds, plain_draft

both = pytest.mark.parametrize("include_content", [True, False])


def told(drafts: Any, *, include_content: bool = True) -> list[dict[str, Any]]:
    """Rows of the table, without what is null."""
    table = batch_of(cast("Any", drafts), include_content=include_content)
    table.validate(full=True)
    assert table.schema.equals(table_schema(), check_metadata=True)
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


@both
def test_a_row_holds_the_record_and_the_flat_keys_of_its_run(*, include_content: bool) -> None:
    for draft, row in zip(of_seeds(), told(of_seeds(), include_content=include_content), strict=True):
        record = record_of(draft, include_content=include_content).to_dict()
        assert json.loads(row["record"]) == record
        assert {
            name: value for name, value in row.items() if name in flat_keys(draft, "respmeta")
        } == flat_keys(draft, "respmeta")
        extra = {name for name in row if name.startswith("respmeta_")} - flat_keys(draft, "respmeta").keys()
        assert extra <= {"respmeta_candidates", "respmeta_candidate_index"}
        assert row.get("respmeta_candidates") == draft.get("candidates")
        assert row.get("respmeta_candidate_index") == draft.get("candidate_index")
        for name in ("tool_calls", "citations", "safety"):
            assert (name in row) == (name in draft)
            items = [
                {key: value for key, value in one.items() if value is not None} for one in row.get(name, [])
            ]
            assert items == record.get(name, [])


@both
def test_the_quick_way_tells_what_the_general_code_does_to_the_byte(
    monkeypatch: pytest.MonkeyPatch, *, include_content: bool
) -> None:
    monkeypatch.setattr(columns, "SHAPE_AT", 1)
    quick = told(of_seeds(), include_content=include_content)
    monkeypatch.setattr(columns, "_shape", lambda *_, **__: None)
    assert told(of_seeds(), include_content=include_content) == quick


def test_the_quick_way_is_taken_for_what_providers_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "SHAPE_AT", 1)
    general = []
    monkeypatch.setattr(columns, "_general", lambda draft, **_: general.append(draft) or {})
    told(of_seeds())
    assert len(general) < len(of_seeds()) / 50


class Text(str):
    """A text that JSON's writers may look at twice."""

    __slots__ = ()


ODD: dict[str, Any] = {
    "half an emoji": plain_draft(model="gpt\ud83d"),
    "another alphabet": plain_draft(model="модель", response_id="ключ-1"),
    "no number": plain_draft(timing__latency_s=float("nan")),
    "without end": plain_draft(timing__latency_s=float("inf")),
    "beyond 64 bits": plain_draft(usage__input_tokens=2**70),
    "beyond 63 bits": plain_draft(usage__input_tokens=2**63),
    "below 63 bits": plain_draft(usage__input_tokens=-(2**63) - 1),
    "a float for a count": plain_draft(usage__input_tokens=1.5),
    "true for a count": plain_draft(usage__input_tokens=True),
    "a count for a float": plain_draft(timing__latency_s=3),
    "a count for a text": plain_draft(model=4),
    "a text of another class": plain_draft(model=Text("gpt-4o")),
    "nothing for a text": plain_draft(model=None),
    "nothing for a count": plain_draft(usage__input_tokens=None),
    "no decimal": plain_draft(cost__total=Decimal("NaN")),
    "a decimal without end": plain_draft(cost__total=Decimal("Infinity")),
    "a tiny decimal": plain_draft(cost__total=Decimal("1.5E-9")),
    "a huge decimal": plain_draft(cost__total=Decimal("1E+500")),
    "a local time": plain_draft(received_at=datetime(2026, 3, 4)),  # noqa: DTZ001 - on purpose
    "a time elsewhere": plain_draft(received_at=datetime(2026, 3, 4, tzinfo=timezone(timedelta(hours=2)))),
    "no judgement": {
        key: value for key, value in plain_draft().items() if key not in ("refused", "truncated")
    },
    "an empty mapping": plain_draft(provider_data={}),
    "empty lists": plain_draft(tool_calls=[], citations=[], safety=[], warnings=[], unmapped=[]),
    "odd numbers inside": plain_draft(provider_data={"a": [float("nan"), 2**80, {"b": float("-inf")}]}),
    "a secret": plain_draft(
        model="sk-ant-api03-abcdefghijklmnop",
        provider_data={"api_key": "abcdefghijkl", "t": "sk-abcdefghijklmnop"},
    ),
    "a long text": plain_draft(model="m" * 3_000, response_id="r" * 3_000),
    "words": plain_draft(
        model="a model of our own", **{"refusal.reason": "I must not.", "refusal.source": "stop_reason"}
    ),
    "a state": plain_draft(updated_session_state={"note": "buy milk", "two words": 3}),
    "calls": plain_draft(
        tool_calls=[
            {"id": "call_1", "name": "search", "valid": True},
            {"name": None, "valid": False, "args_size_bytes": 2**65},
        ]
    ),
    "ratings": plain_draft(safety=[{"category": "hate", "source": "google", "score": float("nan")}]),
    "a source": plain_draft(
        citations=[{"type": "url", "url": "https://x.test/a?sig=abc", "title": "Our plan"}]
    ),
    "a version": plain_draft(schema_version="1.0"),
    "an error": plain_draft(
        **{"error.type": "RateLimitError", "error.message": "slow down", "event": "error"}
    ),
    "a note": plain_draft(
        warnings=["usage: does not add up", "Mein Plan: is text"], unmapped=["a.b", "zwei Worte"]
    ),
}
REFUSED: dict[str, Any] = {
    "a text for a count": plain_draft(usage__input_tokens="many"),
    "odd keys inside": plain_draft(provider_data={1: "one", None: "none"}),
    "an unknown field": plain_draft(colour="red"),
    "an unknown field of an item": plain_draft(tool_calls=[{"colour": "red", "valid": True}]),
    "an item without what it must have": plain_draft(citations=[{"url": "https://x.test"}]),
    "a part without what it must have": plain_draft(**{"error.code": "no"}),
}


@both
@pytest.mark.parametrize("name", ODD)
def test_odd_values_are_told_like_the_record_tells_them(name: str, *, include_content: bool) -> None:
    """Among others, whose shape it has; the others are what they are without it."""
    drafts = [
        plain_draft(),
        *[plain_draft(run_id=str(n)) for n in range(9)],
        ODD[name],
        plain_draft(),
        ODD[name],
    ]
    rows = told(drafts, include_content=include_content)
    usual = told([plain_draft()], include_content=include_content)[0]
    assert rows[0] == rows[11] == usual
    assert rows[10] == rows[12]
    record = record_of(ODD[name], include_content=include_content).to_dict()
    assert json.loads(rows[10]["record"]) == json.loads(json.dumps(record))
    flat = {
        key: value
        for key, value in flat_keys(ODD[name], "respmeta").items()
        if isinstance(value, str | bool) or -(2**63) <= value < 2**63
    }
    if name in ("a float for a count", "true for a count", "a count for a text"):
        del flat["respmeta_model" if name.endswith("text") else "respmeta_input_tokens"]
        flat.pop("respmeta_cache_read_share", None)
        rows[10].pop("respmeta_cache_read_share", None)
    shown = {key: value for key, value in rows[10].items() if key.startswith("respmeta_")}
    assert shown == {
        key: value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if isinstance(value, str)
        else value
        for key, value in flat.items()
    }


@both
@pytest.mark.parametrize("name", REFUSED)
def test_a_draft_of_no_record_is_a_row_with_a_problem(name: str, *, include_content: bool) -> None:
    drafts = [*[plain_draft()] * 5, *[REFUSED[name]] * 5, plain_draft()]
    rows = told(drafts, include_content=include_content)
    assert [set(row) == {"run_id", "problem"} for row in rows] == [*[False] * 5, *[True] * 5, False]


def test_no_rows_make_an_empty_table() -> None:
    assert batch_of([], include_content=True).equals(
        pa.RecordBatch.from_pylist([], schema=table_schema()), check_metadata=True
    )


def test_times_of_runs_are_microseconds_in_utc() -> None:
    start = datetime(2026, 3, 4, 5, 6, 7, 250_001, tzinfo=UTC)
    table = batch_of(cast("Any", [plain_draft()]), {"start_time": [ticks_of(start)]}, include_content=True)
    (row,) = table.to_pylist()
    assert row["start_time"] == start
    assert row["end_time"] is None
