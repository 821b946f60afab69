"""What became of feedback on old runs, and how far it is meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from langchain_respmeta.history.feedback.estimate import Estimate


@dataclass(frozen=True, slots=True)
class FeedbackProgress:
    """How far it is."""

    doing: Literal["pulling", "reading", "giving"]
    over: int
    """Thousandths of the time span, runs, or items that the server took or refused for good."""
    total: int
    reason: str | None = None
    """Why nothing moves, if the server fails."""


Show: TypeAlias = Callable[[FeedbackProgress], None]
"""Called with how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackReport:
    """What was estimated, and what became of it."""

    estimate: Estimate
    was_sent: bool
    """False of a dry run, and where the caller said no."""
    sent: int = 0
    """Items that the server took in this run, or had already."""
    refused: Mapping[str, int]
    """What the server said of items that it refuses for good, also of earlier runs → how many."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was refused."""
        return not self.refused

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "estimate": self.estimate.to_dict(),
            "was_sent": self.was_sent,
            "sent": self.sent,
            "refused": dict(self.refused),
        }

    def lines(self) -> Iterator[str]:
        """What became of it, for people."""
        yield f"{self.sent:,} given"
        for words, number in self.refused.items():
            yield f"{number:,} refused for good: {_MEANINGS.get(words[:8], '')}{words}"


_MEANINGS: Final = {"HTTP 404": "LangSmith no longer has the run; "}
