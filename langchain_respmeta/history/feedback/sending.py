"""Send feedback through an outbox of its own: nothing of it is ever dropped, and it takes no room from the live handlers'."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from langchain_respmeta._delivery.file_faults import file_trouble
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.state_dir import outbox_path
from langchain_respmeta._delivery.worker import Worker
from langchain_respmeta.errors import HistoryError, SettingsError

if TYPE_CHECKING:
    from langsmith import Client

    from langchain_respmeta._delivery.item import FeedbackItem

MOST_WAITING: Final = 5_000
"""Items in the outbox beyond which no more are made."""

_WITHOUT_BOUND: Final = 2**53
_STORE_S: Final = 60.0
"""Longest wait for the file: a batch takes milliseconds."""
_FEW: Final = 25
"""So many refusals of the key, and nothing taken, show that all will be refused."""

GONE: Final = "HTTP 404%"
"""What a server says of a run that it no longer has: asking again is of no use."""
_REFUSED_KEY: Final = ("HTTP 401", "HTTP 403")


def history_settings(directory: Path, per_minute: int | None) -> DeliverySettings:
    """The environment's settings, without the bounds that protect live programs.

    Raises:
        SettingsError: The rate or a variable of the environment is wrong.
    """
    if per_minute is not None and per_minute < 1:
        raise SettingsError(f"rate must be 1 or more requests a minute, not {per_minute}", setting="rate")
    usual = DeliverySettings.from_environment()
    return replace(
        usual,
        state_dir=directory,
        max_rows=_WITHOUT_BOUND,
        max_bytes=_WITHOUT_BOUND,
        max_age_s=float(_WITHOUT_BOUND),
        requests_per_minute=per_minute or usual.requests_per_minute,
        senders=8,
        not_found_attempts=2,  # a finished run does not come later
    )


def left_over(directory: Path) -> int:
    """Count what an earlier run stored and the next one will send; change nothing."""
    path = outbox_path(directory)
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            return int(db.execute(_LEFT, (GONE,)).fetchone()[0])
    except sqlite3.Error as fault:
        raise _unusable(path, fault) from fault


_LEFT: Final = """
SELECT count(*) FROM feedback WHERE state = 'waiting' OR coalesce(error, '?') NOT LIKE ?
"""


def _unusable(path: Path, fault: OSError | sqlite3.Error) -> SettingsError:
    return SettingsError(
        f"the outbox {path} cannot be used: {file_trouble(fault)}", setting="RESPMETA_STATE_DIR"
    )


class Sending:
    """The outbox and its worker, while feedback on old runs is given."""

    def __init__(self, client: Client, settings: DeliverySettings) -> None:
        """Open the outbox, and go on with what an earlier run left in it.

        Raises:
            SettingsError: Its file cannot be used.
        """
        self._client: Final = client
        path = outbox_path(settings.state_dir)
        try:
            self._box: Final = Outbox(path, settings)
            self._box.retry_failed(but=GONE)
        except (OSError, sqlite3.Error) as fault:
            raise _unusable(path, fault) from fault
        self._worker: Final = Worker(settings)
        self._worker.start()
        self._worker.submit((), client)  # what was left goes through it

    @property
    def waiting(self) -> int:
        """Items in the outbox that are not sent yet. What is no longer here is counted by now."""
        with self._worker.counts.in_step:
            return self._box.count("waiting")

    @property
    def over(self) -> int:
        """Items of this run that were taken by the server, or refused for good."""
        told = self._worker.delivery()
        return told.sent + told.failed + told.dropped

    @property
    def sent(self) -> int:
        """Items of this run that the server took, or had."""
        return self._worker.delivery().sent

    @property
    def reason(self) -> str | None:
        """Why items wait, if a server fails."""
        said = self._worker.delivery().reason
        return said if said and "does not answer" in said else None

    def store(self, items: Sequence[FeedbackItem]) -> None:
        """Put items into the outbox. Afterwards they outlive this process.

        Raises:
            HistoryError: The file cannot be written.
        """
        if not items:
            return
        self._worker.submit(items, self._client)
        if not self._worker.persist(_STORE_S) or not self._worker.is_durable:
            raise HistoryError(
                f"feedback cannot be stored in {self._box.path}: free some space there, or set RESPMETA_STATE_DIR;"
                " what was stored is safe, and running this again goes on"
            )

    def check(self) -> None:
        """Find out whether going on is of use.

        Raises:
            HistoryError: The server refuses the key.
        """
        told = self._worker.delivery()
        if told.sent or told.failed < _FEW:
            return
        said = [words for _, words, _ in self._box.errors()]
        if said and all(words.startswith(_REFUSED_KEY) for words in said):
            raise HistoryError(
                f"LangSmith refuses the key for feedback ({said[0]}): nothing is lost; run this again with a key that may"
                " write feedback"
            )

    def refusals(self) -> dict[str, int]:
        """What servers said of items that they refused for good, in this run or an earlier one, and how often."""
        found: dict[str, int] = {}
        if self._box.count("failed"):
            for _, words, rows in self._box.errors():
                found[words] = found.get(words, 0) + rows
        if dropped := self._worker.delivery().dropped:
            found["too large, or could not be made"] = dropped
        return found

    def close(self, timeout_s: float) -> None:
        """Stop; what is not sent waits in the file for the next run."""
        self._worker.close(timeout_s)
        self._box.close()
