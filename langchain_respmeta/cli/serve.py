"""`respmeta serve` and `respmeta demo`: what runs until Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from langchain_respmeta._process.collector import rest_collector
from langchain_respmeta.cli.output import say


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Exit when the table is printed, do not keep the page open.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port of the page; a free one by default.")] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the runs with their facts as JSON, all else on standard error."),
    ] = False,
) -> None:
    """Seven real integrations against replayed answers, enriched runs in the embedded server. No key, no network."""
    from langchain_respmeta.cli.demo.program import run_demo

    raise typer.Exit(run_demo(once=once, port=port, as_json=as_json))


def serve(
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 2727 by default, 0 takes a free one.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback only by default.")] = "127.0.0.1",
    db: Annotated[
        Path | None, typer.Option(help="SQLite file; by default one in your state directory.")
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(help="How long runs are kept: 90m, 12h, 30d, 8w; always, unless told. Older traces go."),
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(
            help="How large the database may become: 500MB, 2GB; any size, unless told. The oldest traces go."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print address, file and variables as JSON, as soon as it listens.")
    ] = False,
) -> None:
    """The embedded, LangSmith-compatible server with its page. For one machine; Ctrl-C ends it."""
    from langchain_respmeta.local import DEFAULT_PORT
    from langchain_respmeta.local import serve as run

    rest_collector()
    run(
        host=host,
        port=DEFAULT_PORT if port is None else port,
        db=db,
        keep=keep,
        max_size=max_size,
        echo=_say_at_once,
        as_json=as_json,
    )


def _say_at_once(line: str) -> None:
    """Print a line that a program waits for, which reads a pipe."""
    say(line)
    sys.stdout.flush()
