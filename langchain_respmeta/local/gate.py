"""Limits over all open requests: their number, memory and time.

Each request has a lease. Small requests run side by side; one that grows beyond `Limits.small` returns its place among
them and waits for the single place of large ones. So small ones always proceed, the total is bounded by
`2 * at_once * small + memory`, and no request holds a place that another one needs to finish.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, cast

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request

from langchain_respmeta.local.limits import Limits

LEASE: Final = "respmeta.lease"
"""Key of the ASGI scope for a request's lease."""
RETRY_AFTER_S: Final = 2


class Lease:
    """The memory of one request, in estimated bytes; it is returned as a whole, at the end."""

    __slots__ = ("_gate", "_leave", "_taken")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._taken = 0
        self._leave: Callable[[], None] | None = gate.leave_small

    async def take(self, size: int) -> None:
        """Take more.

        Raises:
            HTTPException: 413 if one request may not have that much, 503 if it is not free in time.
        """
        self._taken += size
        limits = self._gate.limits
        if self._taken > limits.memory:
            raise HTTPException(
                413, f"the request needs more than the {limits.memory} bytes of memory it may take"
            )
        if self._taken > limits.small and self._leave == self._gate.leave_small:
            self.give_back()
            await self._gate.enter_large()
            self._leave = self._gate.leave_large

    def take_in_thread(self, size: int) -> None:
        """The same from the worker thread of this request."""
        anyio.from_thread.run(self.take, size)

    def give_back(self) -> None:
        """Return its place, if it has one."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


class Gate:
    """Admits requests, and large ones one at a time.

    Args:
        limits: How many, how much, how long.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._places = asyncio.Semaphore(limits.at_once)
        self._large = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """A lease for the duration of a request.

        Raises:
            HTTPException: 503 if no place is free in time.
        """
        await self._in_time(self._places.acquire())
        lease = Lease(self)
        try:
            yield lease
        finally:
            lease.give_back()

    async def enter_large(self) -> None:
        """Wait for the place of large requests, unless too many wait already."""
        if self._waiting >= self.limits.at_once:
            raise _busy()
        self._waiting += 1
        try:
            await self._in_time(self._large.acquire())
        finally:
            self._waiting -= 1

    def leave_small(self) -> None:
        """Release a place of the small requests."""
        self._places.release()

    def leave_large(self) -> None:
        """Release the place of the large requests."""
        self._large.release()

    async def _in_time(self, place: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(self.limits.wait_s):
                await place
        except TimeoutError:
            raise _busy() from None


def lease_of(request: Request) -> Lease:
    """The request's lease."""
    return cast("Lease", request.scope[LEASE])


def _busy() -> HTTPException:
    # LangSmith's clients retry after a 503, and wait as long as its header says.
    return HTTPException(
        503, "too much is under way here; send it again", {"Retry-After": str(RETRY_AFTER_S)}
    )
