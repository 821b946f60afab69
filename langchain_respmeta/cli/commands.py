"""The commands of `respmeta`, as a typer application. Each calls a plain function of its room."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, cast

import typer
from rich.console import Console
from rich.table import Table

from langchain_respmeta._version import __version__
from langchain_respmeta.cli import history
from langchain_respmeta.cli.json_input import json_of
from langchain_respmeta.errors import HistoryError, RespMetaError, SettingsError

app = typer.Typer(
    name="respmeta",
    help="What model providers say about their answers, on your LangSmith runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
outbox = typer.Typer(help="Feedback that waits for LangSmith.", no_args_is_help=True)
app.add_typer(outbox, name="outbox")
app.command()(history.pull)
app.command()(history.normalize)
app.command()(history.feedback)

console = Console(soft_wrap=True)

_COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        console.print(__version__)
        raise typer.Exit


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option(help="Exit when the table is printed, do not keep the page open.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port of the page; a free one by default.")] = None,
) -> None:
    """Seven real integrations against replayed answers, enriched runs in the embedded server. No key, no network."""
    from langchain_respmeta.cli.demo.program import run_demo

    raise typer.Exit(run_demo(once=once, port=port))


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on; 2727 by default.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback only by default.")] = "127.0.0.1",
    db: Annotated[
        Path | None, typer.Option(help="SQLite file; by default one in your state directory.")
    ] = None,
) -> None:
    """The embedded, LangSmith-compatible server with its page. For one machine."""
    from langchain_respmeta.local import DEFAULT_PORT
    from langchain_respmeta.local import serve as run

    run(host=host, port=DEFAULT_PORT if port is None else port, db=db)


@app.command()
def show(
    file: Annotated[Path | None, typer.Argument(help="JSON of a record; standard input by default.")] = None,
) -> None:
    """A stored record, for people."""
    from langchain_respmeta.record.record import ResponseMetadata

    console.print(ResponseMetadata.from_dict(json_of(file)).describe(), markup=False, highlight=False)


@app.command()
def providers() -> None:
    """Who is known, and by which signs."""
    from langchain_respmeta.providers.registry import REGISTRY

    table = Table("provider", "package", "classes", "hosts")
    for row in sorted(REGISTRY.rows, key=lambda row: row.reader.name):
        table.add_row(row.reader.name, row.package, ", ".join(row.classes), ", ".join(row.hosts))
    console.print(table)


@app.command()
def doctor(
    ask_server: Annotated[bool, typer.Option(help="Ask LangSmith's endpoint for its version.")] = True,
) -> None:
    """What will happen to a run here, and why. Exits 1 when something will be missing."""
    from langchain_respmeta.cli.doctor.diagnose import diagnose

    findings = diagnose(ask_server=ask_server)
    for finding in findings:
        console.print(f"[{_COLOURS[finding.level]}]{finding.level:<8}[/][bold]{finding.subject}[/]: ", end="")
        console.print(finding.says, markup=False, highlight=False)
        if finding.advice:
            console.print(f"          try: {finding.advice}", markup=False, highlight=False)
    raise typer.Exit(1 if findings[-1].level == "problem" else 0)


# --- outbox ----------------------------------------------------------------------------------------------------------


@outbox.command("status")
def outbox_status() -> None:
    """Where the outbox is and what waits in it."""
    from langchain_respmeta._delivery import outbox_admin

    console.print_json(data=outbox_admin.outbox_status())


@outbox.command("retry")
def outbox_retry(
    wait: Annotated[
        float,
        typer.Option(min=0, max=86_400, help="Seconds to wait for delivery; 0 only makes everything due."),
    ] = 10.0,
) -> None:
    """Deliver now what waits, also what had been refused."""
    from langchain_respmeta._delivery import outbox_admin

    console.print_json(data=outbox_admin.outbox_retry(wait))


@outbox.command("export")
def outbox_export(file: Annotated[Path, typer.Argument(help="JSON Lines file to write.")]) -> None:
    """Write everything that waits to a file."""
    from langchain_respmeta._delivery import outbox_admin

    console.print(f"{outbox_admin.outbox_export(file)} rows written to {file}", highlight=False)


@outbox.command("purge")
def outbox_purge(
    state: Annotated[str | None, typer.Option(help="waiting or failed; both by default.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw away what waits."""
    from langchain_respmeta._delivery import outbox_admin

    if state not in {None, "waiting", "failed"}:
        raise SettingsError(f"--state is waiting or failed, not {state!r}", setting="state")
    if not yes:
        typer.confirm("Throw away feedback that was not delivered?", abort=True)
    console.print(f"{outbox_admin.outbox_purge(state)} rows removed", highlight=False)  # type: ignore[arg-type]


def run() -> int:
    """Run the command line; return 0, or 1 or 2 after one line about what is wrong."""
    try:
        return int(app(standalone_mode=False, prog_name="respmeta") or 0)
    except typer.Abort:
        return _refuse("aborted", code=1)
    except RespMetaError as fault:
        return _refuse(str(fault), code=1 if isinstance(fault, HistoryError) else 2)
    except OSError as fault:  # a full disk, a read-only file, a closed pipe
        named = f"{fault.filename}: " if fault.filename else ""
        return _refuse(f"{named}{fault.strerror or fault}", code=1)
    except _USAGE as fault:
        if type(fault).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(fault.format_message())
            return 2
        context = getattr(fault, "ctx", None)
        command = context.command_path if context else "respmeta"
        return _refuse(f"{fault.format_message()} (see: {command} --help)")


_USAGE: Final = cast(
    "type[typer.BadParameter]", typer.BadParameter.__mro__[2]
)  # of click, or of the copy of it in newer typers
"""Error of a wrong command, option or argument."""


def _refuse(words: str, code: int = 2) -> int:
    sys.stderr.write(f"respmeta: {' '.join(words.split())}\n")
    return code
