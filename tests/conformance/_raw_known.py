"""Where the record of a raw answer is not LangChain's, and why it cannot or should not be."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from tests.conformance._raw import Difference


@dataclass(frozen=True, slots=True)
class Reason:
    """A pattern over (label, likeness, field), and why it is so."""

    label: str
    likeness: str
    name: str
    why: str


REASONS: Final[tuple[Reason, ...]] = ()


def reason_of(difference: Difference) -> str | None:
    """Why a field is not LangChain's, or None."""
    place = (difference.label, difference.likeness, difference.name)
    for reason in REASONS:
        patterns = (reason.label, reason.likeness, reason.name)
        if all(fnmatchcase(value, pattern) for value, pattern in zip(place, patterns, strict=True)):
            return reason.why
    return None
