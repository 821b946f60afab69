"""What the replay server returns: one answer, and a scenario of one or more answers."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from langchain_respmeta.cli.demo.wire import Event, sse

Fault = Literal["hang", "disconnect"]
TurnBy = Literal["call", "turn"]
Framing = Literal["json", "sse", "ndjson", "json_array", "jsonl_events", "aws_eventstream_b64", "text"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer.

    Attributes:
        body: The JSON body; streams are derived from it by the wire's encoder.
        status: HTTP status; answers of 400 and above are never streamed.
        headers: Sent unchanged, in addition to content type and length.
        events: The stream itself, where it must not be the derived one.
        raw: Bytes sent untouched, streaming or not; ``content_type`` says what they are.
        content_type: Of ``raw``.
        fault: ``hang``: no more bytes until the server closes; ``disconnect``: the connection is cut.
        fault_after: Stream events sent before the fault.
        chunk_delay_s: Seconds before each stream event; None takes the server's.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[Event] | None = None
    raw: bytes | None = None
    content_type: str = "application/json"
    fault: Fault | None = None
    fault_after: int = 0
    chunk_delay_s: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Answers under one name, and the call that asks for them.

    Attributes:
        provider: The key of the answers file, e.g. ``openai_responses``.
        name: The scenario, e.g. ``truncated``.
        answers: One, or a sequence.
        by: How a sequence is walked: ``call``: each request takes the next, then from the start again;
            ``turn``: by the number of model turns that the request's messages already hold, as agents need it.
        model: The model name to ask for.
        prompt: What the caller asks: text or content blocks.
        options: Further arguments of the integration class, e.g. ``max_tokens``.
        tools: Tools offered: names of the demo's own, or the provider's (web search) as dicts.
        bind: Arguments of the call rather than of the class, e.g. ``logprobs``.
    """

    provider: str
    name: str
    answers: tuple[Answer, ...]
    by: TurnBy = "call"
    model: str = ""
    prompt: str | Sequence[Mapping[str, Any]] = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    tools: Sequence[str | Mapping[str, Any]] = ()
    bind: Mapping[str, Any] = field(default_factory=dict)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The prompt in a chat model's form."""
        return [{"role": "user", "content": self.prompt}]

    @property
    def failing(self) -> bool:
        """Whether every answer is an error or a fault."""
        return all(answer.status >= 400 or answer.fault for answer in self.answers)


_CONTENT_TYPES: dict[str, str] = {
    "json": "application/json",
    "json_array": "application/json",
    "sse": "text/event-stream",
    "jsonl_events": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "aws_eventstream_b64": "application/vnd.amazon.eventstream",
    "text": "text/plain",
}


def recorded_answer(
    framing: Framing, body: str | bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make an answer of recorded bytes, passed through untouched.

    Args:
        framing: ``json``, ``json_array``, ``sse``, ``ndjson``, ``text``: the body as it was sent;
            ``jsonl_events``: the ``data:`` payloads of a stream, one a line, framed again here;
            ``aws_eventstream_b64``: base64 of a binary event stream.
        body: The recorded body.
        status: HTTP status.
        headers: Further headers.
    """
    raw = body.encode() if isinstance(body, str) else body
    if framing == "aws_eventstream_b64":
        raw = b64decode(raw)
    if framing == "jsonl_events":
        raw = b"".join(_frame_again(line) for line in raw.splitlines() if line.strip())
    return Answer(raw=raw, content_type=_CONTENT_TYPES[framing], status=status, headers=headers or {})


def _frame_again(line: bytes) -> bytes:
    if line.strip() == b"[DONE]":
        return sse(Event("[DONE]"))
    payload = orjson.loads(line)
    name = payload.get("type") if isinstance(payload, dict) else None
    return sse(Event(payload, name if isinstance(name, str) else None))
