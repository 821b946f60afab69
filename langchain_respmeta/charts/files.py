"""Files of records as DuckDB's relation `everything`: Parquet is left where it is, JSON is read once."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Final

from langchain_respmeta.charts.engine import Engine, text
from langchain_respmeta.charts.facts import TIMES_OF_ROWS, objects_sql, rows_sql
from langchain_respmeta.charts.objects import check_columns, check_records, drop_repeats
from langchain_respmeta.errors import SettingsError

_PARQUET: Final = (".parquet", ".pq")
_LINES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst")
_ARRAYS: Final = (".json", ".json.gz")
_SPECIAL: Final = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})
"""What DuckDB takes for a pattern in a path."""


def fill(engine: Engine, paths: Sequence[str | PathLike[str]]) -> str:
    """Make `everything` of files, and of all files below folders; return their names, for people.

    Raises:
        SettingsError: There is no file, one is none of records, or Parquet and JSON are mixed.
    """
    found = [file for one in paths for file in files_of(Path(one).expanduser())]
    kinds = {kind_of(file) for file in found}
    if len(kinds) > 1 and "parquet" in kinds:
        raise SettingsError("give either Parquet files or files of JSON, not both at once", setting="what")
    if kinds == {"parquet"}:
        _fill_from_parquet(engine, found)
    else:
        _fill_from_json(engine, found)
    return ", ".join(str(one) for one in paths)


def files_of(path: Path) -> Iterable[Path]:
    """Return the file, or the files of records in a folder: Parquet, else lines of JSON.

    Raises:
        SettingsError: There is none.
    """
    if path.is_file():
        if kind_of(path) is None:
            raise SettingsError(f"{path}: give a file that ends in .parquet, .jsonl or .json", setting="what")
        return [path]
    if not path.is_dir():
        raise SettingsError(f"there is no file or folder {path}", setting="what")
    below = [one for one in sorted(path.rglob("*")) if one.is_file() and not _is_hidden(one, path)]
    files = [one for one in below if kind_of(one) == "parquet"] or [
        one for one in below if kind_of(one) == "lines"
    ]
    if not files:
        raise SettingsError(f"{path}: no .parquet or .jsonl file is in the folder", setting="what")
    return files


def _is_hidden(file: Path, folder: Path) -> bool:
    """Whether a name below the folder begins with `_` or `.`: what programs keep for themselves."""
    return any(part[0] in "_." for part in file.relative_to(folder).parts)


_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_PARQUET, "parquet"),
    **dict.fromkeys(_LINES, "lines"),
    **dict.fromkeys(_ARRAYS, "json"),
}


def kind_of(file: Path) -> str | None:
    """Return what the end of a file's name says: `parquet`, `lines`, `json`, or None."""
    return next((kind for ending, kind in _KINDS.items() if file.name.lower().endswith(ending)), None)


def _listed(files: Iterable[Path]) -> str:
    return "[" + ", ".join(text(str(file).translate(_SPECIAL)) for file in files) + "]"


def _fill_from_parquet(engine: Engine, files: Sequence[Path]) -> None:
    read = f"read_parquet({_listed(files)}, union_by_name = true, hive_partitioning = false)"
    columns = [name for name, *_ in engine.rows(f"DESCRIBE SELECT * FROM {read}")]
    check_columns(columns, str(files[0]))
    timed = not engine.rows(f"SELECT 1 FROM {read} WHERE {_without_time(columns)} LIMIT 1")
    engine.rows(f"CREATE VIEW everything AS {rows_sql(columns, read, timed=timed)}")


def _without_time(columns: Collection[str]) -> str:
    """Return the condition of rows that have no time in a column."""
    return (
        " AND ".join([f"{name} IS NULL" for name in (*TIMES_OF_ROWS, "problem") if name in columns]) or "true"
    )


def _fill_from_json(engine: Engine, files: Sequence[Path]) -> None:
    """Read lines, where a line that is no JSON costs only itself, and whole files, which are JSON or none."""
    read = " UNION ALL ".join(
        f"SELECT json FROM read_json_objects({_listed(of_kind)}, {_READ[kind]})"
        for kind in _READ
        if (of_kind := [file for file in files if kind_of(file) == kind])
    )
    engine.rows(f"CREATE TABLE everything AS {objects_sql(f'({read})')}")
    drop_repeats(engine)
    check_records(engine, str(files[0]))


_READ: Final = {
    "lines": "format = 'newline_delimited', ignore_errors = true",
    "json": "format = 'auto'",
}
"""Kind of JSON → how DuckDB reads it."""
