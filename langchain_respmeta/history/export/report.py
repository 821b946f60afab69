"""What a run of `export_records` did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(slots=True, kw_only=True)
class ExportReport:
    """What was written, and what was not: `rows + replaced + outside` rows were read, and `skipped` lines were none."""

    output: str
    rows: int = 0
    """Rows of the file."""
    problems: int = 0
    """Of `rows`: of runs that could not be read, which have a `problem` and no `record`."""
    replaced: int = 0
    """Earlier versions of records, of which the last was written."""
    outside: int = 0
    """Rows of other times than those that were asked for, or without a time."""
    skipped: int = 0
    """Lines that are no records: a crash has cut them, or they are something else."""
    bytes: int = 0
    """Size of the file."""
    seconds: float = 0.0
    """How long it took."""

    @property
    def is_clean(self) -> bool:
        """Whether all that was read is a record."""
        return not self.skipped

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        return asdict(self)

    def describe(self) -> str:
        """Return it for people, in lines."""
        lines = [f"{self.output}: {self.rows:,} rows, {self.bytes / 1e6:,.1f} MB, {self.seconds:.1f} s"]
        told = {
            "are of runs that could not be read; their column `problem` says why": self.problems,
            "earlier versions of records were left out": self.replaced,
            "rows of other times were left out": self.outside,
            "lines are no records, and were left out": self.skipped,
        }
        return "\n".join([*lines, *(f"{count:,} {what}" for what, count in told.items() if count)])


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far a run of `export_records` is."""

    share: float
    """How much of the inputs is read, about, from 0 to 1."""
    rows: int
    """Rows that were written."""


Listener: TypeAlias = Callable[[ExportProgress], None]
