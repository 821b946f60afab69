"""A server between the SDK and the embedded one, which does what servers and networks do on bad days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast

import httpx
import orjson

QUERY = "/api/v2/runs/query"


@dataclass
class Proxy:
    """Each entry of `plan` befalls one query for runs, in order; then all goes well."""

    target: str
    plan: list[str] = field(default_factory=list)
    on_query: Callable[[dict[str, Any]], object] = lambda _: None
    queries: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=120))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy


@contextmanager
def proxy_to(target: str, *plan: str) -> Iterator[Proxy]:
    proxy = Proxy(target, list(plan))
    server = _Server(proxy)
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        proxy.client.close()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Silent."""

    @property
    def proxy(self) -> Proxy:
        return cast("_Server", self.server).proxy

    def do_GET(self) -> None:
        self.answer(*self.asked("GET", b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fate = self._fate_of(body) if self.path == QUERY else ""
        _FATES[fate](self, body)

    def _fate_of(self, body: bytes) -> str:
        proxy, query = self.proxy, orjson.loads(body)
        proxy.queries.append(query)
        proxy.headers.append({name.lower(): value for name, value in self.headers.items()})
        proxy.on_query(query)
        befalls = proxy.plan and (proxy.plan[0] != "cursor" or "cursor" in query)
        return proxy.plan.pop(0) if befalls else ""

    def asked(self, method: str, body: bytes) -> tuple[int, bytes]:
        """What the embedded server says."""
        names = ("content-type", "x-api-key", "x-tenant-id")
        headers = {name: self.headers[name] for name in names if name in self.headers}
        target = self.proxy.target + self.path
        answer = self.proxy.client.request(method, target, content=body, headers=headers)
        return answer.status_code, answer.content

    def answer(self, status: int, content: bytes, cut: int = 0, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content[: len(content) - cut])
        self.close_connection = True


_Fate = Callable[[_Handler, bytes], None]


def _pass_on(handler: _Handler, body: bytes) -> None:
    handler.answer(*handler.asked("POST", body))


def _hang_up(handler: _Handler, _: bytes) -> None:
    handler.close_connection = True


def _cut(handler: _Handler, body: bytes) -> None:
    status, content = handler.asked("POST", body)
    handler.answer(status, content, cut=len(content) // 2)


def _refuse(status: int, **headers: str) -> _Fate:
    return lambda handler, _: handler.answer(status, b'{"detail": "said by the server"}', **headers)


_FATES: dict[str, _Fate] = {
    "": _pass_on,
    "hang up": _hang_up,
    "cut": _cut,
    "html": lambda handler, _: handler.answer(200, b"<html>maintenance</html>"),
    "limited": _refuse(429, Retry_After="0.02"),
    "limited long": _refuse(429, Retry_After="3600"),
    "limited until": _refuse(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "broken": _refuse(500),
    "away": _refuse(503),
    "gateway": _refuse(504),
    "cursor": _refuse(400),
    "key": _refuse(401),
    "forbidden": _refuse(403),
    "unknown": _refuse(404),
    "bad": _refuse(400),
}
