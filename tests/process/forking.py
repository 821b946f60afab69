"""A parent that is busy on several threads and forks: `python -m tests.process.forking FORKS` prints how many hung.

Each child asks for the sums and the records, makes a call of its own, and exits as a program does.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
import traceback

from langchain_respmeta import RespMetaHandler, get_enabled_handler
from tests.handler.echo import Echo

CEILING_S = float(os.environ.get("FORKING_CEILING_S", "90"))


def main(forks: int) -> int:
    """Fork so often; the number of children that did not end well."""
    handler = RespMetaHandler(feedback=False, max_records=64, sinks=[lambda record: record.to_dict()])
    stop = threading.Event()
    threads = [threading.Thread(target=_work, args=(handler, stop, number)) for number in range(3)]
    for thread in threads:
        thread.start()
    while not handler.records:
        time.sleep(0.01)
    failed = 0
    for _ in range(forks):
        pid = os.fork()
        if pid == 0:
            _child(handler)
        hung = _outcome(pid) != 0
        failed += hung
        print("hung" if hung else "ended", file=sys.stderr, flush=True)
    stop.set()
    for thread in threads:
        thread.join()
    return failed


def _work(handler: RespMetaHandler, stop: threading.Event, number: int) -> None:
    model = Echo()
    while not stop.wait(0.001):
        model.invoke(str(number), {"callbacks": [handler]})
        if number == 0:
            handler.summary()
        if number == 1:
            len(handler.records)


def _child(handler: RespMetaHandler) -> None:
    """Ends the process: 0 when all it asked for was answered, by way of Python's own exit."""
    faulthandler.dump_traceback_later(CEILING_S / 2)  # where it hangs, if it does
    try:
        before = handler.summary()["calls"]
        list(handler.records)
        handler.monitor.table()
        Echo().invoke("7", {"callbacks": [handler]})
        assert handler.summary()["calls"] == before + 1
        assert handler.records[-1].response_id == "id-7"
        assert get_enabled_handler() is None
    except BaseException:  # noqa: BLE001 - whatever it is, the child must end here
        traceback.print_exc()
        os._exit(1)
    sys.exit(0)  # through atexit, where the reader is drained


def _outcome(pid: int) -> int:
    until = time.monotonic() + CEILING_S
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.002)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return -1


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
