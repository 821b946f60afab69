"""What takes every record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata


class Sink(Protocol):
    """Takes every record, on the background reader's thread, one after the other.

    A record comes again, under the same `run_id`, when an enricher found out more about it, and when the end of a call is
    reported that had been taken for cancelled.
    """

    def __call__(self, record: ResponseMetadata, /) -> None:
        """Take one record."""
