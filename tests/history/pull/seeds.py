"""Projects in the embedded server, with runs as tracers send them, over several days."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from langchain_respmeta.local import LocalServer
from tests.local.seed import answer, new_id, segment, store_runs

NOW = datetime.now(UTC)
FIRST = (NOW - timedelta(days=6)).replace(hour=3, minute=0, second=0, microsecond=0)


def seeded_run(project: str, start: datetime, *, ended: bool = True, **fields: Any) -> dict[str, Any]:
    """One run of a model."""
    run_id = fields.pop("id", None) or new_id()
    return {
        "id": run_id,
        "trace_id": run_id,
        "parent_run_id": None,
        "dotted_order": segment(start, run_id),
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(seconds=1.5)).isoformat() if ended else None,
        "extra": {"metadata": {"ls_provider": "openai"}, "invocation_params": {"model": "gpt-5-mini"}},
        "serialized": {"lc": 1, "type": "constructor", "id": ["langchain", "ChatOpenAI"]},
        "inputs": {"messages": [["höre 🎧"]]},
        "outputs": answer({"finish_reason": "stop", "seed": 1.5e-07}) if ended else None,
        "events": [{"name": "start", "time": start.isoformat()}],
        "session_name": project,
        **fields,
    }


def seed_days(server: LocalServer, project: str, count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Runs over five days: dense hours, empty days, many at the same microsecond."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    moments = [FIRST + timedelta(days=rng.choice((0, 1, 4)), microseconds=rng.randrange(86_400_000_000))]
    while len(moments) < count:
        day, tie = rng.choice((0, 0, 1, 4)), rng.random()
        if tie < 0.2:
            moments.append(moments[-1])
        elif tie < 0.6:
            moments.append(FIRST + timedelta(days=day, hours=5, microseconds=rng.randrange(60_000_000)))
        else:
            moments.append(FIRST + timedelta(days=day, microseconds=rng.randrange(86_400_000_000)))
    runs = [seeded_run(project, moment) for moment in moments]
    store_runs(server.store, runs)
    return runs


def parts(folder: Path) -> list[Path]:
    """The files that a reader takes, by name: their windows in order."""
    return sorted(folder.rglob("day=*/*.parquet"))


def pulled(folder: Path) -> pa.Table:
    """All rows, file by file."""
    return pa.concat_tables([pq.read_table(path, partitioning=None) for path in parts(folder)])


def ids(folder: Path) -> list[str]:
    """The runs' ids, in the order of the files."""
    return pulled(folder)["id"].to_pylist() if parts(folder) else []


def in_order(runs: Iterable[dict[str, Any]]) -> list[str]:
    """Ids by start time and id."""
    return [run["id"] for run in sorted(runs, key=lambda run: (run["start_time"], run["id"]))]
