"""One feedback on old runs: what it reads, what is done of it, and how it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.feedback.estimate import Estimate, estimated
from langchain_respmeta.history.feedback.judge import Judge, Judged
from langchain_respmeta.history.feedback.ledger import FILE, Ledger
from langchain_respmeta.history.feedback.report import FeedbackProgress, FeedbackReport, Show
from langchain_respmeta.history.feedback.run_files import Part, RunFile, Wanted
from langchain_respmeta.history.feedback.sending import MOST_WAITING, Sending, left_over

_PAUSE_S: Final = 0.05
_LEAVE_S: Final = 1.0
"""Longest wait, on the way out, for requests under way."""


@dataclass(frozen=True, slots=True)
class Job:
    """One feedback: on the runs of these files, by these rules."""

    files: Sequence[RunFile]
    wanted: Wanted
    judge: Judge
    settings: DeliverySettings
    directory: Path
    """Where its ledger and its outbox are."""
    show: Show

    def estimate(self, ledger: Ledger | None) -> Estimate:
        """Judge what is not done yet.

        Raises:
            SettingsError: All runs are another project's.
        """
        place = self.judge.place
        found = estimated(
            self._shown(ledger),
            self.judge,
            project=place.project,
            given_before=0 if ledger is None else ledger.items(),
            waiting=left_over(self.directory),
            per_minute=self.settings.requests_per_minute,
        )
        counts = found.counts
        if counts.read and counts.of_other_projects == counts.read:
            raise SettingsError(
                f"none of the {counts.read:,} runs is of project {place.project!r}: the folder was pulled from another one",
                setting="runs",
            )
        return found

    def _shown(self, ledger: Ledger | None) -> Iterator[Part]:
        """The parts that are not done, while it is shown how far the reading is."""
        over, total = 0, sum(file.rows for file in self.files)
        for file in self.files:
            for part in self._undone(file, ledger):
                yield part
                self.show(FeedbackProgress("reading", over + part.end, total))
            over += file.rows

    def _undone(self, file: RunFile, ledger: Ledger | None) -> Iterator[Part]:
        done = None if ledger is None else ledger.done(file.name(self.wanted))
        if done is None or not done.is_over:
            yield from file.parts(self.wanted, 0 if done is None else done.rows)

    def send(self, estimate: Estimate) -> FeedbackReport:
        """Send what is not sent yet, and wait until the server has it.

        Raises:
            HistoryError: Another process gives the same feedback, the key is refused, or the outbox cannot be written.
        """
        with Ledger(self.directory / FILE) as ledger, self._sending() as sending:

            def wait_for(most: int) -> None:
                while True:
                    self.show(FeedbackProgress("giving", sending.over, estimate.requests, sending.reason))
                    sending.check()
                    if sending.waiting <= most:
                        return
                    time.sleep(_PAUSE_S)

            for file in self.files:
                self._store(file, ledger, sending, wait_for)
            wait_for(0)
            return FeedbackReport(
                estimate=estimate, was_sent=True, sent=sending.sent, refused=sending.refusals()
            )

    def _store(
        self, file: RunFile, ledger: Ledger, sending: Sending, wait_for: Callable[[int], None]
    ) -> None:
        name, counts = file.name(self.wanted), Judged()
        for part in self._undone(file, ledger):
            wait_for(MOST_WAITING)
            items = self.judge.items(part, counts)
            sending.store(items)
            ledger.note(name, part.rows, len(items), is_over=part.end == file.rows)

    @contextmanager
    def _sending(self) -> Iterator[Sending]:
        sending = Sending(self.judge.place.client, self.settings)
        try:
            yield sending
        finally:
            sending.close(_LEAVE_S)
