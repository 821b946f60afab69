"""A batch of stored runs as a batch of the table: `normalize_batch`, and `read_batch`, which also counts what it left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_respmeta._reading.normalize import with_provider
from langchain_respmeta._runs.traced_fields import time_of
from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.history.live_drafts import with_live_facts_of
from langchain_respmeta.history.rows import ROWS_OF_BATCH, has_ended, is_models, runs_of, ticks_of_column
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.record.allowed_facts import Allowed, allowed, names_of
from langchain_respmeta.record.content import warning
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.table.columns import batch_of
from langchain_respmeta.table.schema import arrow, table_schema
from langchain_respmeta.table.ticks import ticks_of

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
    by: tuple[str, ...] = ()
    """Keys of the runs' own metadata that records carry, and `tags`."""


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
    by: Sequence[str] = (),
) -> pa.RecordBatch | pa.Table:
    """Read stored runs into a table of records. Pure: it may run anywhere, in any order, any number of times.

    Args:
        batch: One run a row, in columns named as those of LangSmith's bulk export (`id`, `run_type`, `inputs`, `outputs`,
            `extra`, …; others are not looked at), as JSON in text, structs or maps; or one text column `run` with whole
            runs as JSON. Also a `pyarrow.Table`, which Ray Data gives. Many rows are read some thousands at a time.
        provider: Who answered, where the runs do not show it: a provider's name (`"groq"`), or the address that was called.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the table.
        prices: Whether the cost is computed where the provider did not report it, by the list prices of the run's time.
        by: Keys of the runs' own metadata that the table carries; `"tags"` carries their tags. See `RespMetaHandler`.

    Returns:
        A batch of `table_schema()`, or a table: one row for each answer of each run of a model that has ended. One that could
        not be read has a `problem` and no `record`.

    Raises:
        ProviderError: Nobody is known by the name of `provider`.
        SettingsError: `by` is no list of names.
        MissingExtraError: pyarrow is not installed.
    """
    options = ReadOptions(provider=provider, include_content=include_content, prices=prices, by=names_of(by))
    pa = arrow()
    is_table = isinstance(batch, pa.Table)
    if not is_table and batch.num_rows <= ROWS_OF_BATCH:
        return read_batch(batch, options).table
    whole = batch if is_table else pa.Table.from_batches([batch])
    parts = [read_batch(part, options).table for part in whole.to_batches(max_chunksize=ROWS_OF_BATCH)]
    return pa.Table.from_batches(parts, schema=table_schema()) if is_table else pa.concat_batches(parts)


def read_batch(batch: pa.RecordBatch, options: ReadOptions) -> BatchReading:
    """The same, with what was left out and what could not be read.

    Raises:
        ProviderError: Nobody is known by the name of `options.provider`.
        MissingExtraError: pyarrow is not installed.
    """
    if options.provider is not None:
        with_provider(RunStart(), options.provider)  # a wrong one is told before the work begins
    found, more = _Found(batch), allowed(*options.by)
    for place, run in enumerate(runs_of(batch)):
        if run.__class__ is not dict:
            found.add_bad(place, {}, {}, _no_run(run))
        elif not is_models(run):
            found.other_types += 1
        elif not has_ended(run):
            found.not_ended += 1
        else:
            _read(found, place, run, options, more)
    return BatchReading(
        table=batch_of(
            found.drafts,
            found.columns(),
            problems=found.problems,
            include_content=options.include_content,
        ),
        runs=batch.num_rows - found.other_types - found.not_ended,
        other_types=found.other_types,
        not_ended=found.not_ended,
        bad=tuple(found.bad),
    )


class _Found:
    """What the rows of a batch give: lists with an entry for each row of the table, and counts."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.drafts: list[Draft] = []
        self.problems: dict[int, str] = {}
        self.bad: list[BadRow] = []
        self.other_types = self.not_ended = 0
        self._places: list[int] = []
        self._projects: list[Any] = []
        self._ticks = {name: ticks_of_column(batch, name) for name in ("start_time", "end_time")}
        self._times: dict[str, list[Any]] = {name: [] for name, ticks in self._ticks.items() if ticks is None}
        """Only of columns that are none of Arrow's times."""

    def add(self, place: int, run: Mapping[str, Any], draft: Draft) -> None:
        """Add one record of the run in this place of the batch."""
        get = run.get
        self.drafts.append(draft)
        self._places.append(place)
        self._projects.append(get("session_id") or get("project_id"))
        for name, column in self._times.items():
            column.append(get(name))

    def add_bad(self, place: int, run: Mapping[str, Any], unread: Draft, problem: str) -> None:
        """Add a run that could not be read."""
        self.problems[len(self.drafts)] = problem
        self.bad.append(BadRow(place, unread.get("run_id"), problem))
        self.add(place, run, unread)

    def columns(self) -> dict[str, Any]:
        """What the runs say of themselves, as columns."""
        places = arrow().array(self._places, "int64")
        return {
            "project_id": [None if one is None else str(one) for one in self._projects],
            **{name: ticks.take(places) for name, ticks in self._ticks.items() if ticks is not None},
            **{name: [ticks_of(time_of(one)) for one in column] for name, column in self._times.items()},
        }


def _no_run(found: object) -> str:
    if found is None:
        return "the row is empty"
    return "the run is text that is no JSON" if isinstance(found, str) else "the run is no JSON object"


def _read(found: _Found, place: int, run: dict[str, Any], options: ReadOptions, more: Allowed) -> None:
    stored = read_stored(run, provider=options.provider, prices=options.prices, more=more)
    first, *others = stored.drafts
    if stored.problem is not None:
        problem = stored.problem if options.include_content else _without_content(first)
        found.add_bad(place, run, first, problem)
        return
    first = with_live_facts_of(stored, include_content=options.include_content, prices=options.prices)
    found.add(place, run, first)
    for other in others:
        found.add(place, run, other)


def _without_content(unread: Draft) -> str:
    """What the warnings of an unread run tell, without texts of its answer."""
    return "; ".join(map(warning, unread.get("warnings", ())))
