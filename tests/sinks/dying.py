"""Processes that die while they write Parquet files: `python -m tests.sinks.dying FOLDER` prints what was lost, as JSON.

Forked children of one small program write, acknowledge what `flush` said is there, and are killed: before each of the calls to
the system that writing makes, half way through a write, at any moment, and while they recover what another has left.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.sinks import parquet

CALLS = ("write", "fsync", "replace", "unlink", "mkdir")
"""Of `os`: what writing journals and files does."""
SEED = int(os.environ.get("DYING_SEED", "14"))
MONDAY = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)


def record(number: int, model: str = "first") -> ResponseMetadata:
    day = MONDAY.replace(day=2 + number % 2)
    return ResponseMetadata(run_id=f"run-{number}", provider="openai", model=model, received_at=day)


def die_at(call: int, *, half: bool = False) -> None:
    """Have this process killed before a call, or half way through a write."""
    seen = 0

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == call:
                if half:
                    real(args[0], args[1][: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return counted

    for name in ("write",) if half else CALLS:
        setattr(os, name, counting(getattr(os, name)))


class Told:
    """What a process says it has, where its death cannot take it back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        self._file = path.open("a", buffering=1)

    def there(self, models: dict[int, str]) -> None:
        self._file.write(json.dumps(models) + "\n")

    def all(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.path.read_text().splitlines():
            found.update(json.loads(line))
        return {f"run-{number}": model for number, model in found.items()}


def write_a_little(folder: Path, told: Told) -> None:
    """Two flushes: new records of two days; then more, one that replaces an older one, and one that comes twice."""
    sink = parquet(folder)
    for number in range(4):
        sink(record(number))
    if sink.flush(60):
        told.there(dict.fromkeys(range(4), "first"))
    for number in (4, 5):
        sink(record(number))
    sink(record(1, "second"))
    sink(record(4, "second"))
    if sink.flush(60):
        told.there({1: "second", 4: "second", 5: "first"})


def write_on(folder: Path, told: Told) -> None:
    """Write until death."""
    sink = parquet(folder, rows=7, seconds=0.01)
    for number in range(1_000_000):
        sink(record(number))
        if number % 3 == 0:
            sink(record(number // 2, "second"))
        if number % 5 == 0 and sink.flush(60):
            told.there({number: "first", **({number // 2: "second"} if number % 3 == 0 else {})})


def in_child(act: Callable[[], None]) -> int:
    """The id of a child that does this, and ends without Python's exit."""
    if (pid := os.fork()) == 0:
        act()
        os._exit(0)
    return pid


def ended(pid: int) -> bool:
    """Whether a child came to its own end."""
    return os.waitpid(pid, 0)[1] == 0


def faults_in(folder: Path, told: Told) -> list[str]:
    """What is wrong with a folder once it is recovered."""
    parquet(folder)
    rows = [
        (row["run_id"], row["respmeta_model"])
        for file in folder.glob("day=*/*")
        for row in pq.ParquetFile(file).read(columns=["run_id", "respmeta_model"]).to_pylist()
    ]
    models = dict(rows)
    twice = [run for run, times in Counter(run for run, _ in rows).items() if times > 1]
    lost = [run for run in told.all() if run not in models]
    old = [run for run, model in told.all().items() if model == "second" and models.get(run) != "second"]
    left = [path.name for path in (folder / "_journal").iterdir() if path.name != "recovery.lock"]
    named = {"twice": twice, "lost": lost, "old": old, "left": left}
    return [f"{what}: {sorted(which)}" for what, which in named.items() if which]


def killed_at_each_call(root: Path, *, half: bool) -> dict[str, Any]:
    """Kill a process at its first call, its second one, …; many a time the recovery is killed, too."""
    faults = []
    chance = random.Random(SEED)  # noqa: S311 - the same deaths every time
    for call in count(1):
        folder, told = root / f"{call}-{half}", Told(root / f"{call}-{half}.told")
        if ended(in_child(lambda: (die_at(call, half=half), write_a_little(folder, told))[1])):  # noqa: B023
            return {"kills": call - 1, "faults": faults + faults_in(folder, told)}
        if folder.exists():
            for _ in range(chance.randrange(3)):
                at = chance.randrange(1, 12)
                ended(in_child(lambda: (die_at(at), parquet(folder))[0]))  # noqa: B023
            faults += [f"call {call}, half {half}: {fault}" for fault in faults_in(folder, told)]
    raise AssertionError("it never ends")


def killed_at_any_time(root: Path, times: int) -> dict[str, Any]:
    """Kill processes at any moment after some acknowledgements."""
    faults, acknowledged = [], 0
    chance = random.Random(SEED)  # noqa: S311
    for number in range(times):
        mine, told = root / f"any-{number}", Told(root / f"any-{number}.told")
        pid = in_child(lambda: write_on(mine, told))  # noqa: B023
        enough = chance.randrange(1, 12)
        while len(told.all()) < enough:
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        acknowledged += len(told.all())
        faults += faults_in(mine, told)
    return {"acknowledged": acknowledged, "faults": faults}


def main(root: Path) -> None:
    parquet(root / "warm")  # all is imported
    record(1).to_dict()
    told = {
        "before": killed_at_each_call(root, half=False),
        "half way": killed_at_each_call(root, half=True),
        "any time": killed_at_any_time(root, 6),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
