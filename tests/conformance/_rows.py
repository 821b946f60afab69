"""The recorded answers, and what a body holds once its framing is taken off."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
RECORDED: Final = DATA / "recorded.jsonl.gz"
OUTPUTS: Final = DATA / "integration_outputs.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded HTTP answer and what is known of its request."""

    index: int
    provider: str
    kind: str
    host: str
    path: str
    model: str | None
    request: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    framing: str
    body: str
    streaming: bool

    @property
    def failed(self) -> bool:
        """Whether the provider answered with an error."""
        return self.status >= 400

    def payload(self) -> Any:
        """The JSON body, or the list of a stream's events; None where it is neither."""
        return payload_of(self.framing, self.body)


def rows() -> Iterator[Row]:
    """All rows, in the file's order."""
    with gzip.open(RECORDED, "rt") as lines:
        for index, line in enumerate(lines):
            yield _row(index, json.loads(line))


def _row(index: int, raw: Mapping[str, Any]) -> Row:
    request = raw["request"] if isinstance(raw["request"], dict) else {}
    host = (raw["host"] or "").partition(":")[0]
    return Row(
        index=index,
        provider=raw["provider"],
        kind=raw["endpoint_kind"],
        host=host,
        path=raw["endpoint"] or "",
        model=raw["model"] or request.get("model"),
        request=request,
        status=raw["status"],
        headers={name.lower(): str(value) for name, value in (raw["response_headers"] or {}).items()},
        framing=raw["framing"],
        body=raw["response_body"],
        streaming=bool(raw["streaming"]),
    )


def payload_of(framing: str, body: str) -> Any:
    """A body without its transport: an object, or a list of events."""
    try:
        return _UNFRAME[framing](body)
    except ValueError:
        return None


def _sse(body: str) -> list[Any]:
    events = []
    for block in body.replace("\r\n", "\n").split("\n\n"):
        lines = [line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:")]
        data = "\n".join(lines).strip()
        if data and data != "[DONE]":
            events.append(json.loads(data))
    return events


def _lines(body: str) -> list[Any]:
    return [json.loads(line) for line in body.splitlines() if line.strip()]


def _event_stream(body: str) -> list[Any]:
    """AWS's binary events as {event type: payload}; InvokeModel's chunks are unpacked."""
    events: list[Any] = []
    for kind, payload in _aws_messages(base64.b64decode(body)):
        told = json.loads(payload or b"{}")
        events.append(json.loads(base64.b64decode(told["bytes"])) if "bytes" in told else {kind: told})
    return events


def _aws_messages(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(event type, payload): total and header length in 4 bytes each, a checksum, headers, payload, a checksum."""
    start = 0
    while start < len(raw):
        total, headers = struct.unpack_from(">II", raw, start)
        named = dict(_aws_headers(raw[start + 12 : start + 12 + headers]))
        kind = named.get(":event-type") or named.get(":exception-type") or ""
        yield kind, raw[start + 12 + headers : start + total - 4]
        start += total


def _aws_headers(raw: bytes) -> Iterator[tuple[str, str]]:
    """Name after a length of 1 byte, the type of text (7), value after a length of 2 bytes."""
    place = 0
    while place < len(raw):
        named = place + 1 + raw[place]
        (length,) = struct.unpack_from(">H", raw, named + 1)
        yield raw[place + 1 : named].decode(), raw[named + 3 : named + 3 + length].decode()
        place = named + 3 + length


_UNFRAME: Final[Mapping[str, Callable[[str], Any]]] = {
    "json": json.loads,
    "json_array": json.loads,
    "text": lambda body: body,
    "sse": _sse,
    "ndjson": _lines,
    "jsonl_events": _lines,
    "aws_eventstream_b64": _event_stream,
}
