"""The commands for old runs: `pull`, `normalize`, `feedback`. Each calls a plain function of `history`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from langchain_respmeta.errors import SettingsError


def pull(
    project: Annotated[str, typer.Option("--project", "-p", help="The project's name or id.")],
    output: Annotated[str, typer.Option("--output", "-o", help="Folder to write to.")],
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


def normalize(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            help="JSON of one answer or stored run, standard input by default. With -o: files, folders, patterns or URLs of "
            "runs as Parquet or JSON Lines.",
        ),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Folder or URL of a table to make, or to go on with.")
    ] = None,
    describe: Annotated[
        bool, typer.Option("--describe/--no-describe", help="Print for people, not as JSON.")
    ] = False,
    engine: Annotated[str, typer.Option(help="With -o: local, ray or spark.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="With -o: parts of files at a time; by default one a core.")
    ] = None,
    provider: Annotated[
        str | None, typer.Option(help="With -o: who answered, where the runs do not show it.")
    ] = None,
    include_content: Annotated[
        bool, typer.Option("--include-content/--no-content", help="With -o: whether texts are in the table.")
    ] = True,
    prices: Annotated[
        bool, typer.Option("--prices/--no-prices", help="With -o: whether costs are computed by list prices.")
    ] = True,
    by: Annotated[
        str,
        typer.Option(
            help="Keys of the runs' own metadata that records carry: user_id,tags. tags carries their tags."
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, which a record is without it, too.")
    ] = False,
) -> None:
    """One answer, or one stored run, as a record. With -o: files of runs, as a table in files."""
    from langchain_respmeta.cli.normalize_report import normalize_with_progress, print_record

    named = inputs or []
    if output is not None:
        raise typer.Exit(
            normalize_with_progress(
                named,
                output,
                as_json=as_json,
                engine=engine,
                workers=workers,
                provider=provider,
                include_content=include_content,
                prices=prices,
                by=by,
            )
        )
    if len(named) > 1:
        raise SettingsError(
            "several inputs need -o, the folder of the table to make of them", setting="output"
        )
    print_record(Path(named[0]) if named else None, describe=describe and not as_json, by=by)


def feedback(
    project: Annotated[str, typer.Option("--project", "-p", help="The project's name.")],
    rules: Annotated[
        str, typer.Option(help="exceptions, all, or module:attribute of your own rules.")
    ] = "exceptions",
    runs: Annotated[
        Path | None,
        typer.Option(help="Folder that `respmeta pull -o` made. By default they are pulled first."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="First start time: a date, a time, or 7d. By default all.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Where to stop, excluded. By default now.")] = None,
    run_filter: Annotated[
        str | None, typer.Option("--filter", help="LangSmith's filter, for runs that are pulled.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Estimate only, send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before sending.")] = False,
    extend_retention: Annotated[
        bool, typer.Option("--extend-retention", help="Move traces with feedback to the dearer retention.")
    ] = False,
    rate: Annotated[int | None, typer.Option(min=1, help="Most requests a minute.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Feedback on stored calls, as the live handler gives it. Estimates first; run it again to go on."""
    from langchain_respmeta.cli.feedback_report import feedback_with_progress

    raise typer.Exit(
        feedback_with_progress(
            project,
            rules,
            yes=yes,
            as_json=as_json,
            runs=runs,
            since=since,
            until=until,
            filter=run_filter,
            dry_run=dry_run,
            extend_retention=extend_retention,
            rate=rate,
        )
    )
