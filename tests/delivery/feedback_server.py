"""A LangSmith that misbehaves on request, for the feedback tests and the outage benchmark."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_DNS, uuid5


class FeedbackServer:
    """Records feedback by id; `mode` sets its answers: ok, refuse, hang, trickle, or an HTTP status."""

    def __init__(self, port: int = 0) -> None:
        self.mode: str | int = "ok"
        self.status_of_posts: int | None = None
        self.retry_after: str | None = None
        self.projects: set[str] = {"default"}
        self.unknown_runs: set[str] = set()
        self.late_runs: Counter[str] = Counter()
        """Runs that are unknown for so many feedbacks more."""
        self.chokes_on: set[str] = set()
        """Ids that are answered with 500."""
        self.asked: list[str] = []
        """The id of each feedback that was sent, taken or not, in order."""
        self.feedback: dict[str, dict[str, Any]] = {}
        self.posts: Counter[str] = Counter()
        """How often each id was taken as new: never more than once."""
        self.repeats: Counter[str] = Counter()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.port = port or _free_port()
        self._http: ThreadingHTTPServer | None = None
        self._listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str, path: str) -> int:
        return sum(m == method and p == path for m, p, _ in list(self.requests))

    def become(self, mode: str | int) -> None:
        """Change behaviour; connections are refused by not listening at all."""
        self.mode, self.status_of_posts = mode, None
        held, self.released = self.released, threading.Event()
        held.set()
        if mode == "refuse":
            self.close()
        elif self._http is None:
            self._listen()

    def become_for_posts(self, status: int) -> None:
        """Answer feedback so; projects are still found."""
        self.status_of_posts = status

    def close(self) -> None:
        self.released.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        handler = type("Handler", (_Handler,), {"owner": self})
        for _ in range(100):
            try:
                self._http = _Server(("127.0.0.1", self.port), handler)
                break
            except OSError:
                time.sleep(0.02)
        assert self._http is not None
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """A client that left mid-answer is not the server's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, else each answer waits for a delayed acknowledgement
    owner: FeedbackServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_PATCH = do_POST  # noqa: N815 - http.server's naming

    def _answer(self, method: str, body: bytes) -> None:
        server = self.owner
        path = urlsplit(self.path)
        server.requests.append((method, path.path, dict(self.headers)))
        released, mode = server.released, server.mode  # in this order: `become` changes the mode first
        if mode == "refuse":  # a kept-alive connection from before
            self.close_connection = True
            return
        if mode == "hang":
            released.wait()
            self.close_connection = True
            return
        if mode == "trickle":
            self._trickle(released)
            return
        if isinstance(mode, int):
            self._send(mode, {"detail": "told to"}, retry_after=server.retry_after)
        elif path.path == "/info":
            self._send(404, {"detail": "no info here"})
        elif path.path == "/sessions":
            self._sessions(parse_qs(path.query).get("name", [""])[0])
        elif path.path == "/feedback" and method == "POST":
            self._feedback(json.loads(body))
        else:
            self._send(202, {})

    def _trickle(self, released: threading.Event) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not released.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _sessions(self, name: str) -> None:
        known = name in self.owner.projects
        project = {
            "id": str(project_id(name)),
            "name": name,
            "tenant_id": str(uuid5(NAMESPACE_DNS, "tenant")),
            "reference_dataset_id": None,
            "start_time": "2026-01-01T00:00:00",
        }
        self._send(200 if known else 404, [project] if known else {"detail": "not found"})

    def _feedback(self, body: dict[str, Any]) -> None:
        server = self.owner
        server.asked.append(body["id"])
        if server.status_of_posts is not None:
            self._send(server.status_of_posts, {"detail": "told to"})
            return
        is_late = server.late_runs[body["run_id"]] > 0
        server.late_runs[body["run_id"]] -= is_late
        if is_late or body["run_id"] in server.unknown_runs:
            self._send(404, {"detail": "no such run"})
            return
        if body["id"] in server.chokes_on:
            self._send(500, {"detail": "choked"})
            return
        with server.lock:
            known = body["id"] in server.feedback
            (server.repeats if known else server.posts)[body["id"]] += 1
            server.feedback.setdefault(body["id"], body)
        self._send(409 if known else 200, {})

    def _send(self, status: int, body: Any, *, retry_after: str | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(data)


def project_id(name: str) -> Any:
    return uuid5(NAMESPACE_DNS, name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
