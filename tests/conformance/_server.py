"""One answer at a time over HTTP, under whatever host name the integration asks for: nothing leaves this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, Self, cast

from langchain_respmeta.demo import Answer

_LOOPBACK: Final = "127.0.0.1"
_HOP_BY_HOP: Final = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "set-cookie", "transfer-encoding"}
)


class Server:
    """Answers every request with `answer`; a context manager."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.asked: list[str] = []
        self._http = ThreadingHTTPServer((_LOOPBACK, 0), _Handler)
        self._http.daemon_threads = True
        self._http.owner = self  # type: ignore[attr-defined]
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._http.server_port


@contextmanager
def every_host_is_here() -> Iterator[None]:
    """Resolve every host name to this machine, so that base URLs can keep the providers' real names."""
    real = socket.getaddrinfo

    def here(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        return real(_LOOPBACK if isinstance(host, str) else host, port, *args, **kwargs)

    socket.getaddrinfo = here
    try:
        yield
    finally:
        socket.getaddrinfo = real


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def do_POST(self) -> None:
        owner = cast("Server", self.server.owner)  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers.get("content-length") or 0))
        owner.asked.append(self.path)
        answer = owner.answer
        payload = answer.raw or b""
        self.send_response_only(answer.status)
        for name, value in _passed(answer.headers).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _HOP_BY_HOP}
