"""An OpenRouter that serves generations and misbehaves on request."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"
"""In the shape of a real one."""

GENERATION: dict[str, Any] = {
    "id": "gen-1",
    "upstream_id": "chatcmpl-791bcf62",
    "total_cost": 0.0015,
    "cache_discount": 0.0002,
    "upstream_inference_cost": 0.0012,
    "created_at": "2024-07-15T23:33:19.433273+00:00",
    "model": "openai/gpt-5-mini",
    "app_id": 12345,
    "streamed": True,
    "cancelled": False,
    "provider_name": "Infermatic",
    "latency": 1250,
    "moderation_latency": 50,
    "generation_time": 1200,
    "finish_reason": "stop",
    "tokens_prompt": 10,
    "tokens_completion": 25,
    "native_tokens_prompt": 12,
    "native_tokens_completion": 26,
    "native_tokens_completion_images": 0,
    "native_tokens_reasoning": 5,
    "native_tokens_cached": 3,
    "num_media_prompt": 1,
    "num_media_completion": 0,
    "num_search_results": 5,
    "origin": "https://openrouter.ai/",
    "usage": 0.0015,
    "is_byok": False,
    "native_finish_reason": "completed",
    "external_user": "user-123",
    "api_type": "completions",
}
"""All fields of the page."""


@dataclass(frozen=True)
class Says:
    """One answer; without a body the generation that was asked for."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    hang: bool = False
    trickle: bool = False


class GenerationServer:
    """Each id's answers come in turn, from `script` or `default`; the last one stays."""

    def __init__(self) -> None:
        self.script: dict[str, list[Says]] = {}
        self.default: list[Says] = [Says()]
        self.asked: list[tuple[float, str]] = []
        self.keys: set[str | None] = set()
        self.at_once = self.most_at_once = 0
        self.released = threading.Event()
        self.lock = threading.Lock()
        self._turns: defaultdict[str, int] = defaultdict(int)
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/api/v1"

    def times(self, response_id: str) -> list[float]:
        return [at for at, asked in list(self.asked) if asked == response_id]

    def answer_for(self, response_id: str) -> Says:
        with self.lock:
            answers = self.script.get(response_id, self.default)
            turn = self._turns[response_id]
            self._turns[response_id] += 1
        return answers[min(turn, len(answers) - 1)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client that left mid-answer is not the server's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    owner: GenerationServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        owner = self.owner
        path = urlsplit(self.path)
        if path.path != "/api/v1/generation":
            self._send(500, b"{}", {})
            return
        response_id = parse_qs(path.query)["id"][0]
        owner.keys.add(self.headers.get("Authorization"))
        owner.asked.append((time.monotonic(), response_id))
        with owner.lock:
            owner.at_once += 1
            owner.most_at_once = max(owner.most_at_once, owner.at_once)
        try:
            self._say(owner.answer_for(response_id), response_id)
        finally:
            with owner.lock:
                owner.at_once -= 1

    def _say(self, says: Says, response_id: str) -> None:
        if says.hang:
            self.owner.released.wait()
            self.close_connection = True
            return
        body = says.body
        if body is None:
            told = {"data": GENERATION | {"id": response_id} | says.changes}
            body = json.dumps(told if says.status == 200 else {"error": {"code": says.status}}).encode()
        if says.trickle:
            self._trickle(body)
            return
        self._send(says.status, body, says.headers)

    def _trickle(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for place in range(len(body)):
            if self.owner.released.wait(0.05):
                return
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
