"""Pulls that are killed: each in a forked child that ends itself at a given call within the pull's own code.

    python -m tests.history.pull.killed URL PROJECT FOLDER SEED TIMES

Prints one line of JSON: what the folder held after each kill, and how many folders were filled so.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from langsmith import Client

from langchain_respmeta.history.pull import program
from langchain_respmeta.history.pull.parts import PartLimits
from tests.history.pull.seeds import FIRST, ids

OWN = f"{os.sep}history{os.sep}pull{os.sep}"
BOUNDS = {"since": FIRST, "until": FIRST + timedelta(days=1)}


class Fuse:
    """Counts the calls that the pull makes, and ends the process at one of them."""

    def __init__(self, at: int | None) -> None:
        self.calls = 0
        self._at = at

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event not in ("call", "c_call", "return") or OWN not in frame.f_code.co_filename:
            return
        self.calls += 1
        if self.calls == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def pull(url: str, project: str, folder: Path, at: int | None) -> int:
    fuse = Fuse(at)
    client = Client(api_url=url, api_key="any", auto_batch_tracing=False)
    program.PartLimits = lambda: PartLimits(rows=25)  # type: ignore[misc,assignment]
    sys.setprofile(fuse)
    try:
        program.pull_runs(project, folder, client=client, **BOUNDS)
    finally:
        sys.setprofile(None)
    return fuse.calls


def in_child(*args: Any) -> int:
    """The signal that ended it, 0 for none."""
    child = os.fork()
    if child == 0:
        pull(*args)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def main() -> None:
    url, project, folder, seed, times = sys.argv[1:]
    import pyarrow as pa

    pa.set_cpu_count(1)  # its threads are not in a forked child
    rng, out = random.Random(int(seed)), Path(folder)  # noqa: S311 - no secret
    calls = pull(url, project, out / "whole", None)
    held, round_ = [], 0
    while len(held) < int(times):
        if in_child(url, project, out / f"killed-{round_}", rng.randrange(1, calls // 2)):
            held.append(ids(out / f"killed-{round_}"))
        else:  # it got to its end before: the next kills befall another folder
            round_ += 1
    for number in range(round_ + 1):
        assert in_child(url, project, out / f"killed-{number}", None) == 0
    print(json.dumps({"held": held, "folders": round_ + 1}))


if __name__ == "__main__":
    main()
