"""`respmeta report`, as a person or a program calls it."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from langsmith import Client, tracing_context, utils

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.main import main
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from langchain_respmeta.local import LocalServer
from langchain_respmeta.report import WrittenReport
from tests.report.conftest import LAST, MIDDLE
from tests.report.reading import Read
from tests.sending import send_all


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """The command's code, and what it printed on both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["respmeta", "report", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return run


def test_a_report_is_written_and_its_sums_are_said(call, records: Path, tmp_path: Path) -> None:
    code, said, errors = call(records, "--by", "user_id,plan", "--by", "tags")
    assert (code, errors) == (0, "")
    assert said.startswith("report.html (")
    assert {"Cost by user id", "Cost by plan", "Cost by tag"} <= Read(tmp_path / "report.html").tables.keys()


def test_json_is_one_document_with_exact_sums(call, records: Path, written: WrittenReport) -> None:
    code, said, errors = call(records, "-o", "x.html", "--json")
    assert (code, errors) == (0, "")
    told = json.loads(said)
    assert told["path"] == "x.html"
    assert told["compared_with"] is None
    assert told["now"] == written.to_dict()["now"]
    assert isinstance(Decimal(told["now"]["totals"]["cost_usd"]), Decimal)


def test_periods_are_compared(call, records: Path) -> None:
    code, said, _ = call(records, "--since", MIDDLE, "--until", LAST, "--previous", "--json")
    told = json.loads(said)
    assert code == 0
    assert told["compared_with"]["until"] < MIDDLE <= told["now"]["since"] < told["now"]["until"] < LAST


def test_rows_that_cannot_be_read_are_counted_and_make_the_code_1(
    call, records: Path, tmp_path: Path
) -> None:
    table = pq.read_table(records).slice(0, 10)
    place = table.schema.get_field_index("problem")
    told = table.set_column(place, table.schema.field(place), [["broken", *[None] * 9]])
    pq.write_table(told, tmp_path / "some.parquet")
    code, said, _ = call(tmp_path / "some.parquet")
    assert code == 1
    assert "1 rows could not be read" in said
    assert "1 rows could not be read" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give files of records, or --project"),
        (["missing.parquet"], "missing.parquet"),
        (["FILE", "-o", "report.doc"], ".html"),
        (["FILE", "--by", "modle"], "model"),
        (["FILE", "--previous"], "--since"),
        (["FILE", "--project", "p"], "not both"),
        (["FILE", "--since", "soon"], "since is a date"),
        (["FILE", "--zone", "Nowhere"], "zone"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(
    call, records: Path, arguments: list[str], says: str
) -> None:
    code, said, errors = call(*[records if one == "FILE" else one for one in arguments])
    assert (code, said, errors.count("\n")) == (2, "", 1)
    assert says in errors


def test_a_project_of_the_server_becomes_a_report_with_links_to_its_page(
    call, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with LocalServer() as server:
        _trace_calls(server, replay, monkeypatch)
        code, said, errors = call("--project", "of-a-report", "--by", "user_id", "--json")
    assert (code, errors) == (0, "")
    assert json.loads(said)["now"]["totals"]["calls"] == 3
    page = Read(tmp_path / "report.html")
    assert [row["calls"] for row in page.rows("Cost by user id")] == ["2", "1"]
    assert len([link for link in page.links if link.startswith(f"{server.url}/run/")]) == 3
    assert "of-a-report" in (tmp_path / "report.html").read_text()


def _trace_calls(server: LocalServer, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three calls of two users, in a project of the server that the environment names."""
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    monkeypatch.setenv("LANGSMITH_API_KEY", "any")
    utils.get_env_var.cache_clear()
    client = Client(api_url=server.url, api_key="any")
    model = scenario_model(replay, demo_scenarios()["openai_responses"]["basic"])
    with tracing_context(enabled=True, client=client, project_name="of-a-report"):
        for user in ("ann", "bob", "ann"):
            model.invoke("Hello", config={"metadata": {"user_id": user}, "callbacks": [RespMetaHandler()]})
    send_all(client)
    client.cleanup()
