"""Every provider's cases, written for this project: what the integration hands over → what the record holds."""

from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta import ResponseMetadata, normalize
from langchain_respmeta.providers.rows import ROWS
from tests.providers.cases import CASES
from tests.providers.cases._case import Case


def read(case: Case) -> ResponseMetadata:
    start = {"serialized": {"id": ["x", case.integration]}, **case.start}
    generation = {"message": dict(case.message), "generation_info": case.info}
    return normalize({"generations": [[generation]], "llm_output": case.output}, start=start)


def at(record: Any, path: str) -> Any:
    value = record
    for step in path.split("."):
        if value is None:
            return None
        value = value[int(step)] if step.isdecimal() else getattr(value, step)
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.integration}: {case.name}")
def test_case(case: Case) -> None:
    record = read(case)
    for path, expected in case.expected.items():
        found = at(record, path.removeprefix("len:"))
        if path.startswith("len:"):
            found = len(found)
        assert (str(found) if isinstance(found, Decimal) else found) == expected, path


def test_every_integration_has_a_case() -> None:
    covered = {case.integration for case in CASES}
    assert [row.classes[0] for row in ROWS if not covered & set(row.classes)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.integration}: {case.name}")
def test_records_go_to_json_and_back(case: Case) -> None:
    record = read(case)
    assert ResponseMetadata.from_dict(record.to_dict()) == record
