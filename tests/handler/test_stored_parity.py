"""The record of a stored run is the live one, field by field, in each form in which a run is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest

from langchain_respmeta import ResponseMetadata, normalize_run
from langchain_respmeta.providers.rows import ROWS
from tests.handler.traced_forms import FORMS, Call
from tests.providers.cases import CASES
from tests.providers.cases._case import Case
from tests.providers.test_integration_outputs import OUTPUTS, revive, rows

PAGE: Final = Path(__file__).parents[2] / "docs" / "langsmith.md"
_TABLE: Final = re.compile(r"<!-- differences:.*?-->(.*?)<!-- end of differences -->", re.DOTALL)


def published() -> frozenset[str]:
    """The fields that docs/langsmith.md lists as different."""
    (table,) = _TABLE.findall(PAGE.read_text("utf-8"))
    firsts = [line.split("|")[1] for line in table.strip().splitlines()[2:]]
    return frozenset(re.findall(r"`([\w.]+)`", " ".join(firsts)))


PUBLISHED: Final = published()
KNOWN: Final = frozenset(name for row in ROWS for name in row.classes)

Flat = dict[str, Any]


def flat(fields: Mapping[str, Any], before: str = "") -> Flat:
    """The record's fields by their dotted paths."""
    found: Flat = {}
    for name, value in fields.items():
        if isinstance(value, dict) and name != "provider_data":
            found |= flat(value, f"{before}{name}.")
        else:
            found[before + name] = value
    return found


def differing(call: Call, form: str) -> dict[str, tuple[Any, Any]]:
    """Path → (live, stored) of the fields that differ, but for those that the docs list."""
    live = flat(call.live().to_dict())
    stored = flat(normalize_run(FORMS[form](call.stored()), prices=False).to_dict())
    paths = (live.keys() | stored.keys()) - PUBLISHED
    if form == "export" and live.get("integration") not in KNOWN:
        paths -= {"integration"}  # the run's name is not known to be a class
    return {path: (live.get(path), stored.get(path)) for path in paths if live.get(path) != stored.get(path)}


def of_case(case: Case) -> Call:
    start = case.start
    return Call(
        case.integration,
        dict(start.get("serialized") or {"lc": 1, "id": ["x", case.integration]}),
        start.get("metadata") or {},
        start.get("invocation_params") or {},
        dict(case.message),
        case.info,
        case.output,
    )


def of_row(row: Mapping[str, Any]) -> Call:
    result, start = row["llm_result"], row["start"]
    path = start.get("serialized_id") or ["unknown"]
    return Call(
        start.get("name") or path[-1],
        {"lc": 1, "type": start.get("serialized_type"), "id": path},
        row["ls_params"],
        start.get("invocation_params") or {},
        revive(result["on_llm_end_message"]),
        revive(result["generation_info"]),
        revive(result["llm_output"]),
    )


def recorded() -> Iterator[Any]:
    for row in rows():
        if (row["llm_result"] or {}).get("on_llm_end_message") and row["package"] != "langchain-core":
            yield pytest.param(row, id=f"{row['package']}-{row['scenario']}-{row['mode']}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.integration}: {case.name}")
def test_each_case_is_read_from_the_store_as_it_was_live(case: Case, form: str) -> None:
    assert differing(of_case(case), form) == {}


@pytest.mark.shared
@pytest.mark.skipif(
    not OUTPUTS.exists(), reason="the recorded integration outputs are not beside the checkout"
)
@pytest.mark.parametrize("row", [*recorded()])
def test_each_recorded_result_is_read_from_the_store_as_it_was_live(row: dict[str, Any]) -> None:
    call = of_row(row)
    assert {form: found for form in FORMS if (found := differing(call, form))} == {}


def test_each_field_that_the_docs_list_is_one() -> None:
    names = {one.name for one in fields(ResponseMetadata)}
    assert {path.partition(".")[0] for path in PUBLISHED} <= names
