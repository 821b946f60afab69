"""The events of a stream, from its raw text or from what an SDK yields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from langchain_respmeta.providers.raw.aws_event_stream import events, is_event_stream
from langchain_respmeta.record.bounds import MAX_READ_CHARS

MAX_PIECES: Final = 1_000_000
"""Pieces of one stream's text that are read."""

_DECODER: Final = json.JSONDecoder()


def events_of(stream: object) -> Iterator[Any]:
    """Each event, in order: objects as they are, text as the JSON that it holds.

    Text may be server-sent events, one JSON object a line, or a JSON list, whole or in pieces; bytes AWS's messages, too. An event
    that broke off, or is no JSON, is left out. boto3's dict gives itself, and then the events of its stream.

    Raises:
        TypeError: `stream` can be gone through by nobody.
    """
    if isinstance(stream, str | bytes | bytearray):
        return _of_raw(stream)
    if isinstance(stream, Mapping):
        return chain([stream], _of_boto(stream))
    items = iter(stream)  # type: ignore[call-overload]
    first = next(items, None)
    if isinstance(first, str | bytes | bytearray):
        pieces = list(_bounded(chain([first], items)))
        if isinstance(first, bytes | bytearray) and is_event_stream(bytes(first[:16])):
            return events(b"".join(piece for piece in pieces if isinstance(piece, bytes | bytearray)))
        return _of_text(_joined(pieces))
    return iter(()) if first is None else chain([first], items)


def _bounded(pieces: Iterable[Any]) -> Iterator[Any]:
    """Those that are read: an iterator need not end."""
    left = MAX_READ_CHARS
    for piece in islice(pieces, MAX_PIECES):
        yield piece
        left -= len(piece) if isinstance(piece, str | bytes | bytearray) else 0
        if left < 0:
            return


def _of_boto(response: Mapping[Any, Any]) -> Iterator[Any]:
    """Converse's stream, or InvokeModel's body."""
    inner = response.get("stream") or response.get("body")
    return iter(()) if inner is None or isinstance(inner, str | Mapping) else events_of(inner)


def _of_raw(stream: str | bytes | bytearray) -> Iterator[Any]:
    if not isinstance(stream, str) and is_event_stream(bytes(stream[:16])):
        return events(bytes(stream))
    return _of_text(_text(stream))


def _text(piece: str | bytes | bytearray) -> str:
    return piece if isinstance(piece, str) else bytes(piece).decode("utf-8", "replace")


def _joined(pieces: Iterable[Any]) -> str:
    """Pieces of any length, as HTTP clients give them, or lines without their ends."""
    texts = [piece for piece in pieces if isinstance(piece, str | bytes | bytearray)]
    parts = [piece for piece in texts if not isinstance(piece, str)]
    if len(parts) == len(texts):
        ends = any(b"\n" in part for part in parts)
        return _text((b"" if ends else b"\n").join(parts))  # a character may be in two of them
    lines = list(map(_text, texts))
    return ("" if any("\n" in line for line in lines) else "\n").join(lines)


def _of_text(text: str) -> Iterator[Any]:
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        return _of_list(text)
    lines = text.splitlines()
    return _of_server_sent(lines) if any(line.startswith("data:") for line in lines) else _of_lines(lines)


def _of_list(text: str) -> Iterator[Any]:
    """The items of a list that may have broken off."""
    place = 1
    while True:
        while place < len(text) and text[place] in ", \t\r\n":
            place += 1
        try:
            item, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        yield item


def _of_lines(lines: Iterable[str]) -> Iterator[Any]:
    for line in lines:
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            continue


def _of_server_sent(lines: Iterable[str]) -> Iterator[Any]:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html: an empty line ends an event."""
    data: list[str] = []
    for line in chain(lines, [""]):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line.strip() and data:
            yield from _of_data(data)
            data = []


def _of_data(lines: list[str]) -> Iterator[Any]:
    """One event's data, which may stand on several lines; or several events whose empty lines are gone."""
    try:
        yield json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        yield from _of_lines(lines if len(lines) > 1 else ())
