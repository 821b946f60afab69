"""What `respmeta normalize` prints: one record, or how far a table is and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_respmeta.cli.json_input import json_of
from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.progress_bar import ProgressBar, Step
from langchain_respmeta.cli.records_in import record_in
from langchain_respmeta.cli.stopping import Stopped
from langchain_respmeta.errors import UnreadableAnswer

if TYPE_CHECKING:
    from langchain_respmeta.history.bulk.progress import NormalizeProgress


def print_record(file: Path | None, *, describe: bool, by: str) -> None:
    """Print the record of one answer or one stored run.

    Raises:
        UnreadableAnswer: No reader recognizes it.
    """
    try:
        record = record_in(json_of(file), by=by)
    except UnreadableAnswer as fault:
        raise UnreadableAnswer(f"{file or 'standard input'} holds nothing to read: {fault}") from None
    if describe:
        say(record.describe())
    else:
        say_json(record.to_dict())


def normalize_with_progress(inputs: Sequence[str], output: str, *, as_json: bool, **options: Any) -> int:
    """Write the table, with a bar where a person looks on; return the command's exit code.

    Raises:
        HistoryError: The output cannot be written.
        SettingsError: As `normalize_files` has it.
        Stopped: By Ctrl-C.
    """
    from langchain_respmeta.history.bulk.program import normalize_files

    bar = ProgressBar()

    def show(now: NormalizeProgress) -> None:
        bar.show(Step("normalize", now.share, now.rows, "rows"))

    try:
        with bar:
            report = normalize_files(inputs, output, progress=show, **options)
    except KeyboardInterrupt:
        raise Stopped("stopped: what is done stays, run the same command again to go on") from None
    if as_json:
        say_json(report.to_dict())
    else:
        say(report.describe())
    return 0 if report.is_clean else 1
