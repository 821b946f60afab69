"""`respmeta outbox status | retry | export | purge`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.questions import require_yes
from langchain_respmeta.errors import SettingsError

outbox: Final = typer.Typer(help="Feedback that waits for LangSmith.", no_args_is_help=True)

_AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
_STATES: Final = frozenset({None, "waiting", "failed"})


@outbox.command("status")
def outbox_status(as_json: _AsJson = False) -> None:
    """Where the outbox is and what waits in it."""
    from langchain_respmeta._delivery import outbox_admin
    from langchain_respmeta.cli.outbox_report import status_lines

    found = outbox_admin.outbox_status()
    if as_json:
        say_json(found)
    else:
        say("\n".join(status_lines(found)))


@outbox.command("retry")
def outbox_retry(
    wait: Annotated[
        float,
        typer.Option(min=0, max=86_400, help="Seconds to wait for delivery; 0 only makes everything due."),
    ] = 10.0,
    as_json: _AsJson = False,
) -> None:
    """Deliver now what waits, also what had been refused."""
    from langchain_respmeta._delivery import outbox_admin

    found = outbox_admin.outbox_retry(wait)
    told = ", ".join(f"{number:,} {name}" for name, number in found.items())
    _tell(told, found, as_json=as_json)


@outbox.command("export")
def outbox_export(
    file: Annotated[Path, typer.Argument(help="JSON Lines file to write.")], as_json: _AsJson = False
) -> None:
    """Write everything that waits to a file."""
    from langchain_respmeta._delivery import outbox_admin

    rows = outbox_admin.outbox_export(file)
    _tell(f"{rows} rows written to {file}", {"rows": rows, "file": str(file)}, as_json=as_json)


@outbox.command("purge")
def outbox_purge(
    state: Annotated[str | None, typer.Option(help="waiting or failed; both by default.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: _AsJson = False,
) -> None:
    """Throw away what waits."""
    from langchain_respmeta._delivery import outbox_admin

    if state not in _STATES:
        raise SettingsError(f"--state is waiting or failed, not {state!r}", setting="state")
    require_yes("Throw away feedback that was not delivered?", given=yes)
    rows = outbox_admin.outbox_purge(state)  # type: ignore[arg-type]
    _tell(f"{rows} rows removed", {"rows": rows}, as_json=as_json)


def _tell(text: str, document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(document)
    else:
        say(text)
