"""`respmeta feedback`: show the estimate, ask, show how far it is, and tell what became of it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.feedback.estimate import Estimate
from langchain_respmeta.history.feedback.program import give_feedback
from langchain_respmeta.history.feedback.report import FeedbackProgress


def feedback_with_progress(
    project: str, rules: str, *, yes: bool, as_json: bool, dry_run: bool, **options: Any
) -> int:
    """Run the command.

    Returns:
        0; 1 where feedback was refused for good, or where the user said no or stopped it.

    Raises:
        SettingsError: It would have to ask, and there is no terminal.
    """
    people, bar = Console(stderr=as_json, soft_wrap=True, highlight=False), _Bar()

    def agree(estimate: Estimate) -> bool:
        bar.stop()
        _print(people, estimate.lines())
        return yes or dry_run or not estimate.requests or _ask(estimate.requests)

    try:
        with _quiet_delivery():
            report = give_feedback(project, rules, dry_run=dry_run, agree=agree, progress=bar.show, **options)
    except KeyboardInterrupt:
        sys.stderr.write("respmeta: stopped. Nothing is lost: the same command goes on where this one was\n")
        return 1
    finally:
        bar.stop()
    if as_json:
        sys.stdout.write(json.dumps(report.to_dict(), indent=2) + "\n")
    elif report.was_sent:
        _print(people, report.lines())
    return 0 if report.is_whole and (report.was_sent or dry_run) else 1


def _ask(requests: int) -> bool:
    if not sys.stdin.isatty():
        raise SettingsError(
            "nothing is sent without a yes, and there is no terminal to ask on: add --yes, or --dry-run for the estimate"
            " alone",
            setting="yes",
        )
    return typer.confirm(f"Send {requests:,} requests?", err=True)


def _print(people: Console, lines: Iterator[str]) -> None:
    for line in lines:
        people.print(line, markup=False)


@contextmanager
def _quiet_delivery() -> Iterator[None]:
    """The report tells what the delivery logs, and names the right remedy."""
    logger = logging.getLogger("langchain_respmeta._delivery")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class _Bar:
    """A bar with rate and time left, on terminals; elsewhere one line for each thing that is waited for."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar: Progress | None = None
        self._doing = ""
        self._said: str | None = None

    def show(self, now: FeedbackProgress) -> None:
        """Show how far it is."""
        if not self._console.is_terminal:
            self._say(now.reason)
            return
        if self._bar is None or self._doing != now.doing:
            self.stop()
            self._doing, self._bar = now.doing, _started(now.doing, self._console)
        speed = self._bar.tasks[0].speed
        rate = f"{speed * 60:,.0f}/min" if speed else ""
        self._bar.update(
            self._bar.tasks[0].id, completed=now.over, total=now.total, rate=rate, reason=now.reason or ""
        )

    def _say(self, reason: str | None) -> None:
        kind = None if reason is None else reason.partition(";")[0]
        if kind is not None and kind != self._said:
            sys.stderr.write(f"respmeta: {kind}\n")
        self._said = kind

    def stop(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _started(doing: str, console: Console) -> Progress:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[reason]}"),
        console=console,
        transient=True,
    )
    bar.add_task(doing, rate="", reason="")
    bar.start()
    return bar
