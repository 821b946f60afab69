"""`respmeta feedback`: show the estimate, ask, show how far it is, and tell what became of it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

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
        0; 1 where feedback was refused for good, the user said no, or stopped it.

    Raises:
        SettingsError: It would have to ask, and there is no terminal.
    """
    people = Console(stderr=as_json, soft_wrap=True, highlight=False)
    with _quiet_delivery(), _bar() as progress:
        try:
            report = give_feedback(
                project,
                rules,
                dry_run=dry_run,
                agree=_Agreement(people, asks=not yes and not dry_run),
                progress=progress,
                **options,
            )
        except KeyboardInterrupt:
            sys.stderr.write(
                "respmeta: stopped. Nothing is lost: the same command goes on where this one was\n"
            )
            return 1
    if as_json:
        sys.stdout.write(json.dumps(report.to_dict(), indent=2) + "\n")
    elif report.was_sent:
        _print(people, report.lines())
    return 0 if report.is_whole and (report.was_sent or dry_run) else 1


class _Agreement:
    """Shows the estimate, and asks."""

    def __init__(self, people: Console, *, asks: bool) -> None:
        self._people = people
        self._asks = asks

    def __call__(self, estimate: Estimate) -> bool:
        """Whether to go on."""
        _print(self._people, estimate.lines())
        if not self._asks or not estimate.requests:
            return True
        if not sys.stdin.isatty():
            raise SettingsError(
                "nothing is sent without a yes, and there is no terminal to ask on: add --yes, or --dry-run for the"
                " estimate alone",
                setting="yes",
            )
        return typer.confirm(f"Send {estimate.requests:,} requests?", err=True)


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


_PER_MINUTE: Final = "{task.fields[rate]}"


@contextmanager
def _bar() -> Iterator[Callable[[FeedbackProgress], None] | None]:
    """A bar with rate and time left, on terminals; it begins when sending does."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(_PER_MINUTE))
    bar = Progress(*columns, TimeRemainingColumn(), TextColumn("{task.fields[reason]}"), console=console)
    task = bar.add_task("giving feedback", rate="", reason="", start=False)

    def show(now: FeedbackProgress) -> None:
        if not bar.live.is_started:
            bar.start()
            bar.start_task(task)
        speed = bar.tasks[0].speed
        rate = f"{speed * 60:,.0f}/min" if speed else ""
        bar.update(task, completed=now.over, total=now.total, rate=rate, reason=now.reason or "")

    try:
        yield show
    finally:
        bar.stop()
