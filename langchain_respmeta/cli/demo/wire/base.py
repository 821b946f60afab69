"""Shared by all encoders: requests, events, and cutting of text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = Mapping[str, Any]

_WORD = re.compile(r"\s*\S+\s*")
_WORDS_PER_PIECE = 3
_ARGUMENT_PIECE = 24


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the replay server saw it.

    Attributes:
        method: HTTP method.
        provider: First segment of the path, e.g. ``openai``.
        scenario: Second segment of the path, e.g. ``refusal``.
        path: The rest of the path as the provider would see it, e.g. ``/v1/chat/completions``.
        query: Query string without ``?``.
        headers: Header names in lower case.
        body: The parsed JSON body; empty when there was none.
    """

    method: str
    provider: str
    scenario: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream: its JSON data (or literal text) and its name where the wire names events."""

    data: object
    name: str | None = None
    message_type: str = "event"


def pieces(text: str) -> Iterator[str]:
    """Cut a text as providers stream it: a few words at a time, nothing lost or added."""
    words = _WORD.findall(text) or ([text] if text else [])
    for start in range(0, len(words), _WORDS_PER_PIECE):
        yield "".join(words[start : start + _WORDS_PER_PIECE])


def argument_pieces(arguments: str) -> Iterator[str]:
    """Cut a tool call's JSON arguments into parts, also within a JSON token."""
    for start in range(0, len(arguments), _ARGUMENT_PIECE):
        yield arguments[start : start + _ARGUMENT_PIECE]


def without(mapping: JsonObject, *keys: str) -> dict[str, object]:
    """Copy a mapping without some keys."""
    return {key: value for key, value in mapping.items() if key not in keys}


def only(mapping: JsonObject, *keys: str) -> dict[str, object]:
    """Copy those of the keys that exist."""
    return {key: mapping[key] for key in keys if key in mapping}
