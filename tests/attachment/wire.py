"""A proxy before the embedded server that keeps every byte which left the process."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import zstandard

from tests.waiting import CEILING_S


class Wire:
    """Listens on a free port, keeps what comes, passes it on.

    with Wire(server.url) as wire:
        Client(api_url=wire.url)
        assert b"secret" not in wire.sent()
    """

    def __init__(self, target: str) -> None:
        self.bodies: list[tuple[str, str, bytes]] = []
        """Method, path and unpacked body of each request."""
        self._http = _Proxy(("127.0.0.1", 0), _Handler)
        self._http.wire, self._http.target = self, urlsplit(target).netloc
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def sent(self) -> bytes:
        """All bodies, one after the other."""
        return b"\n".join(body for _, _, body in self.bodies)

    def requests(self, method: str, path: str) -> list[bytes]:
        """Bodies of the requests with this method whose path begins so."""
        return [body for verb, where, body in self.bodies if verb == method and where.startswith(path)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    wire: Wire
    target: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def _pass_on(self) -> None:
        raw = self._read()
        packed = self.headers.get("content-encoding") == "zstd"
        body = zstandard.ZstdDecompressor().decompressobj().decompress(raw) if packed else raw
        self.server.wire.bodies.append((self.command, self.path, body))
        upstream = HTTPConnection(self.server.target, timeout=CEILING_S)
        kept = {"content-type", "content-encoding", "x-api-key", "accept"}
        headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
        upstream.request(self.command, self.path, raw or None, headers)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers.get("content-type", "application/json"))
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        upstream.close()

    do_GET = do_POST = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - the base class's names

    def _read(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        pass
