"""A small HTTP server that answers like the model providers, so that the real integration classes can be driven.

The first two segments of the path choose the answer (``/openai/refusal/v1/chat/completions``), the rest of the
path and the body select the API and whether it streams. For demos and tests on the loopback only.
"""

import logging
import socket
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from threading import Event as ThreadEvent
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote, unquote

import orjson

from langchain_respmeta.cli.demo.answer import Answer, Scenario, TurnBy
from langchain_respmeta.cli.demo.wire import Request, Wire, wire_for

__all__ = ["ReplayServer"]

_log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_LOGGED_REQUESTS = 10_000
_BACKLOG = 1024
_MODEL_ROLES = frozenset({"assistant", "model"})
_MODEL_ITEMS = frozenset({"function_call", "reasoning", "web_search_call", "file_search_call"})

Answers = Mapping[str, Mapping[str, Scenario]]


class ReplayServer:
    """Serves answers by provider and scenario; a context manager.

    Args:
        answers: Scenarios by provider and name, e.g. of ``demo_scenarios()``.
        port: A free one when 0.
        answer_delay_s: Seconds before each answer's head.
        chunk_delay_s: Seconds before each stream event, so that a stream takes time as a real one does.

    Attributes:
        requests: The last requests, oldest first.
    """

    def __init__(
        self,
        answers: Answers | None = None,
        *,
        port: int = 0,
        answer_delay_s: float = 0.0,
        chunk_delay_s: float = 0.0,
    ) -> None:
        self.requests: deque[Request] = deque(maxlen=_LOGGED_REQUESTS)
        self.answer_delay_s = answer_delay_s
        self.chunk_delay_s = chunk_delay_s
        self.closing = ThreadEvent()
        self._lock = Lock()
        self._asked: dict[tuple[str, str], int] = {}
        self._scenarios = {
            (s.provider, s.name): s for group in (answers or {}).values() for s in group.values()
        }
        self._server = _Server((_HOST, port), self)
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.05,), name="respmeta-replay", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; hanging answers and open connections end."""
        self.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://{_HOST}:{self._server.server_port}"

    def base_url(self, provider: str, scenario: str) -> str:
        """Address under which a provider's own paths are answered with a scenario."""
        return f"{self.url}/{quote(provider, safe='')}/{quote(scenario, safe='')}"

    def add(
        self,
        provider: str,
        scenario: str,
        body_or_list: object,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        by: TurnBy = "call",
    ) -> str:
        """Add or replace a scenario.

        Args:
            provider: First path segment; ``mistral`` and ``groq`` get their own places of usage in streams.
            scenario: Second path segment.
            body_or_list: A JSON body or an `Answer` (also one of `recorded_answer`), or a list of them for a sequence.
            status: Of bodies that are not `Answer` objects.
            headers: Of bodies that are not `Answer` objects.
            by: See `Scenario`.

        Returns:
            The base URL, without the provider's own path.
        """
        items = body_or_list if isinstance(body_or_list, list) else [body_or_list]
        answers = tuple(i if isinstance(i, Answer) else Answer(i, status, headers or {}) for i in items)
        self.add_scenario(Scenario(provider, scenario, answers, by))
        return self.base_url(provider, scenario)

    def add_scenario(self, scenario: Scenario) -> None:
        """Add or replace a scenario; its sequence restarts."""
        key = (scenario.provider, scenario.name)
        with self._lock:
            self._scenarios[key] = scenario
            self._asked.pop(key, None)

    def answer_for(self, request: Request) -> Answer:
        """Log a request and choose its answer; 404 with the known scenarios if it is unknown."""
        self.requests.append(request)
        key = (request.provider, request.scenario)
        with self._lock:
            scenario = self._scenarios.get(key)
            asked = self._asked[key] = self._asked.get(key, -1) + 1
        if scenario is None:
            return self._unknown(request)
        if scenario.by == "turn":
            return scenario.answers[min(_model_turns(request.body), len(scenario.answers) - 1)]
        return scenario.answers[asked % len(scenario.answers)]

    def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the server."""
        if seconds:
            self.closing.wait(seconds)

    def _unknown(self, request: Request) -> Answer:
        known = sorted(name for provider, name in self._scenarios if provider == request.provider)
        there = f"its scenarios are {', '.join(known)}" if known else "this provider has none"
        message = f"no scenario {request.scenario!r} of {request.provider!r}: {there}"
        return Answer({"error": {"message": message, "type": "not_found"}}, status=404)


def _model_turns(body: Mapping[str, object]) -> int:
    """Count the model's turns in a request: consecutive items of the model (Responses) are one."""
    messages = body.get("messages") or body.get("contents") or body.get("input") or ()
    by_model = (_is_model(item) for item in messages) if isinstance(messages, list) else ()
    return sum(1 for is_model, _ in groupby(by_model) if is_model)


def _is_model(item: Mapping[str, object]) -> bool:
    return item.get("role") in _MODEL_ROLES or item.get("type") in _MODEL_ITEMS


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = _BACKLOG

    def __init__(self, address: tuple[str, int], replay: ReplayServer) -> None:
        self.replay = replay
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in list(self._connections):
            self.shutdown_request(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        _log.debug("replay of %s for %s ended early", request, client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536  # head and body leave in one packet

    def do_POST(self) -> None:
        request = self._read()
        answer = self._replay.answer_for(request)
        self._replay.pause(self._replay.answer_delay_s)
        if answer.fault and not answer.fault_after:
            self._fail(answer)
        elif answer.raw is not None:
            self._send(answer, answer.raw, answer.content_type)
        elif (wire := wire_for(request)) and answer.status < 400 and wire.streams(request):
            self._stream(answer, wire, request)
        else:
            self._send(answer, orjson.dumps(answer.body), "application/json")

    def do_GET(self) -> None:
        self.do_POST()  # look-ups are answered the same way

    @property
    def _replay(self) -> ReplayServer:
        return cast("_Server", self.server).replay

    def _read(self) -> Request:
        path, _, query = self.path.partition("?")
        _, provider, scenario, rest = (*path.split("/", 3), "", "", "")[:4]
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        body = orjson.loads(raw) if raw else {}
        return Request(
            method=self.command,
            provider=unquote(provider),
            scenario=unquote(scenario),
            path="/" + unquote(rest),
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body if isinstance(body, dict) else {},
        )

    def _head(self, answer: Answer, fields: Mapping[str, str]) -> None:
        given = {name.lower() for name in answer.headers}
        self.send_response_only(answer.status)
        own = {"date": self.date_time_string(), "connection": "keep-alive", **fields}
        for name, value in (*answer.headers.items(), *((k, v) for k, v in own.items() if k not in given)):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = False

    def _send(self, answer: Answer, payload: bytes, content_type: str) -> None:
        self._head(answer, {"content-type": content_type, "content-length": str(len(payload))})
        self.wfile.write(payload)

    def _stream(self, answer: Answer, wire: Wire, request: Request) -> None:
        self._head(answer, {"content-type": wire.content_type, "transfer-encoding": "chunked"})
        events = answer.events if answer.events is not None else wire.encode(answer.body, request)
        frames = (wire.frame(event) for event in events)
        delay = self._replay.chunk_delay_s if answer.chunk_delay_s is None else answer.chunk_delay_s
        self._chunks(_first(frames, answer.fault_after) if answer.fault else frames, delay)
        if answer.fault:
            self._fail(answer)
            return
        self.wfile.write(b"0\r\n\r\n")

    def _chunks(self, frames: Iterable[bytes], delay_s: float) -> None:
        for frame in frames:
            self._replay.pause(delay_s)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(frame), frame))
            self.wfile.flush()

    def _fail(self, answer: Answer) -> None:
        """Hang until the server closes, or cut the connection."""
        self.wfile.flush()
        if answer.fault == "hang":
            self._replay.closing.wait()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        _log.debug(format, *args)


def _first(frames: Iterator[bytes], count: int) -> Iterator[bytes]:
    return (frame for _, frame in zip(range(count), frames, strict=False))
