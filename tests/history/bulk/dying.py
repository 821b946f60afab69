"""The command `normalize` with two workers, of which the one that reads a file of a given name dies, or waits for ever.

    python -m tests.history.bulk.dying NAME COUNTER TIMES INPUT -o OUTPUT …

The worker dies in the first TIMES tries; with TIMES = -1 it waits. Each try is a byte of COUNTER.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from langchain_respmeta.cli.main import main
from langchain_respmeta.history.bulk import work

os.environ.setdefault(
    "DYING", json.dumps(sys.argv[1:4])
)  # the workers' arguments are their parent's last ones
_name, _counter, _times = json.loads(os.environ["DYING"])
NAME, COUNTER, TIMES = _name, Path(_counter), int(_times)
_read = work.read_parquet


def _dying(unit: Any, columns: Any) -> Any:
    if unit.source.endswith(NAME):
        with COUNTER.open("a") as file:
            file.write(".")
        while TIMES < 0:
            time.sleep(1)
        if COUNTER.stat().st_size <= TIMES:
            os.kill(os.getpid(), signal.SIGKILL)
    return _read(unit, columns)


work.read_parquet = _dying  # in the workers, too: they import their parent's main module

if __name__ == "__main__":
    sys.argv[1:] = ["normalize", "--workers", "2", *sys.argv[4:]]
    sys.exit(main())
