"""The commands for old runs: `pull`, `normalize`, `feedback`. Each calls a plain function of `history`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer


def pull(
    project: Annotated[str, typer.Option("--project", "-p", help="The project's name or id.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    since: Annotated[
        str | None,
        typer.Option(
            help="First start time: a date, a time, or 7d. By default the project's first run, 400 days at most."
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Where to stop, excluded. By default now.")] = None,
    run_filter: Annotated[
        str | None, typer.Option("--filter", help='LangSmith\'s filter: eq(status, "error").')
    ] = None,
    all_types: Annotated[
        bool, typer.Option("--all-types", help="Take tools, chains and others, too.")
    ] = False,
    no_inputs: Annotated[bool, typer.Option("--no-inputs", help="Leave the prompts out.")] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Hours after which a window is taken for complete.")
    ] = 1.0,
    patience: Annotated[
        float, typer.Option(min=0, help="Minutes to wait for a server that fails or limits.")
    ] = 15.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """The runs of a project, as Parquet files. Call it again to go on, and for what is new."""
    from langchain_respmeta.cli.pull_report import pull_with_progress

    raise typer.Exit(
        pull_with_progress(
            project,
            output,
            as_json=as_json,
            since=since,
            until=until,
            filter=run_filter,
            all_types=all_types,
            inputs=not no_inputs,
            grace=timedelta(hours=grace),
            patience_s=patience * 60,
        )
    )
