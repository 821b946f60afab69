"""What `respmeta normalize` prints: one record, or how far a table is and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from langchain_respmeta.cli.json_input import json_of
from langchain_respmeta.errors import HistoryError

if TYPE_CHECKING:
    from langchain_respmeta.history.bulk.progress import Listener, NormalizeProgress

console = Console(soft_wrap=True)

_RUNS_OWN: Final = frozenset({"run_type", "dotted_order"})
"""Fields of a run: `outputs` alone may be an API's own word."""


def print_record(file: Path | None, *, describe: bool) -> None:
    """Print the record of one answer or one stored run."""
    from langchain_respmeta import normalize as read
    from langchain_respmeta import normalize_run

    told = json_of(file)
    is_run = isinstance(told, dict) and not _RUNS_OWN.isdisjoint(told)
    record = normalize_run(told) if is_run else read(told)
    _print(record.describe() if describe else json.dumps(record.to_dict(), indent=2))


def normalize_with_progress(inputs: Sequence[str], output: str, *, as_json: bool, **options: Any) -> int:
    """Write the table, with a bar where a person looks on; return the command's exit code.

    Raises:
        HistoryError: It was stopped, or the output cannot be written.
        SettingsError: As `normalize_files` has it.
    """
    from langchain_respmeta.history.bulk.program import normalize_files

    try:
        with _bar() as listener:
            report = normalize_files(inputs, output, progress=listener, **options)
    except KeyboardInterrupt:
        raise HistoryError("stopped: what is done stays, run the same command again to go on") from None
    _print(json.dumps(report.to_dict(), indent=2) if as_json else report.describe())
    return 0 if report.is_clean else 1


@contextmanager
def _bar() -> Iterator[Listener | None]:
    """A bar on standard error, if that is a terminal."""
    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield None
        return
    rate = TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f} a second")
    with Bar(BarColumn(), TaskProgressColumn(), rate, TimeRemainingColumn(), console=errors) as bar:
        task = bar.add_task("normalize", total=1.0, rows=0, rate=0.0)

        def listen(now: NormalizeProgress) -> None:
            elapsed = bar.tasks[task].elapsed or 1.0
            bar.update(task, completed=now.share, rows=now.rows, rate=now.rows / elapsed)

        yield listen


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False)
