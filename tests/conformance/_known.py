"""Where an integration hands over something that contradicts the raw answer, and nothing it hands over shows the truth.

Each row is a fault of an integration that no handler can mend; the docs list them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from tests.conformance._calls import Call
from tests.conformance._compare import Finding


@dataclass(frozen=True, slots=True)
class Known:
    """A pattern over (label, mode, field), and why it is so."""

    label: str
    mode: str
    name: str
    reason: str
    fits: Callable[[Call, Finding], bool] = lambda call, finding: True


KNOWN: Final[tuple[Known, ...]] = ()


def explained(call: Call, finding: Finding) -> str | None:
    """Why a finding could not be otherwise, or None."""
    for known in KNOWN:
        place = ((call.label, known.label), (call.mode, known.mode), (finding.name, known.name))
        if all(fnmatchcase(value, pattern) for value, pattern in place) and known.fits(call, finding):
            return known.reason
    return None
