"""Delivery through the real client: what arrives, and the fate of the rest."""

from __future__ import annotations

import inspect
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from langsmith import Client

from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.service import Delivery
from langchain_respmeta.langsmith.feedback.rules import Target, items_for, rules_for
from tests.delivery.feedback_cases import box, client, item, items, quick
from tests.delivery.feedback_server import FeedbackServer, project_id
from tests.waiting import CEILING_S, until


def test_feedback_arrives_once_with_everything_langsmith_needs(server: FeedbackServer) -> None:
    given = item(1, server.url, comment="why", value={"a": 1})
    service.submit([given], client(server.url))
    assert service.flush(CEILING_S)
    body = server.feedback[given.id]
    expected = {
        "run_id": given.run_id,
        "trace_id": given.trace_id,
        "session_id": str(project_id("default")),
        "start_time": "2026-11-21T10:00:00+00:00",
        "key": "respmeta_refused",
        "score": 1,
        "value": {"a": 1},
        "comment": "why",
        "extend_trace_retention": False,
    }
    assert {name: body[name] for name in expected} == expected
    assert body["feedback_config"]["categories"][1] == {"value": 1.0, "label": "yes"}
    assert service.delivery() == Delivery(sent=1)


@pytest.mark.parametrize("cost", ["0.0000001", "0.0000125", "1.2345678", "99.9"])
def test_no_score_is_changed_on_its_way(server: FeedbackServer, cost: str) -> None:
    """The SDK rounds to four decimals, and the smallest floats become 0."""
    run = uuid4()
    view = {
        "cost.total": Decimal(cost),
        "timing.time_to_first_token_s": 0.1234567,
        "usage.input_tokens": 3_000,
        "usage.cache_read_tokens": 1,
    }
    given = items_for(
        rules_for("all"),
        view,
        Target(run_id=run, trace_id=run, project="default", api_url=server.url),
        record=dict,
    )  # type: ignore[arg-type]
    service.submit(given, client(server.url))
    assert service.flush(CEILING_S)
    sent = {body["key"]: body["score"] for body in server.feedback.values()}
    assert sent == {each.key: each.score for each in given}
    assert sent["respmeta_cost_millidollars"] == pytest.approx(float(cost) * 1_000, rel=0.001)
    assert sent["respmeta_cache_read_share"] == 0.0003


def test_the_project_is_looked_up_once_and_the_servers_info_never(server: FeedbackServer) -> None:
    ours = client(server.url)
    for number in range(30):
        service.submit([item(number, server.url)], ours)
        service.flush(CEILING_S)
    assert server.count("GET", "/sessions") == 1
    assert server.count("GET", "/info") == 0
    assert server.count("POST", "/feedback") == 30


def test_a_known_session_id_needs_no_look_up(server: FeedbackServer) -> None:
    session = str(project_id("elsewhere"))
    service.submit([item(1, server.url, session_id=session)], client(server.url))
    assert service.flush(CEILING_S)
    assert server.count("GET", "/sessions") == 0
    assert next(iter(server.feedback.values()))["session_id"] == session


@pytest.mark.skipif(
    "address" not in inspect.signature(Client.create_feedback).parameters,
    reason="this SDK knows no addresses",
)
def test_an_addressed_run_gets_its_address_and_no_session(server: FeedbackServer) -> None:
    address = {"kind": "AGENT", "id": "support-agent", "environment": "PRODUCTION"}
    service.submit([item(1, server.url, project=None, address=address)], client(server.url))
    assert service.flush(CEILING_S)
    body = next(iter(server.feedback.values()))
    assert body["address"] == "lrn:agents/support-agent/environments/production"
    assert "session_id" not in body
    assert server.count("GET", "/sessions") == 0


def test_asking_for_extended_retention_still_goes_by_the_acknowledged_way(server: FeedbackServer) -> None:
    ours = client(server.url, auto_batch_tracing=True, info={"version": "0.13.0"})
    service.submit([item(1, server.url, extend_trace_retention=True)], ours)
    assert service.flush(CEILING_S)
    assert next(iter(server.feedback.values()))["extend_trace_retention"] is True
    ours.close()


def test_feedback_waits_until_the_first_run_has_made_its_project(server: FeedbackServer) -> None:
    server.projects.clear()
    service.submit(items(range(20), server.url), client(server.url))
    until(lambda: server.count("GET", "/sessions") >= 3, "that it is asked for again")
    assert service.delivery().waiting == 20
    assert server.count("POST", "/feedback") == 0
    server.projects.add("default")
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 20


def test_one_look_up_serves_all_items_of_a_project_that_is_not_there_yet(
    server: FeedbackServer, tmp_path: Path
) -> None:
    service.configure(quick(tmp_path, senders=1, first_backoff_s=3_600.0, max_backoff_s=3_600.0))
    server.projects.clear()
    service.submit(items(range(20), server.url), client(server.url))
    until(lambda: "asked 1 times" in (service.delivery().reason or ""), "the answer that there is no project")
    until(lambda: box(tmp_path).groups()[0][5] == 20, "that all of its items are put off")
    assert server.count("GET", "/sessions") == 1


def test_what_the_server_knows_already_counts_as_delivered(server: FeedbackServer) -> None:
    given = items(range(3), server.url)
    server.feedback[given[1].id] = {}
    service.submit(given, client(server.url))
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(sent=3)
    assert server.repeats == {given[1].id: 1}


def test_a_refusal_for_good_is_kept_counted_and_said_once(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    server.become(422)
    service.submit(items(range(1, 6), server.url), ours)
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(sent=1, failed=5)
    rows = list(box(tmp_path).export())
    assert {(row["state"], row["error"]) for row in rows} == {("failed", 'HTTP 422: {"detail": "told to"}')}
    assert len(caplog.records) == 1
    assert "respmeta outbox status" in caplog.text


def test_a_run_the_server_does_not_know_yet_is_tried_again_then_given_up(
    server: FeedbackServer, tmp_path: Path
) -> None:
    service.configure(quick(tmp_path, not_found_attempts=4))
    late, never = items(range(2), server.url)
    server.unknown_runs.add(never.run_id)
    server.late_runs[late.run_id] = 2
    service.submit([late, never], client(server.url))
    assert service.flush(CEILING_S)
    assert set(server.feedback) == {late.id}
    assert service.delivery() == Delivery(sent=1, failed=1)
