"""Options of the commands that read records of files or of a project."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

Inputs: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="INPUT", help="Files (.parquet, .jsonl, .json) or folders of records."),
]
Project: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--project", "-p", help="A project of LangSmith or of the embedded server, instead of files."
    ),
]
