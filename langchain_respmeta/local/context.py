"""Shared state of all endpoints, and the log of requests."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from starlette.requests import Request

from langchain_respmeta.local.limits import Limits
from langchain_respmeta.local.mirror.mirror import Mirror
from langchain_respmeta.local.store.retention import Bounds
from langchain_respmeta.local.store.store import Store

OPERATIONS: Final = "respmeta.operations"
"""Key of the ASGI scope for what a request asks to store."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request that was answered."""

    method: str
    path: str
    status: int
    body_bytes: int
    """As sent, before unpacking."""
    operations: tuple[tuple[str, str], ...]
    """What it asks to store: ("post" | "patch" | "feedback", id)."""


@dataclass(slots=True)
class Fault:
    """Makes the server misbehave, for tests of clients.

    The first `times` requests whose method and path start match are answered `status` (with `headers`), after
    `delay_s`; without a status they are only delayed and then served.
    """

    method: str
    path: str
    """Beginning of the path, without `/api/v1`."""
    status: int | None = None
    times: int = 1
    delay_s: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


class RequestLog:
    """The last requests, oldest first; safe to read while the server runs.

    Args:
        keep: How many are kept.
    """

    def __init__(self, keep: int = 50_000) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=keep)
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def __iter__(self) -> object:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._records)

    def all(self) -> list[RequestRecord]:
        """All requests still kept."""
        with self._lock:
            return list(self._records)

    def matching(self, method: str, path: str) -> list[RequestRecord]:
        """Requests with this method and exactly this path (without `/api/v1`)."""
        return [r for r in self.all() if (r.method, r.path) == (method, path)]

    def operations(self, kind: str, item_id: object = None) -> list[str]:
        """Ids of all requested posts, patches or feedbacks, in order, refused ones included."""
        wanted = None if item_id is None else str(item_id)
        return [
            found
            for record in self.all()
            for name, found in record.operations
            if name == kind and wanted in (None, found)
        ]

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._records.clear()

    def add(self, record: RequestRecord) -> None:
        """Called by the server."""
        with self._lock:
            self._records.append(record)

    def fail(self, fault: Fault) -> None:
        """Let the next matching requests fail or wait, as the fault states."""
        with self._lock:
            self._faults.append(fault)

    def heal(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def take_fault(self, method: str, path: str) -> Fault | None:
        """Called by the server: the fault for this request, used up once."""
        with self._lock:
            for fault in self._faults:
                if fault.method == method and path.startswith(fault.path) and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None


@dataclass(frozen=True, slots=True)
class Context:
    """Shared state of all endpoints."""

    store: Store
    limits: Limits
    info: Mapping[str, object]
    requests: RequestLog
    bounds: Bounds = field(default_factory=Bounds)
    """How much is kept."""
    started: float = field(default_factory=time.time)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    """By which this process knows the forms that it made."""
    mirror: Mirror = field(init=False)
    """The calls of the store once more, for charts."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mirror", Mirror(self.store))


def context(request: Request) -> Context:
    """The app's context."""
    return cast("Context", request.app.state.context)


def store_of(request: Request) -> Store:
    """The app's store."""
    return context(request).store


def note(request: Request, operations: Iterable[tuple[str, str]]) -> None:
    """Note in the request's record what it asks to store."""
    request.scope.setdefault(OPERATIONS, []).extend(operations)
