"""What can be reported on, and what is written."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pypdf
import pytest

from langchain_respmeta import SettingsError
from langchain_respmeta.report import WrittenReport, write_report
from tests.report.conftest import LAST, MIDDLE
from tests.report.reading import Read

ROOT = Path(__file__).parent.parent.parent


def test_a_report_on_no_calls_is_a_page_that_says_so(records: Path, tmp_path: Path) -> None:
    written = write_report(records, tmp_path / "none.html", since="2030-01-01")
    assert written.now.totals.calls == 0
    page = Read(written.path)
    assert page.tiles["Calls of models"][0] == "0"
    assert page.tiles["Cost"] == ["\N{EN DASH}"]
    assert "No call in this period" in written.path.read_text()


def test_pages_of_pdf_are_a4_and_have_all_the_numbers_and_heads(
    written: WrittenReport, records: Path, tmp_path: Path
) -> None:
    pdf = write_report(records, tmp_path / "report.pdf", by=["model", "thread_id", "user_id", "agent_name"])
    pages = pypdf.PdfReader(io.BytesIO(pdf.path.read_bytes())).pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {(596, 842)}
    texts = [page.extract_text() for page in pages]
    whole = "\n".join(texts)
    for row in Read(written.path).rows("Cost by model"):
        assert row["cost"] in whole
        assert row["model"] in whole
    assert "About the data" in whole
    calls = [text for text in texts if "Chat" in text.partition("About the data")[0]]
    assert calls
    assert all("finish reason" in text for text in calls)


def test_a_picture_is_one_long_sheet(records: Path, tmp_path: Path) -> None:
    png = write_report(
        records, tmp_path / "report.png", since=MIDDLE, until=LAST, previous=True
    ).path.read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert (width, height > 3 * width) == (1191, True)


def test_a_report_that_fails_leaves_the_one_before(records: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    with pytest.raises(SettingsError, match="user_id"):
        write_report(records, path, by="user_idd")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("report.html", "before")]


@pytest.mark.parametrize(
    ("setting", "arguments"),
    [
        ("output", {"out": "report.doc"}),
        ("by", {"by": []}),
        ("zone", {"zone": "Mars/Olympus"}),
        ("since", {"since": "yesterday"}),
        ("until", {"since": "2026-10-08", "until": "2026-10-08"}),
        ("since", {"previous": True}),
        ("compare", {"previous": True, "since": "7d", "compare": "other.parquet"}),
        ("what", {"compare": "missing.parquet"}),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    records: Path, tmp_path: Path, setting: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(SettingsError) as caught:
        write_report(records, **{"out": tmp_path / "report.html", **arguments})  # type: ignore[arg-type]
    assert caught.value.setting == setting
    assert list(tmp_path.iterdir()) == []


def test_days_are_those_of_the_zone(records: Path, tmp_path: Path) -> None:
    zone = "Asia/Tokyo"
    written = write_report(records, tmp_path / "report.html", since=MIDDLE, until=LAST, zone=zone)
    ends = pq.read_table(records, columns=["end_time"])["end_time"].to_pylist()
    days = [end.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d") for end in ends]
    assert written.now.totals.calls == sum(MIDDLE <= day < LAST for day in days)
    assert written.now.totals.calls != sum(MIDDLE <= f"{end:%Y-%m-%d}" < LAST for end in ends)


def test_two_files_stand_beside_each_other(records: Path, tmp_path: Path) -> None:
    written = write_report(records, tmp_path / "report.html", compare=records)
    assert written.compared_with is not None
    assert written.now.totals == written.compared_with.totals
    assert Read(written.path).tiles["Cost"][1] == "unchanged"


def test_the_script_is_what_its_source_and_its_versions_give() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "vega_bundle.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
