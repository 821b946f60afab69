"""JSON in and out: strict parsing with a clear 4xx, and stored JSON passed through unparsed."""

from __future__ import annotations

import re
import uuid

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from langchain_respmeta.local import times
from langchain_respmeta.record.plain import INT64, json_safe

MAX_DIGITS = 18
"""SQLite's integers have 64 bits."""

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OPTIONS = orjson.OPT_NON_STR_KEYS


def loads(data: bytes | bytearray | str, what: str) -> object:
    """Parse JSON, or answer 400 naming `what` could not be read."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise HTTPException(400, f"{what} is not valid JSON: {exc}") from exc


def loads_object(data: bytes | bytearray | str, what: str) -> dict[str, object]:
    """Parse a JSON object, or answer 400 (no JSON) or 422 (JSON of another kind)."""
    return as_object(loads(data, what), what)


def as_object(value: object, what: str) -> dict[str, object]:
    """`value` as an object, or answer 422."""
    if not isinstance(value, dict):
        raise HTTPException(422, f"{what} must be a JSON object, not {type(value).__name__}")
    return value


def dumps(value: object, options: int = 0) -> str:
    """JSON text to store; nesting deeper than can be written is cut, with a mark."""
    try:
        return orjson.dumps(value, option=_OPTIONS | options).decode()
    except orjson.JSONEncodeError:
        return orjson.dumps(json_safe(value), option=_OPTIONS | options).decode()


def text(value: object, what: str) -> str | None:
    """A text or None, or answer 422."""
    if value is None or isinstance(value, str):
        return value
    raise HTTPException(422, f"{what} must be a string, not {type(value).__name__}")


def sql_number(value: object) -> object:
    """A whole number beyond SQLite's 64 bits becomes the nearest float; other values are unchanged."""
    return float(value) if isinstance(value, int) and not -INT64 <= value < INT64 else value


def raw(text: str | None) -> orjson.Fragment | None:
    """Stored JSON text, to insert into an answer unchanged."""
    return None if text is None else orjson.Fragment(text)


def as_uuid(value: object, what: str) -> str:
    """The canonical text of a UUID, or answer 422."""
    if isinstance(value, str) and _CANONICAL.fullmatch(value):
        return value
    try:
        return str(uuid.UUID(str(value)))
    except ValueError as exc:
        raise HTTPException(422, f"{what} must be a UUID, not {value!r}") from exc


def optional_uuid(value: object, what: str) -> str | None:
    """The canonical text of a UUID, None for None, or answer 422."""
    return None if value is None else as_uuid(value, what)


def optional_time(value: object, what: str) -> int | None:
    """A time in microseconds, None for None, or answer 422."""
    if value is None:
        return None
    try:
        return times.parse(value)
    except (ValueError, OverflowError, OSError) as exc:
        raise HTTPException(422, f"{what} must be an ISO 8601 time, not {value!r}") from exc


class JSONResponse(Response):
    """An answer rendered by orjson."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body's bytes."""
        return orjson.dumps(content, option=_OPTIONS)
