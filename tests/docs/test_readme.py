"""README names exactly the flat keys that a run can have; its other facts agree with the code."""

import inspect
import re
from pathlib import Path

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import trace_summary
from langchain_respmeta._process.settings import HANDLER
from langchain_respmeta.langsmith import rollup, tool_run_keys
from langchain_respmeta.langsmith.feedback.builtin import TABLES
from langchain_respmeta.record import derived
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.usage_names import SUMMED
from langchain_respmeta.record.vocabulary import SEVERITY

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
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
    rows = [line for line in README.splitlines() if line.startswith("| ")]
    return set(re.findall(r"`respmeta_(\w+)`", "\n".join(rows)))


def test_the_tables_name_every_flat_key_that_can_stand_on_a_run_and_no_other() -> None:
    sent = sent_on_model_runs() | sent_on_tools_and_parsers() | sent_on_roots()
    assert {"llm_calls", "superseded_cost_usd", "tool_errors", "waiting_calls"} <= sent
    assert sorted(sent - named_in_tables()) == []
    assert sorted(named_in_tables() - sent) == []


def test_the_finish_reasons_are_all_there() -> None:
    (row,) = [line for line in README.splitlines() if line.startswith("| `respmeta_finish_reason` |")]
    assert set(re.findall(r"`(\w+)`", row)) - {"respmeta_finish_reason"} == set(SEVERITY)


def test_the_settings_are_the_handler_s_with_their_defaults() -> None:
    table = README[README.index("| argument | default |") :].split("\n\n")[0]
    named = {
        name: (default.strip('`"').replace("_", ""), meaning)
        for name, default, meaning in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", table, re.MULTILINE)
    }
    assert list(named) == list(inspect.signature(RespMetaHandler).parameters)
    assert {name: named[name] for name in HANDLER} == {
        name: ("all" if setting.default is None else str(setting.default), setting.meaning)
        for name, setting in HANDLER.items()
    }


def test_feedback_all_sends_no_more_than_it_says() -> None:
    assert len(TABLES["all"]) == 12
    assert "at most twelve for each model call" in README


def test_every_file_and_picture_that_is_named_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_is_installed_from_an_index_that_does_not_have_it() -> None:
    installed = re.findall(r"pip install '?([^`'\s]+)", README)
    assert installed
    assert {one.split("[")[0] for one in installed} == {"."}
