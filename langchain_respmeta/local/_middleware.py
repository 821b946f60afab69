"""Around every request: who may ask, one form of the path, the log, faults for tests, safe headers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from langchain_respmeta.local._body import BODY_BYTES
from langchain_respmeta.local._context import OPERATIONS, Fault, RequestLog, RequestRecord
from langchain_respmeta.local._json import JSONResponse

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_PREFIXES: Final = ("/api/v1", "/api")
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware.

    Args:
        app: What it guards.
        requests: Where requests are logged and faults are kept.
        allowed_hosts: Host names that a request may name; None allows all. On loopback this is what keeps a
            web page from reaching the server under a name of its own (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, requests: RequestLog, allowed_hosts: Collection[str] | None) -> None:
        self._app = app
        self._requests = requests
        self._allowed_hosts = allowed_hosts

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
                MutableHeaders(scope=message).update(_HEADERS)
                self._log(
                    scope, message["status"]
                )  # before it is sent: who has the answer finds it in the log
                is_logged = True
            await send(message)

        try:
            await self._answer(scope, receive, send_on)
        finally:
            if not is_logged:
                self._log(scope, 500)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Headers(scope=scope), scope["method"])
        fault = self._requests.take_fault(scope["method"], scope["path"])
        if refusal is not None:
            await JSONResponse({"detail": refusal}, status_code=403)(scope, receive, send)
        elif fault is None or not await _failed(fault, scope, receive, send):
            await self._app(scope, receive, send)

    def _refusal(self, headers: Headers, method: str) -> str | None:
        host = headers.get("host", "")
        if self._allowed_hosts is not None and _host_name(f"//{host}") not in self._allowed_hosts:
            return f"the Host {host!r} is not served here; use {', '.join(sorted(self._allowed_hosts))}"
        origin = headers.get("origin")
        if origin is not None and method not in _SAFE_METHODS and urlsplit(origin).netloc != host:
            return "requests from other web sites are refused"
        return None

    def _log(self, scope: Scope, status: int) -> None:
        operations = tuple(scope.get(OPERATIONS, ()))
        size = scope.get(BODY_BYTES, 0)
        self._requests.add(RequestRecord(scope["method"], scope["path"], status, size, operations))


def _plain_path(path: str) -> str:
    """The path without the prefix that some clients put in front."""
    for prefix in _PREFIXES:
        if path.startswith(f"{prefix}/"):
            return path.removeprefix(prefix)
    return path


def _host_name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _failed(fault: Fault, scope: Scope, receive: Receive, send: Send) -> bool:
    """Do what the fault tells; False when the request is to be served after all."""
    await asyncio.sleep(fault.delay_s)
    if fault.status is None:
        return False
    while (await receive()).get("more_body"):
        pass  # a client that cannot send its body would see a broken connection, not the status
    detail = {"detail": "a fault that a test asked for"}
    await JSONResponse(detail, status_code=fault.status, headers=dict(fault.headers))(scope, receive, send)
    return True
