"""What an engine hands out and gets back: plain values, for any process or machine. `from_dict(to_dict())` is equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all units of a run of `normalize_files`."""

    output: str
    """URL or path of the folder that the table goes to."""
    attempt: str
    """Name of this run of the program: unfinished files are written under it."""
    provider: str | None = None
    include_content: bool = True
    prices: bool = True
    by: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        return {**asdict(self), "by": list(self.by)}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Self:
        """Return what `to_dict` was called on."""
        return cls(**{**told, "by": tuple(told["by"])})


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of one input file that is read, written and marked as done as a whole."""

    id: str
    """The same for the same part of the same unchanged file, whoever cuts it; fit for a file's name."""
    source: str
    """URL or path of the file."""
    stamp: str
    """The file's size and time of change when it was cut."""
    format: str
    """`parquet` or `jsonl`."""
    of: int = 1
    """How many units the file is cut into."""
    weight: int = 0
    """About how many bytes of the file it is: large units are handed out first."""
    row_groups: tuple[int, ...] = ()
    """Parquet: the row groups, in the file's order."""
    first_row: int = 0
    """Parquet: place in the file of the first row of `row_groups`."""
    skip: int = 0
    """Parquet: how many rows of `row_groups` other units read before this one's."""
    rows: int | None = None
    """Parquet: how many rows are read."""
    start: int = 0
    """JSON Lines: the lines that begin from this byte on are read …"""
    stop: int | None = None
    """… and those that begin before this one; None: to the end of the file."""
    constants: dict[str, str] = field(default_factory=dict)
    """Columns that the folders' names hold (`session_id=…`), by name."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        return {**asdict(self), "row_groups": list(self.row_groups)}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Self:
        """Return what `to_dict` was called on."""
        return cls(**{**told, "row_groups": tuple(told["row_groups"])})


@dataclass(frozen=True, slots=True)
class UnitDone:
    """What became of a unit. Without `failure` its rows are in the table: rows = runs + other_types + not_ended + bad."""

    unit: str
    source: str
    stamp: str
    of: int = 1
    rows: int = 0
    """Rows read."""
    runs: int = 0
    """Runs of models that were read, each one or more rows of the table."""
    records: int = 0
    """Rows of the table: one for each candidate of each run."""
    other_types: int = 0
    """Runs of chains, tools, …: no answer of a model."""
    not_ended: int = 0
    bad: int = 0
    """Rows that are told in the side file."""
    parts: tuple[str, ...] = ()
    """Files of the table, below the output folder."""
    failure: str | None = None
    """Why nothing of the unit was written; it is tried again by the next run of the program."""
    is_fatal: bool = False
    """Whether the failure is of the output: no other unit will do better."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        return {**asdict(self), "parts": list(self.parts)}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Self:
        """Return what `to_dict` was called on."""
        return cls(**{**told, "parts": tuple(told["parts"])})
