"""Give feedback on old runs: estimate, ask, send; a second call goes on where the first one ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.settings import HANDLER, from_environment
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.handler.settings import choose
from langchain_respmeta.history.feedback.chosen_rules import chosen_rules, fingerprint
from langchain_respmeta.history.feedback.estimate import Estimate
from langchain_respmeta.history.feedback.job import Job
from langchain_respmeta.history.feedback.judge import Judge
from langchain_respmeta.history.feedback.ledger import history_dir, read_ledger
from langchain_respmeta.history.feedback.place import Place, place_of
from langchain_respmeta.history.feedback.report import FeedbackProgress, FeedbackReport, Show
from langchain_respmeta.history.feedback.run_files import Wanted, run_files
from langchain_respmeta.history.feedback.sending import history_settings
from langchain_respmeta.history.pull.moments import Moment, moment_of, read_moment
from langchain_respmeta.history.pull.program import pull_runs

if TYPE_CHECKING:
    from langsmith import Client

    from langchain_respmeta.history.pull.report import PullProgress
    from langchain_respmeta.langsmith.feedback.rules import Rule


def give_feedback(
    project: str,
    rules: str | Sequence[Rule] = "exceptions",
    *,
    runs: str | os.PathLike[str] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    filter: str | None = None,  # noqa: A002 - LangSmith's own word
    dry_run: bool = False,
    extend_retention: bool = False,
    rate: int | None = None,
    prefix: str | None = None,
    include_content: bool | None = None,
    client: Client | None = None,
    agree: Callable[[Estimate], bool] | None = None,
    progress: Callable[[FeedbackProgress], None] | None = None,
) -> FeedbackReport:
    """Give feedback on the stored calls of a project, as the live handler does: with the same ids, so none comes twice.

    Killed, or stopped by an error, it goes on where it was when it is called again with the same project and rules.

    Args:
        project: Its name or id.
        rules: "exceptions", "all", `module:attribute`, or `FeedbackRule`s.
        runs: A folder that `pull_runs` made. Default: they are pulled first, into the state directory, and stay there.
        since: Only runs that began then or later.
        until: Only runs that began before.
        filter: LangSmith's filter language, for runs that are pulled.
        dry_run: Estimate only: nothing is sent.
        extend_retention: Whether traces with feedback move to LangSmith's extended retention, which costs.
        rate: Most requests a minute; by default `RESPMETA_FEEDBACK_PER_MINUTE`. LangSmith allows 5,000.
        prefix: Of the built-in keys, as the handler's.
        include_content: Whether comments may hold texts of the answer, as the handler's.
        client: Whose server, key and workspace; by default those of LANGSMITH_*. Where it hides anything, no text is sent.
        agree: Called with the estimate, also of a dry run; False ends it there.
        progress: Called a few times a second.

    Returns:
        The estimate, and what became of it.

    Raises:
        SettingsError: An argument is wrong, the project does not exist, the key is refused, or the folder holds no runs of
            the project.
        HistoryError: The server cannot be asked, or another process gives the same feedback. What was done is kept.
        MissingExtraError: pyarrow is not installed.
    """
    if runs is not None and filter is not None:
        raise SettingsError("a filter is for runs that are pulled: leave out the folder", setting="filter")
    show = progress or _ignore
    options = from_environment(HANDLER, os.environ)
    put_before = choose("prefix", prefix, options)
    chosen = chosen_rules(rules, put_before)
    place = place_of(project, client, lambda note: show(FeedbackProgress("pulling", 0, 1, note)))
    judge = Judge(
        chosen,
        place,
        choose("include_content", include_content, options),
        extend_retention,
        datetime.now(UTC),
    )
    said = fingerprint(rules, chosen, put_before)
    directory = history_dir("feedback", place.api_url, place.session_id, said, str(extend_retention))
    settings = history_settings(directory, rate)
    wanted = Wanted(session_id=place.session_id, since=_time(since, "since"), until=_time(until, "until"))
    folder = _pulled(place, since, until, filter, show) if runs is None else Path(runs)
    job = Job(run_files(folder), wanted, judge, settings, directory, show)
    with read_ledger(directory) as ledger:
        estimate = job.estimate(ledger)
    is_agreed = agree is None or agree(estimate)
    if dry_run or not is_agreed:
        return FeedbackReport(estimate=estimate, was_sent=False, refused={})
    return job.send(estimate)


def _ignore(_: FeedbackProgress) -> None:
    pass


def _time(given: Moment | None, setting: str) -> datetime | None:
    return None if given is None else moment_of(read_moment(given, time.time_ns() // 1_000, setting))


_SHARES: Final = 1_000


def _pulled(
    place: Place, since: Moment | None, until: Moment | None, run_filter: str | None, show: Show
) -> Path:
    """Pull the runs into the state directory, where an earlier call's still are.

    Raises:
        SettingsError: There is none.
    """

    def far(now: PullProgress) -> None:
        show(FeedbackProgress("pulling", round(now.done * _SHARES), _SHARES, now.note))

    report = pull_runs(
        place.session_id,
        history_dir("runs", place.api_url, place.session_id, run_filter or ""),
        since=since,
        until=until,
        filter=run_filter,
        client=place.own,
        progress=far,
    )
    if not report.runs_in_folder:
        raise SettingsError(
            f"project {place.project!r} has no ended calls of models from {report.since} to {report.until}",
            setting="project",
        )
    return Path(report.folder)
