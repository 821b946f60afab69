"""A process that forks while its handler is busy: no child waits for a lock of a thread that it does not have."""

import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents.call_notes import notes_of
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.run import Run, keeper_of
from tests.handler.echo import Echo

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
ROOT = Path(__file__).parents[2]
FORKS = 25


def _process(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_children_of_a_busy_parent_end_and_answer() -> None:
    """Sums, records and a call of their own; then Python's own exit."""
    done = _process("-m", "tests.process.forking", str(FORKS))
    assert done.stdout.split() == ["0"], done.stderr


_HELD = """
import os, sys, threading
import tests.process.test_forks as t
sys.exit(t.child_of_held_locks())
"""


def child_of_held_locks() -> int:
    """Fork with every lock of a handler, its runs, and the process's tables held; what the child came to."""
    from langchain_respmeta._runs.background import BACKGROUND
    from langchain_respmeta._runs.table import RUNS
    from langchain_respmeta.enrich.prices import price
    from langchain_respmeta.handler import hooks
    from langchain_respmeta.langsmith import seam
    from langchain_respmeta.providers.registry import REGISTRY

    handler = RespMetaHandler(feedback=False)
    Echo().invoke("3", {"callbacks": [handler]})
    handler.summary()
    (run,) = keeper_of(handler).records.runs()
    assert isinstance(run, Run)
    notes_of(run)
    held = [
        run.lock,
        keeper_of(handler).totals._lock,
        keeper_of(handler)._making,
        BACKGROUND._busy,
        STATE[RUNS]._lock,
    ]
    held += [hooks._HOOKS.lock, seam._lock, price._user._lock]
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ExitStack() as stack:
            for lock in held:
                stack.enter_context(lock)
            ready.set()
            done.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    pid = os.fork()
    if pid:
        from tests.process import forking

        outcome = forking._outcome(pid)
        done.set()  # the parent itself needs them at its exit
        holder.join()
        return outcome
    from tests.process.forking import _child

    hooks.register()
    seam.install()
    price.reset_prices()
    REGISTRY.add(REGISTRY.rows[0], replace=True)
    _child(handler)
    return 1


def test_a_child_takes_every_lock_anew() -> None:
    """The parent's thread that holds one does not exist here to release it."""
    done = _process("-c", _HELD)
    assert done.returncode == 0, done.stderr
