"""What feedback is made of: the run it is about, what rules read, and their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from uuid import UUID

from langchain_respmeta._delivery.item import Config, Score, Value

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata

FlatRecord: TypeAlias = Mapping[str, Any]
"""A record as a flat mapping with dotted keys; an absent key means "not reported"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The run that feedback is about, and where it was sent."""

    run_id: UUID | str
    trace_id: UUID | str
    project: str | None
    """Name of the project (LangSmith's `session_name`)."""
    api_url: str
    """Base address of the client that sent the run."""
    session_id: UUID | str | None = None
    """The project's id, if known; else the worker finds it by name."""
    start_time: datetime | None = None
    address: Mapping[str, Any] | None = None
    """LangSmith agent address of a run that has no project."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One run as rules read it."""

    view: FlatRecord
    record: Callable[[], ResponseMetadata]
    texts: bool
    """Whether a comment may hold texts of the answer."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule's result for a run."""

    score: Score = None
    value: Value = None
    comment: str | None = None
    routine: bool = False


class Rule(Protocol):
    """Makes a result of a run, or none (None)."""

    @property
    def key(self) -> str:
        """Key of the feedback, without the prefix."""
        ...

    @property
    def config(self) -> Config | None:
        """Kind of its values; None leaves that to LangSmith."""
        ...

    def draft(self, seen: Seen) -> Draft | None:
        """Return the result for this run."""
        ...
