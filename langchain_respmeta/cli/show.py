"""`respmeta show`: records for people, of a file or of a run on a server."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from langchain_respmeta.cli.exit_codes import DONE, INCOMPLETE
from langchain_respmeta.cli.json_input import json_of
from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.errors import SettingsError, UnreadableAnswer

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata

_MOST: Final = 100
"""Records of a table file that are shown; for more there is `report`."""
_SERVER: Final = (
    "With a run's id: the server's address. By default what LANGSMITH_* names, else `respmeta serve`'s."
)


def show(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN_ID|FILE",
            help="A run's id; or a file: JSON of a record, an answer, a message or a stored run, JSON Lines or Parquet of "
            "many. Standard input by default.",
        ),
    ] = None,
    run_id: Annotated[
        str | None, typer.Option("--run-id", help="Which run's record, of a file with many.")
    ] = None,
    server: Annotated[str | None, typer.Option(help=_SERVER)] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="With a run's id: its project, which newer servers want."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print the record as JSON; of a list, a table or a trace a list of them."
        ),
    ] = False,
) -> None:
    """What a provider said about an answer, for people: of a run, an answer, a record."""
    problems: list[str] = []
    values, name, are_many = _values(what, run_id, problems, server=server, project=project)
    records = list(_read(values, name, problems if are_many else None))
    if as_json:
        found = [record.to_dict() for record in records]
        say_json(found if are_many else found[0])
    elif records:
        say("\n\n".join(record.describe() for record in records))
    for problem in problems:
        sys.stderr.write(f"respmeta: {problem}\n")
    raise typer.Exit(INCOMPLETE if problems else DONE)


def _values(
    what: str | None, run_id: str | None, problems: list[str], *, server: str | None, project: str | None
) -> tuple[list[Any], str, bool]:
    """What is to be read, its name, and whether it comes from something that can hold many."""
    from langchain_respmeta.cli.records_in import is_list_of_stored, is_table, rows_of

    path = None if what in {None, "-"} else Path(str(what))
    if path is not None and path.exists() and is_table(path):
        rows = _few(rows_of(path, run_id, problems.append), path, run_id)
        return rows, str(path), run_id is None or len(rows) > 1
    if what is not None and not Path(what).exists() and (asked := _as_run_id(what)) is not None:
        from langchain_respmeta.cli.server_runs import runs_of_models

        runs = runs_of_models(asked, server=server, project=project)
        return runs, f"run {asked}", len(runs) > 1
    value = json_of(path)
    name = "standard input" if path is None else str(path)
    return (value, name, True) if is_list_of_stored(value) else ([value], name, False)


def _as_run_id(what: str) -> str | None:
    try:
        return str(UUID(what))
    except ValueError:
        return None


def _few(rows: Iterable[Any], path: Path, run_id: str | None) -> list[Any]:
    """The last row of each run and candidate, as they are not many."""
    from langchain_respmeta.cli.records_in import place_of

    found: dict[object, Any] = {}
    for row in rows:
        found[place_of(row) or object()] = row
        if len(found) > _MOST:
            raise SettingsError(
                f"{path} holds more than {_MOST} records: name one with --run-id, or see `respmeta report`",
                setting="run_id",
            )
    if not found:
        raise SettingsError(
            f"{path} holds no {'record' if run_id is None else f'run {run_id}'}", setting="file"
        )
    return list(found.values())


def _read(values: list[Any], name: str, problems: list[str] | None) -> Iterator[ResponseMetadata]:
    """Read each; what cannot be read is a problem, or an error where none are collected."""
    from langchain_respmeta.cli.records_in import record_in

    for value in values:
        try:
            yield record_in(value)
        except UnreadableAnswer as fault:
            if problems is None:
                raise UnreadableAnswer(f"{name} holds nothing to read: {fault}") from None
            problems.append(f"{name}: {fault}")
