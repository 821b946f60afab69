"""What a pull did, and how far it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PullReport:
    """The end of a pull."""

    project: str
    project_id: str
    folder: str
    since: str
    """ISO 8601, in UTC."""
    until: str
    runs: int
    """In the windows that were pulled now."""
    runs_in_folder: int
    windows: int
    """Pulled now; those done before are not asked for again."""
    parts: int
    """Files written now."""
    bytes: int
    """Of these files."""
    again: int
    """Windows that the next pull asks for again: they are young, or have runs that have not ended."""
    unreadable: int
    """Runs without an id or a time; they are in no file."""
    requests: int
    retries: int
    waited_s: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is."""

    done: float
    """Share of the time span, 0 to 1."""
    runs: int
    at: str
    """The day that is pulled."""
    note: str | None = None
    """What is waited for."""
