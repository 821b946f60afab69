"""The page of figures names every class that the registry knows, in one of two ways: with figures, or as not replayed."""

from __future__ import annotations

import pytest

from langchain_respmeta.providers import Provider
from langchain_respmeta.providers.rows import ROWS
from tests.conformance import _table
from tests.conformance._suite import ABOUT


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.classes[0])
def test_every_integration_of_the_registry_stands_on_the_page(row: Provider) -> None:
    page = _table.DOCS.read_text()
    assert any(f" {name} |" in page or f"`{name}`" in page for name in row.classes)


@pytest.mark.parametrize("part", ABOUT)
def test_every_part_stands_on_the_page_and_nothing_in_it_is_wrong(part: str) -> None:
    page = _table.DOCS.read_text()
    _, found, rest = page.partition(f"## {part}\n")
    assert found
    head = next(line for line in rest.splitlines() if "reachable values" in line)
    assert head.endswith("0 wrong, 0 invented.")
