"""A batch of stored runs as a batch of the table: `normalize_batch`, and `read_batch`, which also counts what it left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from langchain_respmeta._reading.normalize import with_provider
from langchain_respmeta._runs.traced_fields import RUNS_OWN, time_of
from langchain_respmeta._runs.traced_run import MODEL_TYPES
from langchain_respmeta.handler.live_facts import live_record, with_live_facts
from langchain_respmeta.handler.stored import StoredDrafts, read_stored
from langchain_respmeta.history.rows import COLUMNS, ROWS_OF_BATCH, column_of, rows_of
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.record.build import draft_of
from langchain_respmeta.record.content import warning
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.typed import record_of
from langchain_respmeta.table.columns import batch_of
from langchain_respmeta.table.row import Row, ticks_of
from langchain_respmeta.table.schema import arrow, table_schema

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How runs are read; plain data that goes to other processes."""

    provider: str | None = None
    """Who answered, where the runs do not show it."""
    include_content: bool = True
    """Whether texts (refusal, quotes, reasoning, error messages) stand in the table."""
    prices: bool = True
    """Whether the cost is computed where the provider did not report it."""


class BadRow(NamedTuple):
    """A run that could not be read."""

    row: int
    """Its place in the batch that was read, from 0."""
    run_id: str | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReading:
    """What a batch held: `runs + other_types + not_ended` is the number of its rows."""

    table: pa.RecordBatch
    """One row for each record, and one for each run that could not be read, in the order of the batch."""
    runs: int
    """Runs of models that have ended, bad ones included."""
    other_types: int
    """Runs of chains, tools, …, which were left out."""
    not_ended: int
    """Runs of models that have not ended, which were left out."""
    bad: Sequence[BadRow]
    """Runs that could not be read; in the table they have a `problem`."""


def normalize_batch(
    batch: pa.RecordBatch | pa.Table,
    *,
    provider: str | None = None,
    include_content: bool = True,
    prices: bool = True,
) -> pa.RecordBatch | pa.Table:
    """Read stored runs into a table of records. Pure: it may run anywhere, in any order, any number of times.

    Args:
        batch: One run a row, in columns named as those of LangSmith's bulk export (`id`, `run_type`, `inputs`, `outputs`,
            `extra`, …; others are not looked at), as JSON in text, structs or maps; or one text column `run` with whole
            runs as JSON. Also a `pyarrow.Table`, which Ray Data gives, and which is read in batches.
        provider: Who answered, where the runs do not show it: a provider's name (`"groq"`), or the address that was called.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the table.
        prices: Whether the cost is computed where the provider did not report it, by the list prices of the run's time.

    Returns:
        A batch of `table_schema()`, or a table: one row for each answer of each run of a model that has ended. One that could
        not be read has a `problem` and no `record`.

    Raises:
        ProviderError: Nobody is known by the name of `provider`.
        MissingExtraError: pyarrow is not installed.
    """
    options = ReadOptions(provider=provider, include_content=include_content, prices=prices)
    if not isinstance(batch, arrow().Table):
        return read_batch(batch, options).table
    parts = batch.to_batches(max_chunksize=ROWS_OF_BATCH)
    return arrow().Table.from_batches(
        [read_batch(part, options).table for part in parts], schema=table_schema()
    )


def read_batch(batch: pa.RecordBatch, options: ReadOptions) -> BatchReading:
    """The same, with what was left out and what could not be read.

    Raises:
        ProviderError: Nobody is known by the name of `options.provider`.
        MissingExtraError: pyarrow is not installed.
    """
    if options.provider is not None:
        with_provider(RunStart(), options.provider)  # a wrong one is told before the work begins
    found = _Found()
    for place, run in enumerate(_runs_of(batch)):
        if not isinstance(run, Mapping):
            told = _no_run(run)
            _add(found, place, {}, StoredDrafts([{"warnings": [told]}], told), options)
        elif not _is_models(run):
            found.other_types += 1
        elif not _has_ended(run):
            found.not_ended += 1
        else:
            stored = read_stored(run, provider=options.provider, prices=options.prices)
            _add(found, place, run, stored, options)
    return BatchReading(
        table=batch_of(found.rows, include_content=options.include_content),
        runs=batch.num_rows - found.other_types - found.not_ended,
        other_types=found.other_types,
        not_ended=found.not_ended,
        bad=tuple(found.bad),
    )


@dataclass(slots=True)
class _Found:
    rows: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    other_types: int = 0
    not_ended: int = 0


def _runs_of(batch: pa.RecordBatch) -> list[Any]:
    """Each row's run as a mapping; anything else where it is none."""
    whole = column_of(batch, "run")
    if whole is not None:
        return [_parsed(text) for text in whole]
    columns = {name: values for name in COLUMNS if (values := column_of(batch, name)) is not None}
    return rows_of(columns) if columns else [{}] * batch.num_rows


def _parsed(text: Any) -> Any:
    try:
        return orjson.loads(text) if isinstance(text, str | bytes) else text
    except ValueError:
        return text


def _no_run(found: object) -> str:
    if found is None:
        return "the row is empty"
    return "the run is text that is no JSON" if isinstance(found, str) else "the run is no JSON object"


def _is_models(run: Mapping[str, Any]) -> bool:
    kind = run.get("run_type")
    return not isinstance(kind, str) or not kind or kind.lower() in MODEL_TYPES


def _has_ended(run: Mapping[str, Any]) -> bool:
    """Whether anything tells so; what is no run, or has outputs that hold nothing, is a bad one."""
    if RUNS_OWN.isdisjoint(run):
        return True
    status = run.get("status")
    if isinstance(status, str) and status.lower() in _STATUSES:
        return _STATUSES[status.lower()]
    return any(run.get(name) for name in ("end_time", "error", "outputs"))


_STATUSES: Final = {"pending": False, "success": True, "error": True}


def _add(
    found: _Found, place: int, run: Mapping[str, Any], stored: StoredDrafts, options: ReadOptions
) -> None:
    project, name = run.get("session_id") or run.get("project_id"), run.get("name")
    facts = (
        None if project is None else str(project),
        name if isinstance(name, str) else None,
        ticks_of(time_of(run.get("start_time"))),
        ticks_of(time_of(run.get("end_time"))),
    )
    if stored.problem is not None:
        draft = stored.drafts[0]
        problem = stored.problem if options.include_content else _without_content(draft)
        found.rows.append(Row(draft, problem, *facts))
        found.bad.append(BadRow(place, draft.get("run_id"), problem))
        return
    drafts = stored.drafts
    if stored.metadata and (better := _with_live_facts(stored, options)) is not None:
        drafts = [better, *drafts[1:]]
    found.rows += [Row(draft, None, *facts) for draft in drafts]


def _without_content(unread: Draft) -> str:
    """What the warnings of an unread run tell, without texts of its answer."""
    return "; ".join(map(warning, unread.get("warnings", ())))


def _with_live_facts(stored: StoredDrafts, options: ReadOptions) -> Draft | None:
    """The first draft with what a handler put on the run; None where none did."""
    live = live_record(stored.metadata or {})
    if live is None:
        return None
    content = options.include_content
    record = record_of(stored.drafts[0], include_content=content)
    return draft_of(with_live_facts(record, live, include_content=content, prices=options.prices))
