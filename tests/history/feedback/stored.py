"""Runs of a project as `respmeta pull` keeps them, and a folder of made ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa
import pyarrow.parquet as pq

_TEXT: Final = pa.string()
_TIME: Final = pa.timestamp("us", tz="UTC")
_JSON: Final = ("manifest", "extra", "metadata", "inputs", "outputs", "events")
_TIMES: Final = ("start_time", "end_time", "first_token_time")
SCHEMA: Final = pa.schema(
    [
        *((name, _TEXT) for name in ("id", "trace_id")),
        ("parent_run_ids", pa.list_(_TEXT)),
        *((name, _TEXT) for name in ("session_id", "name", "run_type", "status", "error")),
        *((name, _TIME) for name in _TIMES),
        *((name, _TEXT) for name in _JSON),
    ]
)
ENDS: Final = ("stop", "length", "content_filter", "stop")
"""How made runs end, in turn: two of four are exceptional."""


def kept(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run of the API's first version as a row of a pulled file."""
    row = {name: run.get(name) for name in SCHEMA.names}
    for name in _TIMES:
        if isinstance(row[name], str):
            time = datetime.fromisoformat(row[name])
            row[name] = time if time.tzinfo else time.replace(tzinfo=UTC)
    row["manifest"] = run.get("serialized")
    row |= {name: None if row[name] is None else json.dumps(row[name]) for name in _JSON}
    return row


def write(rows: Iterable[Mapping[str, Any]], folder: Path, day: str = "2026-11-20") -> Path:
    """One part of a pulled folder."""
    part = folder / "project" / f"day={day}" / "runs-0-1.parquet"
    part.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=SCHEMA), part)
    return folder


def made(number: int, session_id: str, **changes: Any) -> dict[str, Any]:
    """A stored call of a model; the same number always gives the same."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=number)
    message = {
        "content": "x",
        "response_metadata": {
            "finish_reason": ENDS[number % len(ENDS)],
            "model_name": "gpt-5",
            "model_provider": "openai",
        },
    }
    run = {
        "id": str(uuid5(NAMESPACE_URL, f"run {number}")),
        "session_id": session_id,
        "name": "ChatOpenAI",
        "run_type": "llm",
        "status": "success",
        "start_time": start,
        "end_time": start + timedelta(seconds=1),
        "outputs": {"generations": [[{"message": message}]], "llm_output": None},
    }
    return kept({**run, "trace_id": run["id"], **changes})
