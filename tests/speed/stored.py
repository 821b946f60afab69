"""Reads stored rows both ways, and keeps what differs: the straight way, and the general one by the general reader alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from langchain_respmeta._process.state import STATE
from langchain_respmeta.handler import stored_rows
from langchain_respmeta.handler.stored_general import StoredDrafts, read_generally
from langchain_respmeta.handler.stored_rows import ROWS
from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.compare import differences
from tests.speed.mutate import mutated
from tests.speed.rows import FORMS, Row, changed, failed, run_of
from tests.speed.ways import reference_only

SIGHTS = 4
"""So often a row comes before it is read straight: seen, learned, read both ways."""


@dataclass(slots=True)
class RowGate:
    """Holds the straight way against the general one."""

    random: Random
    prices: bool = True
    rows: int = 0
    straight: int = 0
    """Rows that the general way had no part in."""
    changed: int = 0
    changed_straight: int = 0
    findings: list[str] = field(default_factory=list)

    def hold(self, case: Case, form: str, *, mutants: int = 0, pools: Pools | None = None) -> None:
        """Read a case's row until it is read straight, then changed ones, and then one like the first again."""
        keep, streamed = FORMS[form], case.parts["is_chunk"]
        for _ in range(SIGHTS):
            self._read(keep(run_of(case, self.random, streamed=streamed)), "")
        row = keep(run_of(case, self.random, streamed=streamed))
        self.rows += 1
        self.straight += self._compare(row, case.name, form, "unchanged")
        for number in range(mutants):
            other, told = case, ""
            if pools is not None and number % 2:
                other, told = mutated(case, pools, self.random)
            row = keep(run_of(other, self.random, streamed=streamed))
            if number % 4 != 1:
                row, more = changed(row, self.random)
                told = f"{told}; {more}"
            self.changed += 1
            self.changed_straight += self._compare(row, case.name, form, told)
        self._compare(keep(run_of(case, self.random, streamed=streamed)), case.name, form, "afterwards")

    def hold_failures(self, case: Case, form: str, count: int) -> None:
        """Read rows of calls that failed, some with a changed column."""
        for number in range(count):
            row = FORMS[form](failed(run_of(case, self.random), self.random))
            told = "failed"
            if number % 3 == 2:
                row, told = changed(row, self.random)
            self.rows += 1
            self.straight += self._compare(row, case.name, form, told)

    def _compare(self, row: Row, name: str, form: str, told: str) -> bool:
        with reference_only():
            expected = read_generally(deepcopy(row), prices=self.prices)
        given = deepcopy(row)
        with general_calls() as calls:
            found = self._read(given, told)
        for one in differences([*found], [*expected]):
            self.findings.append(f"{name} | {form} | {told}\n    {one}")
        for one in differences(given, row, "the row itself"):
            self.findings.append(f"{name} | {form} | {told}\n    {one}")
        return not calls

    def _read(self, row: Row, _: str) -> StoredDrafts:
        return STATE[ROWS].read(row, prices=self.prices)


@contextmanager
def general_calls() -> Iterator[list[Any]]:
    """Fill a list with the rows that the straight way leaves to the general one."""
    calls: list[Any] = []

    def noted(row: Any, **options: Any) -> StoredDrafts:
        calls.append(row)
        return read_generally(row, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored_rows, "read_generally", noted)
        yield calls
