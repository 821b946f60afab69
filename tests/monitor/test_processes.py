"""Monitors under many threads, over forks, and at a program's end."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from langchain_respmeta import Monitor
from tests.monitor.made import made
from tests.waiting import CEILING_S

ROOT = Path(__file__).parents[2]


def said_by(*words: str) -> str:
    """What a process of its own writes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=CEILING_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_many_threads_lose_and_double_nothing() -> None:
    """Half of the records come twice, from two threads."""
    monitor, calls = Monitor(by=("thread_id",), max_values=3), 400
    records = [made(cost="0.000001", thread_id=f"t{number % 7}") for number in range(calls)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(monitor, [*records, *records[::2]]))
    whole = monitor.totals("hour")
    assert (whole.calls, whole.cost_usd, whole.input_tokens) == (calls, Decimal("0.0004"), 10 * calls)
    assert sum(one.calls for one in monitor.figures("thread_id", "hour")) == calls


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_children_of_a_busy_parent_have_whole_figures_and_alerts_of_their_own() -> None:
    assert said_by("-m", "tests.monitor.forking", "12").split() == ["0"]


_AT_THE_END = {
    "a record of one's own": "from tests.monitor.made import made; monitor = Monitor(); monitor.when(tell, calls__ge=1); monitor(made())",
    "a handler's last call": (
        "from tests.handler.echo import Echo; handler = RespMetaHandler(); handler.monitor.when(tell, calls__ge=1);"
        "Echo().invoke('1', {'callbacks': [handler]})"
    ),
}


@pytest.mark.parametrize("program", _AT_THE_END.values(), ids=_AT_THE_END)
def test_a_program_s_end_tells_of_the_last_alerts(program: str) -> None:
    first = "import time; from langchain_respmeta import Monitor, RespMetaHandler\n"
    first += "def tell(alert): time.sleep(0.2); print('told\\n', end='')\n"
    assert sorted(said_by("-c", f"{first}{program}; print('end\\n', end='')").split()) == ["end", "told"]


def test_a_monitor_loads_no_package_of_an_extra() -> None:
    program = (
        "import sys; from langchain_respmeta import Monitor; from tests.monitor.made import made; monitor = Monitor();"
        "monitor(made()); monitor.table(); print(sorted({'pandas', 'numpy', 'pyarrow', 'rich', 'duckdb'} & {*sys.modules}))"
    )
    assert said_by("-c", program).strip() == "[]"
