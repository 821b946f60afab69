"""The one bar of all long work: on standard error, where that is a terminal; elsewhere a line for each thing waited for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_BAR: Final = 20
"""Characters; so that one line of 80 takes all."""
_SLOW: Final = 10.0
"""Below so many a second the rate has a decimal."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far the work is.

    Attributes:
        doing: What is being done; another one starts the bar anew.
        share: How much of it is done, from 0 to 1.
        count: How many `unit`s are done; None where that is not known.
        unit: What is counted: "runs", "rows".
        at: Where it is, such as the day that is being read.
        waits_for: Why nothing moves.
    """

    doing: str
    share: float
    count: int | None = None
    unit: str = ""
    at: str = ""
    waits_for: str | None = None


class ProgressBar:
    """A bar with count, rate and time left. It goes away when the work ends."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar: Progress | None = None
        self._doing: str | None = None
        self._said: str | None = None

    def show(self, step: Step) -> None:
        """Show how far it is."""
        if not self._console.is_terminal:
            self._say(step.waits_for)
            return
        if self._bar is None or self._doing != step.doing:
            self.stop()
            self._doing, self._bar = step.doing, _started(step.doing, self._console)
        task = self._bar.tasks[0]
        self._bar.update(
            task.id,
            completed=step.share,
            at=step.at,
            counted=_counted(step, task.elapsed),
            waits_for=step.waits_for or "",
        )

    def _say(self, reason: str | None) -> None:
        """Print what it waits for, once for each kind: what is after the semicolon changes all the time."""
        kind = None if reason is None else reason.partition(";")[0]
        if kind is not None and kind != self._said:
            sys.stderr.write(f"respmeta: {kind}\n")
        self._said = kind

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _counted(step: Step, elapsed: float | None) -> str:
    if step.count is None:
        return ""
    rate = step.count / elapsed if elapsed else 0.0
    return f"{step.count:,} {step.unit}, {rate:,.{0 if rate >= _SLOW else 1}f}/s"


def _started(doing: str, console: Console) -> Progress:
    bar = Progress(
        TextColumn("{task.description} {task.fields[at]}"),
        BarColumn(bar_width=_BAR),
        TaskProgressColumn(),
        TextColumn("{task.fields[counted]}"),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[waits_for]}"),
        console=console,
        transient=True,
    )
    bar.add_task(doing, total=1.0, at="", counted="", waits_for="")
    bar.start()
    return bar
