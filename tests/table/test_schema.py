"""The table's shape: what is read from it by name stays, and what is new raises its version."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest

from langchain_respmeta.errors import MissingExtraError
from langchain_respmeta.langsmith.tool_run_keys import FLAT as OF_TOOLS
from langchain_respmeta.record.derived import COUNTED, DERIVED
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION
from langchain_respmeta.table import schema
from langchain_respmeta.table.schema import TABLE_VERSION, table_schema

SNAPSHOT = Path(__file__).with_name("schema.txt")


def shape(found: pa.Schema) -> str:
    """One line a column: its name, its type."""
    lines = [f"version {TABLE_VERSION}", *(f"{field.name}: {field.type}" for field in found)]
    return "\n".join(lines) + "\n"


def test_columns_are_those_of_the_snapshot_of_their_version() -> None:
    """Wanted? Raise TABLE_VERSION (a column renamed or dropped: its major part) and write the snapshot anew."""
    assert shape(table_schema()) == SNAPSHOT.read_text()


def test_every_flat_key_of_a_models_run_is_a_column() -> None:
    flat = {name for name in table_schema().names if name.startswith("respmeta_")}
    keys = {f"respmeta_{name}" for name in ("schema_version", *FLAT, *COUNTED, *DERIVED)}
    assert flat - keys == {"respmeta_candidate_index", "respmeta_candidates"}
    assert keys <= flat
    assert not flat & {f"respmeta_{name}" for name in OF_TOOLS if name not in FLAT}


def test_without_pyarrow_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[export\]"):
        schema.arrow.__wrapped__()


def test_the_schema_tells_its_versions() -> None:
    assert table_schema().metadata == {
        b"respmeta_table_version": TABLE_VERSION.encode(),
        b"respmeta_schema_version": SCHEMA_VERSION.encode(),
    }
