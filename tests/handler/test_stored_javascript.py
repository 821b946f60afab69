"""Runs that LangChain.js traced give the same record as Python's."""

from collections.abc import Mapping
from typing import Any

import pytest

from langchain_respmeta import normalize, normalize_run
from tests.handler.javascript_runs import EXPECTED, GOOGLE, OPENAI, Stored


def at(record: Any, path: str) -> Any:
    for step in path.split("."):
        record = None if record is None else getattr(record, step)
    return record


@pytest.mark.parametrize("name", EXPECTED)
def test_its_record_holds_what_the_run_says(name: str) -> None:
    run, expected = EXPECTED[name]
    record = normalize_run(run)
    assert {path: at(record, path) for path in expected} == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_of_it_is_unknown(name: str) -> None:
    record = normalize_run(EXPECTED[name][0])
    assert (record.unmapped, record.warnings) == ((), ())


@pytest.mark.parametrize("run", [OPENAI, GOOGLE], ids=["OpenAI", "Google"])
def test_its_result_alone_is_read_too(run: Stored) -> None:
    outputs: Mapping[str, Any] = run["outputs"]
    record = normalize(outputs)
    assert record.finish_reason == normalize_run(run).finish_reason
    assert record.usage == normalize_run(run).usage
