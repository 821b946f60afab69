"""What a run of `normalize_files` did: counts that add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from langchain_respmeta.history.bulk.job import UnitDone

_SUMMED: Final[tuple[str, ...]] = ("rows", "runs", "records", "other_types", "not_ended", "bad")
_SHOWN_FAILURES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizeReport:
    """What is in the table now, of the files that were named. `rows = runs + other_types + not_ended + bad`, `files = done + failed`."""

    output: str
    files: int = 0
    """Files that were named."""
    done: int = 0
    """Files that are in the table as a whole, from this run of the program or an earlier one."""
    failed: dict[str, str] = field(default_factory=dict)
    """File → why it, or a part of it, is not in the table. The next run tries again."""
    ignored: list[str] = field(default_factory=list)
    """Files of the folders that were not read, for the endings of their names."""
    changed: list[str] = field(default_factory=list)
    """Files that were read again, since they had changed after an earlier run."""
    rows: int = 0
    """Rows of the files, as far as they were read."""
    runs: int = 0
    """Runs of models, each one or more rows of the table."""
    records: int = 0
    """Rows of the table: one for each candidate of each run."""
    other_types: int = 0
    """Runs of chains, tools, …, which have no answer of a model."""
    not_ended: int = 0
    """Runs of models that had not ended."""
    bad: int = 0
    """Rows that could not be read; `_bad/` of the output says which, and why."""
    rows_before: int = 0
    """Of `rows`: read by earlier runs of the program."""
    seconds: float = 0.0
    """How long this run took."""

    @property
    def is_clean(self) -> bool:
        """Whether all files and all rows could be read."""
        return not self.failed and not self.bad

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        return asdict(self)

    def describe(self) -> str:
        """Return it for people, in lines."""
        new = self.rows - self.rows_before
        lines = [
            (
                f"rows {self.rows:,} = runs {self.runs:,} + other types {self.other_types:,} + not ended {self.not_ended:,}"
                f" + bad {self.bad:,}"
            ),
            f"files {self.files:,} = done {self.done:,} + failed {len(self.failed):,}",
            f"table {self.output}: {self.records:,} rows; {new:,} rows read in {self.seconds:.1f} s"
            + (f" ({new / self.seconds:,.0f} a second)" if new and self.seconds else "")
            + (f", {self.rows_before:,} before" if self.rows_before else ""),
        ]
        if self.bad:
            lines.append(f"bad rows are told in {self.output}/_bad/")
        lines += _listed("failed: ", [f"{file} {why}" for file, why in self.failed.items()])
        lines += _listed("read again, it had changed: ", self.changed)
        lines += _listed("not read, for the ending of its name: ", self.ignored)
        return "\n".join(lines)


def _listed(before: str, items: list[str]) -> list[str]:
    shown = [before + item for item in items[:_SHOWN_FAILURES]]
    return [*shown, f"… and {len(items) - len(shown):,} more"] if len(items) > len(shown) else shown


def sums(units: Iterable[UnitDone]) -> dict[str, int]:
    """Return the sums of the counts of units, by name."""
    found: dict[str, int] = dict.fromkeys(_SUMMED, 0)
    for unit in units:
        for name in _SUMMED:
            found[name] += getattr(unit, name)
    return found
