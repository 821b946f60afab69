"""What `respmeta pull` shows: a bar while it works, where somebody looks at it, and the report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.pull.program import pull_runs
from langchain_respmeta.history.pull.report import PullProgress, PullReport


def pull_with_progress(project: str, output: str, *, as_json: bool, **options: Any) -> int:
    """Pull, and print the report.

    Returns:
        0, or 1 where some runs are missing.

    Raises:
        HistoryError: It was stopped on the way, by whatever.
        SettingsError: As `pull_runs` has it.
    """
    try:
        with _shown() as progress:
            report = pull_runs(project, output, progress=progress, **options)
    except KeyboardInterrupt:
        raise HistoryError("stopped. The same command goes on from there") from None
    except OSError as fault:
        named = f"{fault.filename}: " if fault.filename else ""
        raise HistoryError(
            f"{named}{fault.strerror or fault}. What was pulled before is kept; make room, and call it again"
        ) from None
    text = orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2).decode() if as_json else _told(report)
    sys.stdout.write(f"{text}\n")
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


@contextmanager
def _shown() -> Iterator[Callable[[PullProgress], None]]:
    """A bar on a terminal; elsewhere only what is waited for, one line each."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _say_waits
        return
    columns = (
        TextColumn("{task.fields[at]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[runs]:,} runs, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("pull", total=1.0, at="", runs=0, rate=0.0, note="")

        def show(state: PullProgress) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = state.runs / elapsed if elapsed else 0.0
            bar.update(
                task, completed=state.done, at=state.at, runs=state.runs, rate=rate, note=state.note or ""
            )

        yield show


def _say_waits(state: PullProgress) -> None:
    if state.note is not None:
        sys.stderr.write(f"respmeta: {state.note}\n")
