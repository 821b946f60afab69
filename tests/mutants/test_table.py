"""The table of mutants does not go stale: each entry finds its place, changes it, and names tests that exist."""

import ast

import pytest

from tests.mutants.__main__ import ROOT
from tests.mutants.entry import Mutant
from tests.mutants.table import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.file}: {one.what}")
def test_each_entry_still_finds_its_place(mutant: Mutant) -> None:
    source = mutant.place(ROOT).read_text("utf-8")
    mutated = mutant.mutated(source)
    assert mutated != source
    ast.parse(mutated)
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert (ROOT / "tests" / file).exists()
        assert not name or f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8")


def test_no_guard_is_listed_twice() -> None:
    assert len({(one.file, one.old, one.new) for one in MUTANTS}) == len(MUTANTS)
