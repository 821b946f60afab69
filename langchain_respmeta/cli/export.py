"""`respmeta export`: records into one file for other programs."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from langchain_respmeta.cli.exit_codes import DONE, INCOMPLETE
from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.progress_bar import ProgressBar, Step
from langchain_respmeta.cli.record_options import Inputs, Project
from langchain_respmeta.errors import SettingsError

if TYPE_CHECKING:
    from langchain_respmeta.history.export.report import ExportProgress
    from langchain_respmeta.history.project_table import ProjectTable


def export(
    output: Annotated[
        str, typer.Option("--output", "-o", help="The file to write: .parquet, .jsonl or .csv.")
    ],
    inputs: Inputs = None,
    project: Project = None,
    by: Annotated[
        str,
        typer.Option(
            help="With --project: keys of the runs' own metadata that rows carry, with commas; tags for theirs."
        ),
    ] = "",
    since: Annotated[
        str | None, typer.Option(help="Only calls that ended from then on: a date, a time, or 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only calls that ended before then.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Records as one file: a row for each call, with the columns of `normalize -o`."""
    from langchain_respmeta.history.export.program import export_records, format_of

    if (project is None) == (not inputs):
        raise SettingsError("give files or folders of records, or --project", setting="input")
    format_of(output)  # before anything is pulled
    bar = ProgressBar()

    def show(now: ExportProgress) -> None:
        bar.show(Step("export", now.share, now.rows, "rows"))

    with ExitStack() as stack:
        sources, lost = inputs or [], 0
        if project is not None:
            known = stack.enter_context(_pulled(project, since, until, by))
            sources, lost = [str(known.folder)], known.unreadable
        with bar:
            report = export_records(sources, output, since=since, until=until, progress=show)
    report.skipped += lost
    if as_json:
        say_json(report.to_dict())
    else:
        say(report.describe())
    raise typer.Exit(DONE if report.is_clean else INCOMPLETE)


def _pulled(
    project: str, since: str | None, until: str | None, by: str
) -> AbstractContextManager[ProjectTable]:
    from langchain_respmeta.cli.project_input import pulled
    from langchain_respmeta.record.allowed_facts import names_of
    from langchain_respmeta.report.periods import reach

    first, last = reach(since, until, "UTC", with_previous=False)
    return pulled(project, since=first, until=last, by=names_of(by))
