"""Requests of `POST /runs/multipart` as LangSmith's SDK makes them of runs, packed with zstd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import orjson
import zstandard

from benchmarks.traced_run import Run

PARTS: Final = 200
"""Posts and patches in one request, as many as the SDK has together when an application is busy."""
BOUNDARY: Final = "5f3c1b7e9a2d4c68"
_SEPARATE: Final = ("inputs", "outputs", "events", "extra", "error", "serialized")


def bodies(made: Iterable[list[Run]], parts: int = PARTS) -> Iterator[tuple[bytes, int]]:
    """Requests of `POST /runs/multipart`, packed with zstd, and how many runs end in each; the SDK's own encoding."""
    pending, finished = list[bytes](), 0
    for trace in made:
        moments = [(run.start, order, "post", run) for order, run in enumerate(trace)]
        moments += [(run.end, len(trace) - order, "patch", run) for order, run in enumerate(trace)]
        for _, _, kind, run in sorted(
            moments, key=lambda moment: (moment[2] == "patch", moment[0], moment[1])
        ):
            pending.append(_encoded(kind, run))
            finished += kind == "patch"
            if len(pending) >= parts:
                yield _request(pending), finished
                pending, finished = [], 0
    if pending:
        yield _request(pending), finished


def _encoded(kind: str, run: Run) -> bytes:
    payload = run.post() if kind == "post" else run.patch()
    separate = [(name, value) for name in _SEPARATE if (value := payload.pop(name, None)) is not None]
    named = [(f"{kind}.{run.id}", payload), *((f"{kind}.{run.id}.{name}", value) for name, value in separate)]
    return b"".join(_part(name, orjson.dumps(value)) for name, value in named)


def _part(name: str, data: bytes) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data + b"\r\n"


def _request(pending: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor().compress(b"".join(pending) + f"--{BOUNDARY}--\r\n".encode())
