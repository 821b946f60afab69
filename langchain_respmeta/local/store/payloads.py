"""The wide texts of runs stand apart from the rows that lists scan."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from langchain_respmeta.local.store.packed import sql_text

SENT: Final = ("inputs", "outputs", "events", "serialized")
"""Fields that are stored as the JSON text received, without building Python objects."""
COLUMNS: Final = ("extra", "rest", *SENT)
"""All that are packed (`packed`)."""

DDL: Final = f"""
CREATE TABLE IF NOT EXISTS payloads (
    no INTEGER PRIMARY KEY,        -- the run's
    {", ".join(COLUMNS)}
);
CREATE TRIGGER IF NOT EXISTS payloads_removed AFTER DELETE ON runs BEGIN
    DELETE FROM payloads WHERE no = old.no;
END;
"""
SELECTED: Final = ", ".join(f"{sql_text(f'payloads.{column}')} AS {column}" for column in COLUMNS)
"""Their texts, in a query that joins `payloads`."""


def value_of(text: str | None) -> object:
    """What a payload's text says, None for none."""
    return orjson.loads(text) if text else None


def metadata_of(extra: str | None) -> Mapping[str, Any]:
    """A run's metadata from the text of its `extra`."""
    metadata = orjson.loads(extra).get("metadata") if extra else None
    return metadata if isinstance(metadata, dict) else {}
