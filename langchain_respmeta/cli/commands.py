"""The application `respmeta`: its commands, one line each. The functions are in the files that are named here."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from langchain_respmeta._version import __version__
from langchain_respmeta.cli import (
    doctor_report,
    export,
    history,
    outbox,
    providers,
    purge,
    report,
    serve,
    show,
)
from langchain_respmeta.cli.output import say
from langchain_respmeta.cli.stopping import CommandGroup

app: Final = typer.Typer(
    name="respmeta",
    cls=CommandGroup,
    help="What model providers say about their answers, on your LangSmith runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_ONE: Final = "One answer, one machine"
_MANY: Final = "Many calls"
_SERVER: Final = "The embedded server"

app.command(rich_help_panel=_ONE)(show.show)
app.command(rich_help_panel=_ONE)(history.normalize)
app.command(rich_help_panel=_ONE)(providers.providers)
app.command(rich_help_panel=_ONE)(doctor_report.doctor)
app.command(rich_help_panel=_MANY)(history.pull)
app.command(rich_help_panel=_MANY)(export.export)
app.command(rich_help_panel=_MANY)(history.feedback)
app.command(rich_help_panel=_MANY)(report.report)
app.add_typer(outbox.outbox, name="outbox", rich_help_panel=_MANY)
app.command(rich_help_panel=_SERVER)(serve.serve)
app.command(rich_help_panel=_SERVER)(purge.purge)
app.command(rich_help_panel=_SERVER)(serve.demo)


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        say(__version__)
        raise typer.Exit
