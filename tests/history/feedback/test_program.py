"""Feedback on old runs: estimated first, sent once, and gone on with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client

from langchain_respmeta import FeedbackRule
from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history import FeedbackProgress, give_feedback
from langchain_respmeta.history.feedback import job, run_files
from tests.delivery.feedback_cases import client as client_of
from tests.delivery.feedback_server import FeedbackServer, project_id
from tests.history.feedback.stored import made, write

SESSION = str(project_id("default"))
KEYS = {"respmeta_content_filtered": 2, "respmeta_refused": 2, "respmeta_truncated": 2}
"""Of the eight runs in `folder`."""


def keys(server: FeedbackServer) -> Counter[str]:
    return Counter(body["key"] for body in server.feedback.values())


def files_in(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_each_exceptional_call_gets_its_feedback_once(
    server: FeedbackServer, client: Client, folder: Path
) -> None:
    report = give_feedback("default", runs=folder, client=client)
    assert keys(server) == KEYS
    assert (report.sent, report.refused, report.estimate.requests) == (6, {}, 6)
    second = give_feedback("default", runs=folder, client=client)
    assert (second.sent, second.estimate.requests, second.estimate.given_before) == (0, 0, 6)
    assert server.count("POST", "/feedback") == 6


def test_an_item_says_its_run_trace_project_and_time_and_extends_no_retention(
    server: FeedbackServer, client: Client, folder: Path
) -> None:
    give_feedback("default", runs=folder, client=client)
    times = {made(number, SESSION)["id"]: made(number, SESSION)["start_time"] for number in range(8)}
    for body in server.feedback.values():
        assert body["trace_id"] == body["run_id"]
        assert body["session_id"] == SESSION
        assert datetime.fromisoformat(body["start_time"]) == times[body["run_id"]]
        assert body["extend_trace_retention"] is False
    assert server.count("GET", "/sessions") == 1


def test_a_dry_run_sends_nothing_and_leaves_nothing(
    server: FeedbackServer, client: Client, folder: Path, tmp_path: Path
) -> None:
    report = give_feedback("default", "all", runs=folder, client=client, dry_run=True)
    assert (report.was_sent, report.estimate.requests) == (False, 7 * 8)
    assert {method for method, _, _ in server.requests} == {"GET"}
    assert files_in(tmp_path) == files_in(folder)


def test_who_does_not_agree_sends_nothing(server: FeedbackServer, client: Client, folder: Path) -> None:
    report = give_feedback(
        "default", runs=folder, client=client, agree=lambda estimate: estimate.requests < 6
    )
    assert not report.was_sent
    assert not server.feedback


def test_the_estimate_counts_what_is_left_out_and_why(
    server: FeedbackServer, client: Client, tmp_path: Path
) -> None:
    old = datetime.now(UTC) - timedelta(days=20)
    rows = [
        made(1, SESSION),
        made(2, SESSION, start_time=old, end_time=old),
        made(3, SESSION, run_type="chain"),
        made(4, str(project_id("other"))),
        made(5, SESSION, end_time=None, outputs=None, status="pending"),
        made(6, SESSION, outputs={}),
        made(7, SESSION, outputs=None) | {"outputs": '{"generations": '},
        made(8, SESSION, start_time=old - timedelta(days=1)),
    ]
    folder = write(rows, tmp_path / "runs")
    report = give_feedback(
        "default", runs=folder, client=client, since=old, rate=120, extend_retention=True, dry_run=True
    )
    found = report.to_dict()["estimate"]
    assert found == {
        "project": "default",
        "runs": {
            "read": 8,
            "of_other_projects": 1,
            "out_of_range": 1,
            "of_other_types": 1,
            "unfinished": 1,
            "unreadable": 2,
            "beyond_retention": 1,
            "calls": 2,
        },
        "requests": 3,
        "requests_by_key": {
            "respmeta_content_filtered": 1,
            "respmeta_refused": 1,
            "respmeta_truncated": 1,
        },
        "given_before": 0,
        "waiting": 0,
        "per_minute": 120,
        "minutes": 0.025,
        "extended_traces": 2,
        "usd": 0.01,
    }
    told = "\n".join(report.estimate.lines())
    for words in (
        "1 of other projects",
        "2 without an answer",
        "2 traces move to extended",
        "older than 14 days",
    ):
        assert words in told


def test_only_who_asks_extends_the_retention(server: FeedbackServer, client: Client, folder: Path) -> None:
    give_feedback("default", runs=folder, client=client, extend_retention=True)
    assert {body["extend_trace_retention"] for body in server.feedback.values()} == {True}


def test_runs_that_langsmith_has_deleted_are_refused_counted_and_not_asked_for_again(
    server: FeedbackServer, client: Client, folder: Path
) -> None:
    server.unknown_runs.add(made(1, SESSION)["id"])
    for sent in (5, 0):
        report = give_feedback("default", runs=folder, client=client)
        assert (report.sent, report.is_whole, report.refused) == (sent, False, {"HTTP 404": 1})
    assert server.count("POST", "/feedback") == 5 + 2  # a missing run is asked for twice, once a while later


def test_what_a_key_could_not_do_is_done_with_another(
    server: FeedbackServer, client: Client, folder: Path
) -> None:
    server.become_for_posts(403)
    report = give_feedback("default", runs=folder, client=client)
    assert (report.sent, sum(report.refused.values())) == (0, 6)
    server.become("ok")
    assert give_feedback("default", runs=folder, client=client).sent == 6
    assert keys(server) == KEYS


def test_a_refused_key_ends_it_early(
    server: FeedbackServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_files, "ROWS_OF_A_PART", 5)
    monkeypatch.setattr(job, "MOST_WAITING", 10)
    folder = write((made(number, SESSION) for number in range(400)), tmp_path / "runs")
    server.become_for_posts(401)
    with pytest.raises(HistoryError, match="refuses the key for feedback"):
        give_feedback("default", runs=folder, client=client)
    assert server.count("POST", "/feedback") < 100


@pytest.mark.parametrize("mode", [500, 429, "refuse"])
def test_an_outage_is_waited_for(
    server: FeedbackServer, client: Client, folder: Path, mode: str | int
) -> None:
    server.retry_after = "0"
    told = list[str]()

    def watch(now: FeedbackProgress) -> None:
        if now.doing == "reading":
            server.become(mode)
        elif now.reason is not None:
            told.append(now.reason)
            server.become("ok")

    report = give_feedback("default", runs=folder, client=client, progress=watch)
    assert (report.sent, keys(server)) == (6, KEYS)
    assert "does not answer" in told[0]


def test_who_stops_it_loses_nothing(
    server: FeedbackServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_files, "ROWS_OF_A_PART", 10)
    monkeypatch.setattr(job, "_LEAVE_S", 0.0)
    folder = write((made(number, SESSION) for number in range(80)), tmp_path / "runs")

    def stop_after(most: int) -> Callable[[FeedbackProgress], None]:
        def watch(now: FeedbackProgress) -> None:
            if now.doing == "giving" and now.over >= most:
                raise KeyboardInterrupt

        return watch

    for most in (0, 1, 10):
        with pytest.raises(KeyboardInterrupt):
            give_feedback("default", runs=folder, client=client, progress=stop_after(most))
    give_feedback("default", runs=folder, client=client)
    assert set(keys(server).values()) == {20}
    assert set(server.posts.values()) == {1}


def test_two_at_once_are_refused(server: FeedbackServer, client: Client, folder: Path) -> None:
    refused = list[str]()

    def watch(now: FeedbackProgress) -> None:
        if now.doing == "giving":
            with pytest.raises(HistoryError) as error:
                give_feedback("default", runs=folder, client=client)
            refused.append(str(error.value))

    give_feedback("default", runs=folder, client=client, progress=watch)
    assert "another process gives this feedback" in refused[0]
    assert keys(server) == KEYS


def test_other_rules_are_another_feedback(server: FeedbackServer, client: Client, folder: Path) -> None:
    def long(record: Any) -> bool:
        return bool(record.finish_reason == "length")

    def any_at_all(_: Any) -> bool:
        return True

    for when, number in ((long, 2), (long, 2), (any_at_all, 8)):
        give_feedback("default", [FeedbackRule("mine", when, score=1)], runs=folder, client=client)
        assert keys(server) == {"mine": number}


def test_nothing_is_dropped_by_the_bounds_of_live_programs(
    server: FeedbackServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no more waits in the outbox than the bound of old runs."""
    for name in ("ROWS", "BYTES", "AGE_DAYS"):
        monkeypatch.setenv(f"RESPMETA_OUTBOX_MAX_{name}", "0")
    monkeypatch.setattr(run_files, "ROWS_OF_A_PART", 5)
    monkeypatch.setattr(job, "MOST_WAITING", 10)
    folder = write((made(number, SESSION) for number in range(200)), tmp_path / "runs")
    report = give_feedback("default", "all", runs=folder, client=client)
    assert (report.sent, len(server.feedback)) == (7 * 200, 7 * 200)


def test_a_client_that_hides_outputs_sends_no_text(server: FeedbackServer, folder: Path) -> None:
    for hidden in (False, True):
        client = client_of(server.url, hide_outputs=hidden)
        server.feedback.clear()
        give_feedback("default", runs=folder, client=client, include_content=True, prefix=f"hidden_{hidden}")
        assert any(body.get("comment") for body in server.feedback.values()) is not hidden


def test_a_client_that_samples_gives_feedback_on_all_stored_runs(
    server: FeedbackServer, folder: Path
) -> None:
    client = client_of(server.url, tracing_sampling_rate=0.0)
    assert give_feedback("default", runs=folder, client=client).sent == 6


def test_runs_out_of_the_asked_time_get_none(server: FeedbackServer, client: Client, folder: Path) -> None:
    start = made(0, SESSION)["start_time"]
    report = give_feedback(
        "default",
        runs=folder,
        client=client,
        since=start + timedelta(seconds=1),
        until=start + timedelta(seconds=3),
    )
    assert (report.sent, report.estimate.counts.out_of_range) == (3, 6)
    assert give_feedback("default", runs=folder, client=client).sent == 6
    assert keys(server) == KEYS


def test_the_report_is_json(server: FeedbackServer, client: Client, folder: Path) -> None:
    report = give_feedback("default", runs=folder, client=client)
    assert json.loads(json.dumps(report.to_dict()))["sent"] == 6
