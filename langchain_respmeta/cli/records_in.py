"""The records in what a command is given: a record, an answer, a message or a stored run; a list, lines or a table of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.errors import SettingsError, UnreadableAnswer

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata

_RUNS_OWN: Final = frozenset({"run_type", "dotted_order"})
"""Fields of a run: `outputs` alone may be an API's own word."""
_ROWS_OWN: Final = frozenset({"record", "respmeta_schema_version"})
"""Columns of a row of the table, in every version of it."""
_STORED: Final = _RUNS_OWN | _ROWS_OWN | {"schema_version"}
_CANDIDATE: Final = ("candidate_index", "respmeta_candidate_index")
"""In a record, and in a row."""
_NEEDED: Final = ("record", "run_id", "respmeta_candidate_index", "problem")
"""Columns of a table that are read."""
_PARQUET: Final = b"PAR1"
_LINES: Final = frozenset({".jsonl", ".ndjson"})
_BATCH: Final = 1_024


def is_table(path: Path) -> bool:
    """Whether a path holds many records: Parquet, a folder of it, or JSON Lines."""
    return path.is_dir() or path.suffix.lower() in _LINES or _is_parquet(path)


def _is_parquet(path: Path) -> bool:
    """By its first bytes; a pipe keeps them for whoever reads it."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_PARQUET)) == _PARQUET


def record_in(value: Any, *, by: str = "") -> ResponseMetadata:
    """Read one value.

    Args:
        value: A record, a row of a table, a stored run, an answer or a message.
        by: Keys of a stored run's own metadata that its record carries, with commas.

    Raises:
        UnreadableAnswer: No reader recognizes it.
        RecordError: It is a record of another version or shape.
    """
    from langchain_respmeta import ResponseMetadata, normalize, normalize_run

    if isinstance(value, Mapping):
        if "schema_version" in value:
            return ResponseMetadata.from_dict(value)
        if not _ROWS_OWN.isdisjoint(value):
            return _record_of_row(value)
        if not _RUNS_OWN.isdisjoint(value):
            return normalize_run(value, by=by)
    return normalize(value)


def is_list_of_stored(value: Any) -> bool:
    """Whether a value is a list of records, stored runs or rows of the table; a list of anything else is one value."""
    return isinstance(value, list) and bool(value) and all(map(_is_stored, value))


def _is_stored(value: Any) -> bool:
    return isinstance(value, Mapping) and not _STORED.isdisjoint(value)


def rows_of(path: Path, run_id: str | None, skipped: Callable[[str], None]) -> Iterator[Any]:
    """Values in a table file, one for each row, in the file's order; only of one run if that is named.

    Args:
        path: The file, or the folder of a table.
        run_id: Whose rows to take.
        skipped: Is told of each line that is no JSON, such as one that a crash has cut.

    Raises:
        SettingsError: The file cannot be read.
        MissingExtraError: It is Parquet, and pyarrow is not installed.
    """
    of_columns = path.is_dir() or _is_parquet(path)
    rows = _parquet_rows(path, run_id) if of_columns else _lines(path, run_id, skipped)
    return rows if run_id is None else (row for row in rows if (place_of(row) or ("",))[0] == run_id)


def place_of(row: Any) -> tuple[str, Any] | None:
    """The run, and which candidate of its answer a row is about: a later row of the same place replaces an earlier one."""
    if not isinstance(row, Mapping) or not (run_id := row.get("run_id") or row.get("id")):
        return None
    return str(run_id), next((row[name] for name in _CANDIDATE if row.get(name) is not None), None)


def _lines(path: Path, run_id: str | None, skipped: Callable[[str], None]) -> Iterator[Any]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace() or (run_id is not None and run_id not in line):
                continue
            try:
                yield json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                skipped(f"{path}: line {number:,} is not JSON")


def _parquet_rows(path: Path, run_id: str | None) -> Iterator[Any]:
    with needing("Reading Parquet", extra="history"):
        import pyarrow as pa
        from pyarrow import dataset
    try:
        found = dataset.dataset(path, format="parquet", partitioning="hive")
        names = found.schema.names
        by = next((name for name in ("run_id", "id") if name in names), None)
        chosen = None if run_id is None or by is None else dataset.field(by) == run_id
        columns = [name for name in _NEEDED if "record" in names and name in names]
        for batch in found.to_batches(columns=columns or None, filter=chosen, batch_size=_BATCH):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as fault:
        raise SettingsError(f"{path} cannot be read as Parquet: {fault}", setting="file") from None


def _record_of_row(row: Mapping[str, Any]) -> ResponseMetadata:
    from langchain_respmeta import ResponseMetadata

    record = row.get("record")
    if record is None:
        problem = row.get("problem") or "no record is in it"
        raise UnreadableAnswer(f"run {row.get('run_id')} could not be read: {problem}")
    return ResponseMetadata.from_dict(json.loads(record) if isinstance(record, str) else record)
