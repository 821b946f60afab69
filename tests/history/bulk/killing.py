"""Programs that are killed at a chosen place: before or after any of their steps at the disk.

python -m tests.history.bulk.killing forks INPUT FOLDER TIMES     each of TIMES runs is killed, then one goes on
python -m tests.history.bulk.killing tree INPUT OUTPUT COUNTER AT one run with its worker processes, all killed
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from langchain_respmeta.history import normalize_files
from langchain_respmeta.history.bulk.output import UnitOutput, _Part
from langchain_respmeta.history.bulk.places import Place

STEPS = (
    (Place, "move"),
    (Place, "write"),
    (Place, "make_folder"),
    (Place, "delete"),
    (UnitOutput, "add"),
    (UnitOutput, "_open"),
    (_Part, "write_table"),
    (_Part, "close"),
)
PATIENCE_S = 300


def at_each_step(note: Callable[[], None]) -> None:
    """Call a function before and after each step of this process."""
    for owner, name in STEPS:
        setattr(owner, name, _noted(getattr(owner, name), note))


def _noted(step: Callable[..., Any], note: Callable[[], None]) -> Callable[..., Any]:
    @wraps(step)
    def noted(*args: Any, **kwargs: Any) -> Any:
        note()
        result = step(*args, **kwargs)
        note()
        return result

    return noted


def forks(inputs: str, folder: str, times: int) -> None:
    """Kill runs at chosen places, and go on with each."""
    passed = target = 0

    def note() -> None:
        nonlocal passed
        passed += 1
        if passed == target:
            os.kill(os.getpid(), signal.SIGKILL)

    at_each_step(note)
    normalize_files(inputs, f"{folder}/whole", workers=1)
    places = random.Random(13).sample(range(1, passed + 1), times)  # noqa: S311
    for place in places:
        output = f"{folder}/killed-{place}"
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE_S)
            passed, target = 0, place
            normalize_files(inputs, output, workers=1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL, f"step {place} of {passed} was not reached"
        print(place, *sorted(path.name for path in Path(output).glob("day=*/*")), flush=True)
        target = 0
        normalize_files(inputs, output, workers=1)


def _kill_at(counter: str, at: int) -> None:
    """Count the steps of all processes in the size of one file; kill them all at one."""

    def note() -> None:
        handle = os.open(counter, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, b".")
        if os.fstat(handle).st_size >= at:
            os.killpg(0, signal.SIGKILL)
        os.close(handle)

    at_each_step(note)


if sys.argv[1:2] == ["tree"]:  # in the workers, too: they import their parent's main module
    _kill_at(sys.argv[4], int(sys.argv[5]))

if __name__ == "__main__":
    if sys.argv[1] == "tree":
        normalize_files(sys.argv[2], sys.argv[3], workers=2)
    else:
        forks(sys.argv[2], sys.argv[3], int(sys.argv[4]))
