"""Give feedback on old runs: estimate, ask, send; a second run goes on where the first one ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.settings import HANDLER, from_environment
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.handler.settings import choose
from langchain_respmeta.history.feedback.chosen_rules import chosen_rules, fingerprint
from langchain_respmeta.history.feedback.estimate import Estimate, estimated
from langchain_respmeta.history.feedback.judge import Judge, Judged
from langchain_respmeta.history.feedback.ledger import FILE, Ledger, history_dir, read_ledger
from langchain_respmeta.history.feedback.place import place_of
from langchain_respmeta.history.feedback.report import FeedbackProgress, FeedbackReport
from langchain_respmeta.history.feedback.run_files import Part, RunFile, Wanted, run_files
from langchain_respmeta.history.feedback.sending import MOST_WAITING, Sending, history_settings, left_over

if TYPE_CHECKING:
    from pathlib import Path

    from langsmith import Client

    from langchain_respmeta._delivery.settings import DeliverySettings
    from langchain_respmeta.langsmith.feedback.rules import Rule

_PAUSE_S: Final = 0.05
_LEAVE_S: Final = 1.0
"""Longest wait, on the way out, for requests under way."""


def give_feedback(
    project: str,
    rules: str | Sequence[Rule] = "exceptions",
    *,
    runs: str | os.PathLike[str],
    since: datetime | None = None,
    until: datetime | None = None,
    dry_run: bool = False,
    extend_retention: bool = False,
    rate: int | None = None,
    prefix: str | None = None,
    include_content: bool | None = None,
    client: Client | None = None,
    agree: Callable[[Estimate], bool] | None = None,
    progress: Callable[[FeedbackProgress], None] | None = None,
) -> FeedbackReport:
    """Give feedback on the stored calls of a project, as the live handler would have: with the same ids, so none comes twice.

    Killed, or stopped by an error, it goes on where it was when it is called again with the same project and rules.

    Args:
        project: Name of the project.
        rules: "exceptions", "all", `module:attribute`, or `FeedbackRule`s.
        runs: A folder that `respmeta pull` made.
        since: Only runs that began then or later.
        until: Only runs that began before.
        dry_run: Estimate only; nothing is sent or written.
        extend_retention: Whether traces with feedback move to LangSmith's extended retention, which costs.
        rate: Most requests a minute; by default `RESPMETA_FEEDBACK_PER_MINUTE`. LangSmith allows 5,000.
        prefix: Of the built-in keys, as the handler's.
        include_content: Whether comments may hold texts of the answer, as the handler's.
        client: Whose server and key; by default one of the environment. Where it hides anything, no text is sent.
        agree: Called with the estimate, also of a dry run; False ends it there.
        progress: Called a few times a second while it sends.

    Returns:
        The estimate, and what became of it.

    Raises:
        SettingsError: An argument is wrong, the project does not exist, or the folder holds no runs of it.
        HistoryError: The server cannot be asked or refuses the key, or another process gives the same feedback.
        MissingExtraError: pyarrow is not installed.
    """
    options = from_environment(HANDLER, os.environ)
    place = place_of(project, client)
    put_before = choose("prefix", prefix, options)
    chosen = chosen_rules(rules, put_before)
    judge = Judge(
        chosen,
        place,
        choose("include_content", include_content, options),
        extend_retention,
        datetime.now(UTC),
    )
    directory = history_dir(
        place.api_url, place.session_id, fingerprint(rules, chosen, put_before), str(extend_retention)
    )
    wanted = Wanted(session_id=place.session_id, since=_aware(since), until=_aware(until))
    job = _Job(judge, wanted, history_settings(directory, rate), directory)
    files = run_files(runs)
    with read_ledger(job.directory) as ledger:
        estimate = job.estimate(files, ledger)
    is_agreed = agree is None or agree(estimate)
    if dry_run or not is_agreed:
        return FeedbackReport(estimate=estimate, was_sent=False, refused={})
    return job.send(files, estimate, progress or _ignore)


def _ignore(_: FeedbackProgress) -> None:
    pass


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


@dataclass(frozen=True, slots=True)
class _Job:
    """One feedback: on a project, by rules."""

    judge: Judge
    wanted: Wanted
    settings: DeliverySettings
    directory: Path

    def estimate(self, files: Sequence[RunFile], ledger: Ledger | None) -> Estimate:
        """Judge what is not done yet.

        Raises:
            SettingsError: All runs are another project's.
        """
        found = estimated(
            (part for file in files for part in self._undone(file, ledger)),
            self.judge,
            project=self.judge.place.project,
            given_before=0 if ledger is None else ledger.items(),
            waiting=left_over(self.directory),
            per_minute=self.settings.requests_per_minute,
        )
        counts = found.counts
        if counts.runs and counts.of_other_projects == counts.runs:
            raise SettingsError(
                f"none of the {counts.runs:,} runs is of project {found.project!r}: the folder was pulled from another one",
                setting="runs",
            )
        return found

    def _name(self, file: RunFile) -> str:
        return f"{file.fingerprint} {self.wanted.since} {self.wanted.until}"

    def _undone(self, file: RunFile, ledger: Ledger | None) -> Iterator[Part]:
        if ledger is None:
            yield from file.parts(self.wanted)
            return
        done = ledger.done(self._name(file))
        if not done.is_over:
            yield from file.parts(self.wanted, done.rows)

    def send(
        self, files: Sequence[RunFile], estimate: Estimate, progress: Callable[[FeedbackProgress], None]
    ) -> FeedbackReport:
        """Send what is not sent yet, and wait until the server has it."""
        with Ledger(self.directory / FILE) as ledger:
            sending = Sending(self.judge.place.client, self.settings)

            def wait_for(most: int) -> None:
                while True:
                    progress(FeedbackProgress(sending.over, estimate.requests, sending.reason))
                    sending.check()
                    if sending.waiting <= most:
                        return
                    time.sleep(_PAUSE_S)

            try:
                for file in files:
                    self._store(file, ledger, sending, wait_for)
                wait_for(0)
                return FeedbackReport(
                    estimate=estimate, was_sent=True, sent=sending.sent, refused=sending.refusals()
                )
            finally:
                sending.close(_LEAVE_S)

    def _store(
        self, file: RunFile, ledger: Ledger, sending: Sending, wait_for: Callable[[int], None]
    ) -> None:
        name, counts = self._name(file), Judged()
        for part in self._undone(file, ledger):
            wait_for(MOST_WAITING)
            items = self.judge.items(part, counts)
            sending.store(items)
            ledger.note(name, part.rows, len(items))
        ledger.note(name, 0, 0, is_over=True)
