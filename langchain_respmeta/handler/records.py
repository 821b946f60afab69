"""The records of a handler's last runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import index as as_index
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, overload

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.handler import frames
from langchain_respmeta.record.allowed_facts import NAMES

if TYPE_CHECKING:
    import os

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.record.allowed_facts import Allowed
    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.record.record import ResponseMetadata


class Records(Sequence["ResponseMetadata"]):
    """The records of a handler's last runs, oldest first: built when they are looked at."""

    def __init__(self, maximum: int, *, include_content: bool, more: Allowed) -> None:
        self._runs: deque[Run] = deque(maxlen=maximum)
        self._include_content = include_content
        self._more = more
        self.add: Final[Callable[[Run], None]] = self._runs.append
        """Keeps one more run; the oldest is dropped beyond the bound."""

    def __len__(self) -> int:
        return sum(len(run.settle()) for run in tuple(self._runs))

    def __iter__(self) -> Iterator[ResponseMetadata]:
        return map(self.typed, self._drafts())

    def __reversed__(self) -> Iterator[ResponseMetadata]:
        return map(self.typed, self._drafts(backwards=True))

    @overload
    def __getitem__(self, index: SupportsIndex) -> ResponseMetadata: ...

    @overload
    def __getitem__(self, index: slice) -> list[ResponseMetadata]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> ResponseMetadata | list[ResponseMetadata]:
        if isinstance(index, slice):
            return [self.typed(draft) for draft in list(self._drafts())[index]]
        place = as_index(index)
        before = place if place >= 0 else -place - 1
        draft = next(islice(self._drafts(backwards=place < 0), before, None), None)
        if draft is None:
            raise IndexError(f"there is no record {place}")
        return self.typed(draft)

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy or pickle the records as a list: the runs themselves stay in this process."""
        return list, (list(self),)

    def to_arrow(self) -> pa.Table:
        """Return the records as a table of `pyarrow`, one row each: the columns of `respmeta normalize` and of the sinks.

        The columns: docs/history.md. What was not reported is null.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        drafts = [self._allowed(draft) for draft in self._drafts()]
        return frames.table_of(drafts, include_content=self._include_content)

    def to_pandas(self) -> pd.DataFrame:
        """Return the same as a frame of pandas. Counts and flags have its nullable types.

        Raises:
            MissingExtraError: pyarrow or pandas is not installed.
        """
        return frames.pandas_of(self.to_arrow())

    def to_polars(self) -> pl.DataFrame:
        """Return the same as a frame of polars.

        Raises:
            MissingExtraError: pyarrow or polars is not installed.
        """
        return frames.polars_of(self.to_arrow())

    def to_jsonl(self, path: str | os.PathLike[str]) -> int:
        """Write the same to a file, one JSON line for each record, as the sink `jsonl` does. A file that is there is replaced.

        Returns:
            How many lines it has.

        Raises:
            OSError: The file cannot be written; the one before is still there.
        """
        return frames.write_lines(self, path)

    def to_parquet(self, path: str | os.PathLike[str]) -> int:
        """Write the same to one Parquet file. A file that is there is replaced.

        Returns:
            How many rows it has.

        Raises:
            OSError: The file cannot be written; the one before is still there.
            MissingExtraError: pyarrow is not installed.
        """
        return frames.write_parquet(self.to_arrow(), path)

    def runs(self) -> tuple[Run, ...]:
        """Return the runs themselves."""
        return tuple(self._runs)

    @property
    def maximum(self) -> int:
        """How many are held."""
        return self._runs.maxlen or 0

    def clear(self) -> None:
        """Drop all."""
        self._runs.clear()

    def typed(self, draft: Draft) -> ResponseMetadata:
        """Build the record of a draft, with or without texts as the handler's setting says."""
        with loading:
            from langchain_respmeta.record.typed import record_of

        try:
            return record_of(self._allowed(draft), include_content=self._include_content)
        except Exception as fault:  # noqa: BLE001 - one record that cannot be built must not cost the others
            report("building a record", fault)
            return record_of(_core_of(draft, fault), include_content=self._include_content)

    def _allowed(self, draft: Draft) -> Draft:
        """Of a run's own tags and metadata, what this handler allows: several handlers share a run's drafts."""
        with loading:
            from langchain_respmeta.record.own_facts import within

        return within(draft, self._more)

    def _drafts(self, *, backwards: bool = False) -> Iterator[Draft]:
        """Build one after the other: a look at the last record waits for no other."""
        with loading:
            from langchain_respmeta._agents.call_notes import drafts_of

        step = -1 if backwards else 1
        return (draft for run in tuple(self._runs)[::step] for draft in drafts_of(run)[::step])


def _core_of(draft: Draft, fault: Exception) -> Draft:
    """Return the identity of a call whose draft an enricher or a provider of a user's has broken."""
    with loading:
        from langchain_respmeta.record.draft import merged

    core = {path: value for path, value in draft.items() if path in _CORE}
    return merged(core, {"warnings": [f"the record could not be built: {type(fault).__name__}"]})


_CORE: Final = frozenset({"provider", "run_id", "parent_run_id", "trace_id", "received_at", *NAMES})
