"""`respmeta export`: records into one file for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from langchain_respmeta.cli.exit_codes import DONE, INCOMPLETE
from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.progress_bar import ProgressBar, Step
from langchain_respmeta.errors import SettingsError

if TYPE_CHECKING:
    from langchain_respmeta.history.export.report import ExportProgress


def export(
    output: Annotated[
        str, typer.Option("--output", "-o", help="The file to write: .parquet, .jsonl or .csv.")
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INPUT]...", help="Files (.parquet, .jsonl, .json) or folders of records."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only calls that ended from then on: a date, a time, or 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only calls that ended before then.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Records as one file: a row for each call, with the columns of `normalize -o`."""
    from langchain_respmeta.history.export.program import export_records

    if not inputs:
        raise SettingsError("give files or folders of records", setting="input")
    bar = ProgressBar()

    def show(now: ExportProgress) -> None:
        bar.show(Step("export", now.share, now.rows, "rows"))

    with bar:
        report = export_records(inputs, output, since=since, until=until, progress=show)
    if as_json:
        say_json(report.to_dict())
    else:
        say(report.describe())
    raise typer.Exit(DONE if report.is_clean else INCOMPLETE)
