"""A worker process of the local engine: it does the units that come through its pipe until its parent ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import Connection, wait
from typing import Final

from langchain_respmeta._process.collector import rest_collector
from langchain_respmeta.history.bulk.job import Job
from langchain_respmeta.history.bulk.lean import leave_out_pandas

READY: Final = "ready"
_TICK_S: Final = 0.25
_IO_THREADS: Final = 2


def work(pipe: Connection, job: Job) -> None:
    """Do units until the pipe ends. Ctrl-C is the parent's: it ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    leave_out_pandas()
    import pyarrow as pa

    from langchain_respmeta.history.bulk.work import do_unit

    pa.set_cpu_count(1)  # the cores are the workers'
    pa.set_io_thread_count(_IO_THREADS)
    rest_collector()
    teller = _Teller(pipe)
    pipe.send(READY)
    while True:
        try:
            unit = pipe.recv()
        except EOFError:
            return
        done = do_unit(unit, job, teller.tick)
        teller.tell()
        pipe.send(done.to_dict())


class _Teller:
    """Tells the parent of rows, a few times a second."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._rows, self._told = pipe, 0, time.monotonic()

    def tick(self, rows: int) -> None:
        self._rows += rows
        if time.monotonic() - self._told >= _TICK_S:
            self.tell()

    def tell(self) -> None:
        if self._rows:
            self._pipe.send(self._rows)
        self._rows, self._told = 0, time.monotonic()


def _end_with_parent() -> None:
    """A parent that was killed ends no child itself."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
