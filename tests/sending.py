"""Sending all that a LangSmith client holds, with every release of the SDK that the package allows."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from langsmith import Client
from langsmith._internal import _background_thread

from tests.waiting import until


def send_all(client: Client) -> None:
    """Send what waits; returns when all of it was sent."""
    client.flush()
    until(lambda: not _under_way[id(client)], "the last packed runs")


_under_way: Counter[int] = Counter()
_lock = threading.Lock()


def _count(client: Client, change: int) -> None:
    with _lock:
        _under_way[id(client)] += change


def _watch_packed_runs() -> None:
    """Before 0.15 `flush` does not wait for packed runs that the SDK's own thread took to send, twice a second."""
    drain: Callable[..., Any] = _background_thread._tracing_thread_drain_compressed_buffer
    send: Callable[..., Any] = Client._send_compressed_multipart_req

    def counted_drain(client: Client, *args: Any, **options: Any) -> Any:
        _count(client, 1)
        packet = None
        try:
            packet = drain(client, *args, **options)
        finally:
            if packet is None or packet[0] is None:
                _count(client, -1)
        return packet

    def counted_send(client: Client, *args: Any, **options: Any) -> Any:
        try:
            return send(client, *args, **options)
        finally:
            _count(client, -1)

    _background_thread._tracing_thread_drain_compressed_buffer = counted_drain
    Client._send_compressed_multipart_req = counted_send  # type: ignore[method-assign]


if not hasattr(_background_thread, "_drain_and_send_compressed"):
    _watch_packed_runs()
