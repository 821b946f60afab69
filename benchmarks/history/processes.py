"""A command in a process of its own, with the highest memory of each process that it starts, on any of their threads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

_MARK = "RESPMETA_BENCHMARK"
_EVERY_S = 0.25


@dataclass
class Peaks:
    """Highest resident memory in bytes, by process id; of Python processes alone."""

    driver: int = 0
    workers: dict[int, int] = field(default_factory=dict)

    @property
    def worker(self) -> int:
        """Of the process that used most, the driver where it did the work itself."""
        return max(self.workers.values(), default=self.driver)


def run_watched(program: str, *arguments: object) -> tuple[str, Peaks]:
    """What a Python program printed, and the memory of its processes.

    Raises:
        RuntimeError: It failed.
    """
    mark = uuid4().hex
    command = [sys.executable, "-c", program, *map(str, arguments)]
    peaks = Peaks()
    with subprocess.Popen(
        command, env=os.environ | {_MARK: mark}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            for pid, peak in _peaks(mark):
                if pid == process.pid:
                    peaks.driver = peak
                else:
                    peaks.workers[pid] = peak
            time.sleep(_EVERY_S)
        printed, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors[-2000:])
    return printed, peaks


def _peaks(mark: str) -> Iterator[tuple[int, int]]:
    """Process and its highest memory so far, for processes that do Python's work: no JVM, no server of Ray's."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"{_MARK}={mark}".encode() not in (place / "environ").read_bytes():
                continue
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ")
            peak = re.search(r"VmHWM:\s+(\d+) kB", (place / "status").read_text())
        except OSError:  # it has ended, or is another user's
            continue
        if peak and _WORKS.search(command):
            yield int(place.name), int(peak[1]) * 1024


_WORKS = re.compile(rb"^ray::|pyspark[./]daemon|multiprocessing|^\S*python\S* -c")
