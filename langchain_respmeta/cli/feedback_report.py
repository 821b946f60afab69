"""`respmeta feedback`: show the estimate, ask, show how far it is, and tell what became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console

from langchain_respmeta.cli.output import console, say_json
from langchain_respmeta.cli.progress_bar import ProgressBar, Step
from langchain_respmeta.cli.questions import is_agreed
from langchain_respmeta.cli.stopping import Stopped
from langchain_respmeta.history.feedback.estimate import Estimate
from langchain_respmeta.history.feedback.program import give_feedback
from langchain_respmeta.history.feedback.report import FeedbackProgress

_UNITS: Final = {"reading": "runs", "giving": "requests"}
_NO_TERMINAL: Final = "nothing is sent without a yes, and there is no terminal to ask on: add --yes, or --dry-run for the estimate alone"


def feedback_with_progress(
    project: str, rules: str, *, yes: bool, as_json: bool, dry_run: bool, **options: Any
) -> int:
    """Run the command.

    Returns:
        0; 1 where feedback was refused for good, or where the user said no.

    Raises:
        SettingsError: It would have to ask, and there is no terminal.
        Stopped: By Ctrl-C.
    """
    people, bar = console(stderr=as_json), ProgressBar()

    def agree(estimate: Estimate) -> bool:
        bar.stop()
        _print(people, estimate.lines())
        return (
            yes
            or dry_run
            or not estimate.requests
            or is_agreed(f"Send {estimate.requests:,} requests?", _NO_TERMINAL)
        )

    def show(now: FeedbackProgress) -> None:
        bar.show(_step(now))

    try:
        with _quiet_delivery(), bar:
            report = give_feedback(project, rules, dry_run=dry_run, agree=agree, progress=show, **options)
    except KeyboardInterrupt:
        raise Stopped("stopped. Nothing is lost: the same command goes on where this one was") from None
    if as_json:
        say_json(report.to_dict())
    elif report.was_sent:
        _print(people, report.lines())
    return 0 if report.is_whole and (report.was_sent or dry_run) else 1


def _print(people: Console, lines: Iterator[str]) -> None:
    for line in lines:
        people.print(line, markup=False, soft_wrap=True)


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


def _step(now: FeedbackProgress) -> Step:
    count, unit = (None, "") if now.doing == "pulling" else (now.over, _UNITS[now.doing])
    return Step(now.doing, now.over / max(now.total, 1), count, unit, waits_for=now.reason)
