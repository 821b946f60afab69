"""A parent whose monitor is busy, and that forks: `python -m tests.monitor.forking FORKS` prints what went wrong.

Each child looks at the parent's figures, counts a call of its own, and waits for its own alert.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading

from langchain_respmeta import Monitor
from tests.monitor.made import made

CEILING_S = 90.0


def main(forks: int) -> int:
    """Fork so often; the number of children that did not end well."""
    monitor = Monitor(by=("thread_id",), max_values=5)
    monitor.when(lambda alert: None, by="thread_id", calls__ge=1)
    stop = threading.Event()
    threads = [threading.Thread(target=_work, args=(monitor, stop)) for _ in range(3)]
    for thread in threads:
        thread.start()
    failed = 0
    for _ in range(forks):
        pid = os.fork()
        if pid == 0:
            faulthandler.dump_traceback_later(CEILING_S, exit=True)
            os._exit(_child(monitor))
        failed += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0
    stop.set()
    for thread in threads:
        thread.join()
    return failed + (not _adds_up(monitor))


def _work(monitor: Monitor, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        monitor(made(thread_id=f"t{number % 9}"))


def _adds_up(monitor: Monitor) -> bool:
    whole = monitor.totals()
    groups = [monitor.figures(by) for by in ("model", "thread_id")]
    return all(
        sum(one.calls for one in found) == whole.calls
        and sum(one.cost_usd or 0 for one in found) == (whole.cost_usd or 0)
        for found in groups
    )


def _child(monitor: Monitor) -> int:
    before, heard = monitor.totals().calls, threading.Event()
    is_whole = _adds_up(monitor)
    monitor.when(lambda alert: heard.set(), calls__ge=before + 1)
    monitor(made())
    return 0 if is_whole and heard.wait(CEILING_S) and monitor.totals().calls == before + 1 else 1


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
    sys.stdout.flush()
