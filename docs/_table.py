"""The part of docs/history.md that tells the table's columns, from its schema and what the record's fields mean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import _javascript

from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.table.schema import (
    OF_RUN,
    OWN_METADATA,
    PROBLEM,
    RECORD,
    TABLE_VERSION,
    TAGS,
    Column,
    flat_columns,
    list_columns,
)

_MARKS: Final = re.compile(r"(<!-- columns: [^\n]*-->\n).*?(<!-- /columns -->)", re.DOTALL)
_TYPES: Final = {"timestamp": "timestamp (µs, UTC)"}


def history_page() -> str:
    """The page as it is, with the table of columns."""
    page = (Path(__file__).parent / "history.md").read_text()
    return _MARKS.sub(lambda marks: f"{marks[1]}{_columns()}{marks[2]}", page)


def _columns() -> str:
    flat = {one["name"]: one["meaning"] for one in _javascript.all_keys()["model_run"]}
    rows = [
        *(_row(one, one.meaning) for one in OF_RUN),
        *(
            _row(one, flat.get(one.name.removeprefix("respmeta_")) or _meaning(one.path))
            for one in flat_columns()
        ),
        *(
            f"| `{one.name}` | list of {', '.join(f'`{field}`' for field in one.fields)} | {_meaning(one.name)} |"
            for one in list_columns()
        ),
        f"| `{TAGS}` | list of string | {_meaning(TAGS)} Null where there are none. |",
        *(_row(one, one.meaning) for one in (OWN_METADATA, RECORD, PROBLEM)),
    ]
    return (
        f"Version {TABLE_VERSION}.\n\n| column | type | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _row(column: Column, meaning: str) -> str:
    told = meaning.replace("|", "\\|")
    return f"| `{column.name}` | {_TYPES.get(column.kind, column.kind)} | {told} |"


def _meaning(name: str) -> str:
    found = ResponseMetadata.json_schema()["properties"][name]
    return " ".join(found["description"].split())
