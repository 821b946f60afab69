"""Runs of a service of several agents, as a handler and the tracer send them, for charts: nearly all that charts can tell."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from benchmarks import synthetic

OF_METADATA = {
    "thread_id": "thread_id",
    "agent_name": "lc_agent_name",
    "graph_node": "langgraph_node",
    "graph_step": "langgraph_step",
}
"""Column of a table of records → key of a run's metadata that it is read from."""


def runs(count: int, *, days: float = 14, seed: int = 7, project: str = "service") -> list[dict[str, Any]]:
    """Finished model calls, each a trace of its own."""
    return [
        _run(row, project)
        for batch in synthetic.tables(count, days=days, seed=seed)
        for row in batch.to_pylist()
    ]


def _run(row: dict[str, Any], project: str) -> dict[str, Any]:
    run_id = str(uuid.UUID(row["run_id"]))
    flat = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in row.items()
        if key.startswith("respmeta_") and value is not None and not isinstance(value, list)
    }
    own = {key: row[column] for column, key in OF_METADATA.items() if row[column] is not None}
    return {
        "id": run_id,
        "trace_id": run_id,
        "dotted_order": row["start_time"].strftime("%Y%m%dT%H%M%S%fZ") + run_id,
        "name": row["run_name"] or "ChatModel",
        "run_type": "llm",
        "start_time": row["start_time"].isoformat(),
        "end_time": row["end_time"].isoformat(),
        "tags": row["tags"],
        "error": flat.get("respmeta_error_type"),
        "extra": {
            "metadata": {
                **json.loads(row["metadata"] or "{}"),
                **own,
                **flat,
                "respmeta": json.loads(row["record"]),
            }
        },
        "inputs": {"messages": [["hello"]]},
        "session_name": project,
    }
