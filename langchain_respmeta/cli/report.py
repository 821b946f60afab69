"""`respmeta report`: what models cost, how fast they were and how they ended, as one page."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from langchain_respmeta.cli.exit_codes import DONE, INCOMPLETE
from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.record_options import Inputs, Project
from langchain_respmeta.errors import SettingsError

if TYPE_CHECKING:
    from langchain_respmeta.report.write import ReportSide, WrittenReport


def report(
    inputs: Inputs = None,
    project: Project = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="What to write: .html, or a picture of it: .pdf, .png.")
    ] = "report.html",
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            help="Key to group costs by: model, agent_name, thread_id, tags, or of your own metadata. Several: once each.",
        ),
    ] = None,
    compare: Annotated[list[str] | None, typer.Option(help="File or folder to compare with.")] = None,
    previous: Annotated[
        bool, typer.Option("--previous", help="Compare with the period before; needs --since.")
    ] = False,
    since: Annotated[str | None, typer.Option(help="Calls from then on: a date, a time, or 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="Calls before then.")] = None,
    zone: Annotated[str, typer.Option(help="Whose days and hours count: Europe/Berlin.")] = "UTC",
    title: Annotated[str | None, typer.Option(help="Title of the page.")] = None,
    links: Annotated[
        str | None,
        typer.Option(
            help="Address of a call's run: http://localhost:2727/run/{run_id}. With --project it is known."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was written, and all sums, as JSON.")
    ] = False,
) -> None:
    """What each model costs, what is slow, what refuses: one page with charts that loads nothing."""
    from langchain_respmeta.cli.project_input import pulled
    from langchain_respmeta.report.periods import reach
    from langchain_respmeta.report.write import write_report

    keys = [key.strip() for one in by or ["model"] for key in one.split(",") if key.strip()]
    with ExitStack() as stack:
        what, known = inputs, None
        if project is not None:
            if inputs:
                raise SettingsError("give files or --project, not both", setting="project")
            first, last = reach(since, until, zone, with_previous=previous)
            known = stack.enter_context(pulled(project, since=first, until=last, by=keys))
            what = [str(known.folder)]
        if not what:
            raise SettingsError("give files of records, or --project", setting="input")
        written = write_report(
            what,
            output,
            by=keys,
            compare=compare or None,
            previous=previous,
            since=since,
            until=until,
            zone=zone,
            title=title or (known.project if known else None),
            links=links or (known.links if known else None),
        )
    if as_json:
        say_json(written.to_dict())
    else:
        say(_told(written))
    raise typer.Exit(INCOMPLETE if written.now.unreadable else DONE)


def _told(written: WrittenReport) -> str:
    lines = [f"{written.path} ({written.size_bytes / 1000:,.0f} kB): {_sums(written.now)}"]
    if written.compared_with is not None:
        lines.append(f"compared with {written.compared_with.source}: {_sums(written.compared_with)}")
    if written.now.unreadable:
        lines.append(f"{written.now.unreadable:,} rows could not be read, and are in no figure")
    return "\n".join(lines)


def _sums(told: ReportSide) -> str:
    from langchain_respmeta.record.views.short import money

    sums = told.totals
    cost = "cost unknown" if sums.cost_usd is None else money(sums.cost_usd)
    return f"{sums.calls:,} calls, {cost}, {sums.errors:,} failed, {sums.refusals:,} refused"
