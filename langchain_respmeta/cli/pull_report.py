"""What `respmeta pull` shows: a bar while it works, where somebody looks at it, and the report."""

from __future__ import annotations

from typing import Any

from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.progress_bar import ProgressBar, Step
from langchain_respmeta.cli.stopping import Stopped
from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.pull.program import pull_runs
from langchain_respmeta.history.pull.report import PullProgress, PullReport


def pull_with_progress(project: str, output: str, *, as_json: bool, **options: Any) -> int:
    """Pull, and print the report.

    Returns:
        0, or 1 where some runs are missing.

    Raises:
        HistoryError: The disk is full, or LangSmith does not answer.
        SettingsError: As `pull_runs` has it.
        Stopped: By Ctrl-C.
    """
    bar = ProgressBar()

    def show(now: PullProgress) -> None:
        bar.show(Step("pull", now.done, now.runs, "runs", now.at, now.note))

    try:
        with bar:
            report = pull_runs(project, output, progress=show, **options)
    except KeyboardInterrupt:
        raise Stopped("stopped. The same command goes on from there") from None
    except OSError as fault:
        named = f"{fault.filename}: " if fault.filename else ""
        raise HistoryError(
            f"{named}{fault.strerror or fault}. What was pulled before is kept; make room, and call it again"
        ) from None
    if as_json:
        say_json(report.to_dict())
    else:
        say(_told(report))
    return 1 if report.unreadable else 0


def _told(report: PullReport) -> str:
    done = f"{report.runs:,} runs of {report.project} in {report.parts:,} files, {report.seconds:,.0f} s"
    lines = [f"{done}; {report.runs_in_folder:,} in {report.folder}"]
    if report.again:
        lines.append(
            f"the next pull asks again for windows that are young or have runs that have not ended: {report.again:,}"
        )
    if report.unreadable:
        lines.append(f"{report.unreadable:,} runs have no id or no start time, and were left out")
    return "\n".join(lines)
