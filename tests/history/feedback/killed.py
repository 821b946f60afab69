"""The program of the kill test: for each line that it reads, a child that gives feedback and says how far it is.

The children are forked from a process that has loaded everything and started nothing: each begins in a moment.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.history.feedback import run_files
from langchain_respmeta.history.feedback.program import give_feedback
from langchain_respmeta.history.feedback.report import FeedbackProgress
from langchain_respmeta.history.pull.connection import connect
from tests.delivery.feedback_cases import client
from tests.history.feedback.stored import made


def say(word: object) -> None:
    sys.stdout.write(f"{json.dumps(word)}\n")
    sys.stdout.flush()


def give(url: str, folder: Path) -> None:
    """Give feedback in small parts; say what is done, again and again, and at last the report."""

    def tell(now: FeedbackProgress) -> None:
        say(now.doing)

    say(give_feedback("default", runs=folder, client=client(url), progress=tell).to_dict())


def main(url: str, folder: Path) -> None:
    run_files.ROWS_OF_A_PART = 4  # type: ignore[misc]
    read_stored(made(0, ""))
    connect(client(url))
    run_files.run_files(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # none of them stays as a zombie, which counts as alive
    for _ in sys.stdin:
        if os.fork() == 0:
            say(os.getpid())
            give(url, folder)
            os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
