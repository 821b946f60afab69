"""Units done by processes of this machine, or in this process by one worker."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.engines.processes import Processes
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone
from langchain_respmeta.history.bulk.places import is_of_this_process
from langchain_respmeta.history.bulk.work import do_unit


def run_units(
    units: Sequence[Unit], job: Job, *, workers: int | None = None, tick: Tick | None = None
) -> Iterator[UnitDone]:
    """Do all units; see `engines.Engine`.

    Raises:
        HistoryError: Worker processes cannot be started.
    """
    count = min(workers or cores(), len(units))
    if count <= 1 or any(map(is_of_this_process, (job.output, *(unit.source for unit in units)))):
        for unit in units:
            yield do_unit(unit, job, tick)
        return
    with Processes(count, job, tick) as processes:
        yield from processes.run(units)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
