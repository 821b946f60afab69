"""What the kill test runs in processes of their own."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.history.feedback import run_files
from langchain_respmeta.history.feedback.program import give_feedback
from langchain_respmeta.history.feedback.report import FeedbackProgress
from langchain_respmeta.history.pull.connection import connect
from tests.delivery.feedback_cases import client
from tests.history.feedback.stored import made

read_stored(made(0, ""))
connect(client("http://127.0.0.1:1"))
"""Load, before the processes are forked, what a call loads at its first need."""


def give(url: str, state: Path, folder: Path, report: Connection) -> None:
    """Give feedback, in small parts, and say how far it is; then wait to be killed."""
    os.environ["RESPMETA_STATE_DIR"] = str(state)
    os.environ["RESPMETA_FEEDBACK_PER_MINUTE"] = "1000000"
    run_files.ROWS_OF_A_PART = 20  # type: ignore[misc]

    def tell(now: FeedbackProgress) -> None:
        report.send(now.doing)

    found = give_feedback("default", runs=folder, client=client(url), progress=tell)
    report.send(found.to_dict())
    report.recv()
