"""The embedded server as a process of its own, its CPU time, and requests to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_SCHEDULED = 2
"""Linux: the clock of all CPU time of a process, threads that ended included, in its dynamic clock ids."""
_PATIENCE_S = 600
_LATER = (202, 503)
"""Statuses of an answer that comes when the server has read all it needs."""


class Answer(NamedTuple):
    """What one request cost the server."""

    status: int
    size: int
    cpu_ms: float
    wall_ms: float


@dataclass
class Server:
    """A server that listens."""

    process: subprocess.Popen[str]
    connection: http.client.HTTPConnection

    def cpu_s(self) -> float:
        """CPU time so far."""
        return time.clock_gettime((~self.process.pid << 3) | _SCHEDULED)

    def peak_mb(self) -> float:
        """The highest resident memory so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request, read its answer to the end."""
        cpu, wall = self.cpu_s(), time.perf_counter()
        self.connection.request(method, path, body, dict(headers or {}))
        response = self.connection.getresponse()
        size = 0
        while chunk := response.read(1 << 20):
            size += len(chunk)
        wall = time.perf_counter() - wall
        time.sleep(0.01)  # what the server does when the answer is out is part of it
        return Answer(response.status, size, (self.cpu_s() - cpu) * 1000, wall * 1000)

    def answered(self, path: str) -> Answer:
        """Ask until it is no longer busy with what it must do first; the CPU of all of it."""
        cpu, wall = 0.0, 0.0
        while True:
            answer = self.ask(path)
            cpu, wall = cpu + answer.cpu_ms, wall + answer.wall_ms
            if answer.status not in _LATER:
                return answer._replace(cpu_ms=cpu, wall_ms=wall)


@contextlib.contextmanager
def serving(db: Path, tree: Path) -> Iterator[Server]:
    """The server of the package in `tree`, over this file."""
    command = [sys.executable, "-m", "langchain_respmeta", "serve", "--port", "0", "--db", str(db), "--json"]
    environ = {**os.environ, "PYTHONPATH": str(tree)}
    with subprocess.Popen(command, cwd=tree, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = json.loads(_first_object(process))
            port = int(str(told["url"]).rpartition(":")[2].strip("/"))
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
            server = Server(process, connection)
            server.ask("/info")
            yield server
            connection.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE_S)


def _first_object(process: subprocess.Popen[str]) -> str:
    """What it prints as soon as it listens."""
    text = ""
    for line in process.stdout or ():
        text += line
        with contextlib.suppress(ValueError):
            json.loads(text)
            return text
    raise RuntimeError(f"the server ended: {text}")
