"""docs/keys.md names exactly the flat keys that a run can have."""

import inspect
import re
from pathlib import Path

from langchain_respmeta._agents import trace_summary
from langchain_respmeta.langsmith import rollup, tool_run_keys
from langchain_respmeta.record import derived
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.usage_names import SUMMED
from langchain_respmeta.record.vocabulary import SEVERITY

PAGE = (Path(__file__).parents[2] / "docs" / "keys.md").read_text("utf-8")
_NO_NUMBERS = {"run_id", "updated_session_state", "compression_stats"}


def sent_on_model_runs() -> set[str]:
    return {"schema_version", *FLAT, *derived.COUNTED, *derived.DERIVED}


def sent_on_tools_and_parsers() -> set[str]:
    return {"schema_version", *tool_run_keys.FLAT}


def sent_on_roots() -> set[str]:
    """Sums of the calls, and every number that agents add to them (a list's length when it is cut)."""
    source = inspect.getsource(trace_summary)
    told = set(re.findall(r"^        (\w+)=", source, re.MULTILINE)) - _NO_NUMBERS
    cut = {f"{name}_trimmed" for name in re.findall(r'_listed\("(\w+)"', source)}
    return {*SUMMED, *rollup.Sums().flat(), *told, *cut}


def named_in_tables() -> set[str]:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return set(re.findall(r"`respmeta_(\w+)`", "\n".join(rows)))


def test_the_tables_name_every_flat_key_that_can_stand_on_a_run_and_no_other() -> None:
    sent = sent_on_model_runs() | sent_on_tools_and_parsers() | sent_on_roots()
    assert {"llm_calls", "superseded_cost_usd", "tool_errors", "waiting_calls"} <= sent
    assert sorted(sent - named_in_tables()) == []
    assert sorted(named_in_tables() - sent) == []


def test_the_finish_reasons_are_all_there() -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| `respmeta_finish_reason` |")]
    assert set(re.findall(r"`(\w+)`", row)) - {"respmeta_finish_reason"} == set(SEVERITY)
