"""`respmeta show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from langchain_respmeta.cli.json_input import json_of
from langchain_respmeta.cli.output import say, say_json


def show(
    file: Annotated[Path | None, typer.Argument(help="JSON of a record; standard input by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the record as JSON.")] = False,
) -> None:
    """A stored record, for people."""
    from langchain_respmeta.record.record import ResponseMetadata

    record = ResponseMetadata.from_dict(json_of(file))
    if as_json:
        say_json(record.to_dict())
    else:
        say(record.describe())
