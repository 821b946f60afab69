"""What takes every record: `Sink`, and what a sink may have beyond that."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from langchain_respmeta._process.faults import user_code

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata


EXIT_S: Final = 5.0
"""The longest that the end of the process waits for sinks that hold records back."""


class Sink(Protocol):
    """Takes every record, on the background reader's thread.

    Calls come one after the other, as a rule. Where thousands of runs wait to be read, callers' threads help the reader, and
    two calls may come at once.

    A record comes again, under the same `run_id` and `candidate_index`, when an enricher found out more about it, and when the
    end of a call is reported that had been taken for cancelled.

    A sink may have a method `flush(timeout: float) -> bool` (`Flushing`) and a method `close() -> None` (`Closing`).
    """

    def __call__(self, record: ResponseMetadata, /) -> None:
        """Take one record."""


@runtime_checkable
class Flushing(Protocol):
    """A sink that holds records back for a while."""

    def flush(self, timeout: float) -> bool:
        """Bring every record that came so far to its place, within `timeout` seconds; return whether all are there."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A sink that holds something open. It may be called again after that, and then opens it again."""

    def close(self) -> None:
        """Let go what is held open."""
        ...


def flush_sinks(sinks: Iterable[Sink], timeout: float) -> bool:
    """Flush those that hold records back, within `timeout` seconds in all; return whether every one says that all are there."""
    until = monotonic() + timeout
    flushed = True
    for sink in sinks:
        if isinstance(sink, Flushing):
            done = False
            with user_code(f"flushing a sink ({type(sink).__name__})"):
                done = bool(sink.flush(max(0.0, until - monotonic())))
            flushed = flushed and done
    return flushed


def close_sinks(sinks: Iterable[Sink]) -> None:
    """Close those that hold something open."""
    for sink in sinks:
        if isinstance(sink, Closing):
            with user_code(f"closing a sink ({type(sink).__name__})"):
                sink.close()
