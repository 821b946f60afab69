"""Middleware of every request: allowed hosts and origins, the path, the log, faults for tests, safe headers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from langchain_respmeta.local.api.body import BODY_BYTES
from langchain_respmeta.local.context import OPERATIONS, Fault, RequestLog, RequestRecord
from langchain_respmeta.local.gate import LEASE, Gate
from langchain_respmeta.local.json_text import JSONResponse

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_log: Final = logging.getLogger(__name__)
_PIECE: Final = 1 << 18
"""Bytes of an answer sent at once."""
_PREFIXES: Final = ("/api/v1", "/api")
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Other sites learn nothing. With "no-referrer" a browser would send a form of ours with the Origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware.

    Args:
        app: The application that it guards.
        requests: Where requests are logged and faults are kept.
        allowed_hosts: Host names that a request may name; None allows all. On loopback this is what keeps a
            web page from reaching the server under a name of its own (DNS rebinding).
        gate: Admits requests.
    """

    def __init__(
        self, app: ASGIApp, requests: RequestLog, allowed_hosts: Collection[str] | None, gate: Gate
    ) -> None:
        self._app = app
        self._requests = requests
        self._allowed_hosts = allowed_hosts
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = _plain_path(scope["path"])
        is_logged = False

        async def send_on(message: Message) -> None:
            nonlocal is_logged
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message))
                self._log(
                    scope, message["status"]
                )  # before it is sent: a client with the answer finds it in the log
                is_logged = True
            await send(message)

        try:
            await self._answer(scope, receive, send_on)
        except TimeoutError:
            _log.warning("%s %s: the client does not take the answer", scope["method"], scope["path"])
        finally:
            if not is_logged:
                self._log(scope, 500)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Headers(scope=scope), scope["method"])
        fault = self._requests.take_fault(scope["method"], scope["path"])
        if refusal is not None:
            await JSONResponse({"detail": refusal}, status_code=403)(scope, receive, send)
        elif fault is None or not await _failed(fault, scope, receive, send):
            await self._let_in(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request when the gate admits it; release its place when the answer is sent."""
        try:
            async with self._gate.lease() as lease:
                scope[LEASE] = lease
                await self._app(scope, receive, self._in_pieces(send))
        except HTTPException as busy:  # the app handles its own
            detail = {"detail": busy.detail}
            await JSONResponse(detail, busy.status_code, dict(busy.headers or {}))(scope, receive, send)

    def _in_pieces(self, send: Send) -> Send:
        """Send long answers in pieces: a client that does not read holds one piece only, and not forever."""

        async def send_on(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            body, more = memoryview(message.get("body", b"")), message.get("more_body", False)
            for start in range(0, max(1, len(body)), _PIECE):
                piece = bytes(body[start : start + _PIECE])
                more_body = more or start + _PIECE < len(body)
                async with asyncio.timeout(self._gate.limits.slow_s):
                    await send({"type": message["type"], "body": piece, "more_body": more_body})

        return send_on

    def _refusal(self, headers: Headers, method: str) -> str | None:
        host = headers.get("host", "")
        if self._allowed_hosts is not None and _host_name(f"//{host}") not in self._allowed_hosts:
            return f"the Host {host!r} is not served here; use {', '.join(sorted(self._allowed_hosts))}"
        origin = headers.get("origin")
        if origin is not None and method not in _SAFE_METHODS and _netloc(origin) != host:
            return "requests from other web sites are refused"
        return None

    def _log(self, scope: Scope, status: int) -> None:
        operations = tuple(scope.get(OPERATIONS, ()))
        size = scope.get(BODY_BYTES, 0)
        self._requests.add(RequestRecord(scope["method"], scope["path"], status, size, operations))


def _complete(headers: MutableHeaders) -> None:
    """Add the safe headers; an answer may have a stricter one of its own."""
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)


def _plain_path(path: str) -> str:
    """The path without the prefix of some clients."""
    for prefix in _PREFIXES:
        if path.startswith(f"{prefix}/"):
            return path.removeprefix(prefix)
    return path


def _netloc(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def _host_name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _failed(fault: Fault, scope: Scope, receive: Receive, send: Send) -> bool:
    """Apply the fault; False if the request is to be served all the same."""
    await asyncio.sleep(fault.delay_s)
    if fault.status is None:
        return False
    while (await receive()).get("more_body"):
        pass  # a client that cannot finish sending would see a broken connection, not the status
    detail = {"detail": "a fault that a test asked for"}
    await JSONResponse(detail, status_code=fault.status, headers=dict(fault.headers))(scope, receive, send)
    return True
