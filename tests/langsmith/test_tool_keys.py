"""The record of a common tool's run is what the general code makes of it; whatever is not common is left to that."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.langsmith import tool_run_keys
from langchain_respmeta.langsmith.metadata import MAX_RECORD_BYTES, nested_record
from langchain_respmeta.langsmith.tool_run_keys import keys_of

RUN = {
    "tool_call_id": "call_1",
    "tool_name": "weather",
    "tool_args": {"city": "Paris"},
    "result": "sunny",
    "tool_call_error": False,
    "duration_s": 0.25,
}
SECRET = "sk-proj-" + "a1B2" * 12


def _draft(**more: Any) -> Any:
    return {"event": "tool_call_completed", "tool_executions": [{**RUN, **more}]}


COMMON = {
    "plain": _draft(),
    "tried again": _draft(attempt=2, child_run_id="01980000-0000-7000-8000-000000000001"),
    "a sentence as its name": _draft(tool_name="tell me a story"),
}
ODD = {
    "a secret": _draft(tool_call_id=SECRET),
    "half an emoji": _draft(child_run_id="\ud83d"),
    "beyond 64 bits": _draft(attempt=2**70),
    "no number": _draft(duration_s=float("nan")),
    "too large": {
        "event": "tool_call_completed",
        "tool_executions": [{**RUN, "child_run_id": "x" * MAX_RECORD_BYTES}],
    },
    "failed": {**_draft(), "error.type": "ValueError"},
    "no run": {"event": "tool_call_paused"},
}


@pytest.mark.parametrize("name", [*COMMON, *ODD])
@pytest.mark.parametrize("include_content", [False, True])
def test_the_record_is_the_general_ones(name: str, *, include_content: bool) -> None:
    draft = {**COMMON, **ODD}[name]
    handler = RespMetaHandler(feedback=False, include_content=include_content)
    found = keys_of(draft, handler, hidden=False)["respmeta"]
    general = nested_record(draft, include_content=include_content)
    assert found == general
    assert repr(found) == repr(general)
    assert SECRET not in repr(found)


@pytest.mark.parametrize("name", [*COMMON, *ODD])
def test_only_common_runs_are_read_so(name: str) -> None:
    found = tool_run_keys._common_record({**COMMON, **ODD}[name])
    assert (found is not None) is (name in COMMON)


def test_a_client_that_hides_gets_flat_keys_alone() -> None:
    keys = keys_of(_draft(attempt=2), RespMetaHandler(feedback=False), hidden=True)
    assert keys == {
        "respmeta_event": "tool_call_completed",
        "respmeta_tool_name": "weather",
        "respmeta_tool_call_id": "call_1",
        "respmeta_tool_error": False,
        "respmeta_duration_s": 0.25,
        "respmeta_attempt": 2,
        "respmeta_schema_version": "1.1",
    }
