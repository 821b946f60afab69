"""Feedback on old runs: estimated first, sent once, and gone on with."""

from __future__ import annotations

from pathlib import Path

from langsmith import Client

from langchain_respmeta.history.feedback.program import give_feedback
from tests.delivery.feedback_server import FeedbackServer


def test_each_exceptional_call_gets_its_feedback_once(
    server: FeedbackServer, client: Client, folder: Path
) -> None:
    report = give_feedback("default", runs=folder, client=client)
    keys = sorted(body["key"] for body in server.feedback.values())
    assert keys == [
        f"respmeta_{word}" for word in ("content_filtered", "refused", "truncated") for _ in range(2)
    ]
    assert (report.sent, report.refused, report.estimate.requests) == (6, {}, 6)
