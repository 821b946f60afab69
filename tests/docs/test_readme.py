"""README names only what is there; its blocks and the answers of its table run as they are written."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, Final

import prometheus_client
import pytest
from langchain_core.prompts import ChatPromptTemplate
from opentelemetry.metrics import _internal as global_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData

import langchain_respmeta
from langchain_respmeta import RespMetaHandler, charts, sinks
from langchain_respmeta.cli.main import main
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from tests.docs.page import ROOT, blocks, run
from tests.waiting import CEILING_S

README: Final = (ROOT / "README.md").read_text("utf-8")
BLOCKS: Final = [block for block in blocks(README) if block.language == "python"]
_ROW: Final = re.compile(r"^\| ([^|]+\?) \| (.+) \|$", re.MULTILINE)
ANSWERS: Final = {question: re.findall(r"`([^`]+)`", answer) for question, answer in _ROW.findall(README)}
"""Question → what stands as code in its answer."""

OPENAI: Final = demo_scenarios()["openai"]


def test_every_file_and_picture_that_is_named_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_is_installed_from_an_index_that_does_not_have_it() -> None:
    installed = re.findall(r"pip install '?([^`'\s]+)", README)
    assert installed
    assert {one.split("[")[0] for one in installed} == {"."}


# --- blocks ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def names(replay: ReplayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What README takes for granted: a chain, a question, a response of a provider's."""
    monkeypatch.chdir(tmp_path)
    chain = ChatPromptTemplate.from_template("{question}") | scenario_model(replay, OPENAI["basic"])
    response = OPENAI["refusal"].answers[0].body
    return {"chain": chain, "question": {"question": "Which writing is the oldest?"}, "response": response}


def _run_with_comments(code: str, names: dict[str, Any]) -> None:
    """Run a block; an expression with a value behind it, as a comment, has that value."""
    for statement in ast.parse(code).body:
        source = ast.get_source_segment(code, statement)
        assert source
        said = re.search(rf"{re.escape(source)}  # ('.*|Decimal\(.*)$", code, re.MULTILINE)
        if not said:
            exec(source, names)  # noqa: S102 - the page is ours
            continue
        found = eval(source, names)  # noqa: S307 - the same
        wanted = eval(said[1], {"Decimal": Decimal})  # noqa: S307 - the same
        assert type(found) is type(wanted)
        assert isinstance(found, Decimal) or found == wanted  # a price is the day's list's


def test_the_blocks_run_and_say_what_stands_behind_them(names: dict[str, Any]) -> None:
    three_lines, in_process, held = BLOCKS
    _run_with_comments(three_lines.text, names)
    with redirect_stdout(io.StringIO()) as out:
        _run_with_comments(in_process.text, names)
    assert "Response Analysis" in out.getvalue()
    program = run([held], **names)
    assert program["check"].refused
    assert program["record"].refused


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def handler(replay: ReplayServer) -> Iterator[RespMetaHandler]:
    """A handler after some calls."""
    handler = RespMetaHandler(by=["user_id"])
    for name in ("basic", "truncated", "service_tier_flex", "refusal"):
        scenario_model(replay, OPENAI[name]).invoke("Hello", config={"callbacks": [handler]})
    yield handler
    handler.close()


class _Table:
    """The table's answers, each taken once."""

    def __init__(self, **names: Any) -> None:
        self.names = {**vars(langchain_respmeta), **{name: getattr(sinks, name) for name in sinks.__all__}}
        self.names |= {"RespMetaHandler": RespMetaHandler, "charts": charts, **names}

    def __call__(self, code: str) -> Any:
        return eval(code, self.names)  # noqa: S307 - the page is ours


@pytest.fixture
def table(handler: RespMetaHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Table:
    monkeypatch.chdir(tmp_path)
    return _Table(handler=handler)


def test_what_each_model_cost(table: _Table, capsys: pytest.CaptureFixture[str]) -> None:
    table(*ANSWERS["What did each model cost today?"])
    assert "gpt-6.1-sol" in capsys.readouterr().out


def test_what_each_user_cost(table: _Table, replay: ReplayServer, capsys: pytest.CaptureFixture[str]) -> None:
    make, report = ANSWERS["What did each user cost?"]
    table.names["handler"] = handler = table(make)
    told = {"callbacks": [handler], "metadata": {"user_id": "ann"}}
    scenario_model(replay, OPENAI["basic"]).invoke("Hello", config=told)
    table(report)
    assert "ann" in capsys.readouterr().out


def _refused_by(table: _Table, question: str, replay: ReplayServer) -> None:
    """Have an answer's handler see a refusal."""
    handler = table(*ANSWERS[question])
    scenario_model(replay, OPENAI["refusal"]).invoke("Hello", config={"callbacks": [handler]})
    assert handler.flush(CEILING_S)


def test_refused_answers(table: _Table, replay: ReplayServer) -> None:
    _refused_by(table, "Which answers were refused?", replay)
    assert Path("refusals.jsonl").read_text().count("\n") == 1


def test_every_record_is_kept(table: _Table, replay: ReplayServer) -> None:
    _refused_by(table, "How do I keep every record?", replay)
    assert charts.source_of("records").rows("SELECT refused FROM records") == [(True,)]


def test_prometheus(table: _Table, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = prometheus_client.CollectorRegistry()
    monkeypatch.setattr(prometheus_client, "REGISTRY", registry)
    _refused_by(table, "Prometheus, Grafana?", replay)
    assert b"respmeta_refusals_total{" in prometheus_client.generate_latest(registry)


def test_opentelemetry(table: _Table, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = InMemoryMetricReader()
    monkeypatch.setattr(global_metrics, "_METER_PROVIDER", MeterProvider([reader]))
    _refused_by(table, "OpenTelemetry?", replay)
    assert "respmeta.refusals" in (reader.get_metrics_data() or MetricsData([])).to_json()


def test_how_slow_each_tier_is(table: _Table, capsys: pytest.CaptureFixture[str]) -> None:
    table(*ANSWERS["How slow is each tier, at p95?"])
    report = capsys.readouterr().out
    assert all(word in report for word in ("default", "flex", "p95"))


def test_told_when_answers_are_cut(table: _Table, handler: RespMetaHandler, replay: ReplayServer) -> None:
    told = Event()
    table.names["tell"] = lambda _: told.set()
    watch = table(*ANSWERS["Can it tell me when answers are cut?"])
    scenario_model(replay, OPENAI["truncated"]).invoke("Hello", config={"callbacks": [handler]})
    assert told.wait(CEILING_S)
    watch.stop()


def test_data_frames(table: _Table, handler: RespMetaHandler) -> None:
    first, *others = ANSWERS["And have them as a data frame?"]
    frames = [table(first), *(table(f"handler.records{one}") for one in others[:-1])]
    assert {len(frame) for frame in frames} == {len(handler.records)}
    table(f"handler.records{others[-1]}")
    assert Path("records.parquet").stat().st_size


def test_a_report_for_colleagues(
    handler: RespMetaHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("records").mkdir()
    handler.records.to_parquet("records/one.parquet")
    (command,) = ANSWERS["What can I show my colleagues?"]
    program, *arguments = command.split()
    assert program == "respmeta"
    assert main(arguments) == 0
    assert "gpt-6.1-sol" in Path("report.html").read_text("utf-8")


def test_a_chart(table: _Table) -> None:
    assert table(*ANSWERS["Charts in my notebook?"]).to_dict()["title"]


_TRIED_ELSEWHERE: Final = {
    "FastAPI? Celery? A LangGraph server?": [],
    "How do I turn it off?": ["RESPMETA_METADATA=false", "RESPMETA_FEEDBACK=false"],
    "How do I strip secrets?": [],
}
"""By the recipes that they lead to."""


def test_each_answer_is_tried() -> None:
    source = Path(__file__).read_text("utf-8")
    assert {question for question in ANSWERS if f'"{question}"' not in source} == set()
    assert {question: ANSWERS[question] for question in _TRIED_ELSEWHERE} == _TRIED_ELSEWHERE
