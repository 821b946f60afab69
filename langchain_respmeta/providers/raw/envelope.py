"""What lies around a body: an HTTP response, an SDK's wrapper of one, and the ids that SDKs put on their objects."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from langchain_respmeta.providers.raw.objects import is_protobuf

MAX_HEADERS: Final = 256
"""Headers of one response that are looked at."""

_REQUEST_ID: Final = {"anthropic": "request-id"}
"""SDK → the header that holds its API's request id; `x-request-id` of all others."""

_MAX_ID: Final = 1_000


@dataclass(slots=True)
class Opened:
    """What an envelope held."""

    inner: Any
    """A body in any form; None where it cannot be had (a stream that nobody read)."""
    headers: dict[str, str]
    url: str | None = None
    """The address that was called."""


def opened(value: Any) -> Opened:
    """The inside of an HTTP response or an SDK's wrapper; of anything else the value itself. May raise."""
    kind = type(value)
    if kind is tuple and value and _message_in(value[-1]) is not None:
        value = value[-1]  # xAI's SDK yields each chunk beside what it has put together so far
    if (message := _message_in(value)) is not None:
        return Opened(message, {})
    if isinstance(value, Mapping | str | bytes | bytearray | list | tuple):
        return Opened(value, {})
    if _has(value, "http_response") and callable(getattr(kind, "parse", None)):
        return _of_wrapper(value, _read(value, "http_response"))
    if _has(value, "status_code") and _has(value, "headers") and callable(getattr(kind, "json", None)):
        return Opened(_read(value, "content"), headers_of(_read(value, "headers")), _url(value))
    if _has(value, "data") and _has(value, "headers") and kind.__name__.endswith("HttpResponse"):
        return Opened(
            _read(value, "data"), headers_of(_read(value, "headers")), _url(_read(value, "_response"))
        )
    return Opened(value, _of_object(value))


def _message_in(value: Any) -> Any:
    """The message of protobuf that xAI's SDK wraps."""
    message = None if isinstance(value, Mapping) else _read(value, "proto")
    return message if message is not None and is_protobuf(type(message)) else None


def is_envelope(value: Any) -> bool:
    """Whether it is an HTTP response or an SDK's wrapper of one. Never raises."""
    try:
        return opened(value).inner is not value
    except Exception:  # noqa: BLE001 - a foreign object may raise when it is read
        return False


def _of_wrapper(wrapper: Any, response: Any) -> Opened:
    """`with_raw_response` of OpenAI's, Anthropic's and their kin: parsed as asked for, else as it came."""
    inner = None
    if not inspect.iscoroutinefunction(type(wrapper).parse):
        try:
            inner = wrapper.parse()
        except Exception:  # noqa: BLE001 - the SDK cannot make its type of it: the JSON can still be read
            inner = None
    if inner is None or isinstance(inner, str | bytes):
        inner = _read(response, "content")
    return Opened(inner, headers_of(_read(response, "headers")), _url(response))


def _of_object(value: Any) -> dict[str, str]:
    """Headers that an SDK's object carries along, or the request's id alone."""
    response = _read(value, "sdk_http_response")
    if response is not None and (headers := headers_of(_read(response, "headers"))):
        return headers
    request_id = _read(value, "_request_id")
    if not isinstance(request_id, str) or not request_id or len(request_id) > _MAX_ID:
        return {}
    return {_REQUEST_ID.get(type(value).__module__.partition(".")[0], "x-request-id"): request_id}


def headers_of(value: object) -> dict[str, str]:
    """Names in lower case; text only."""
    if not isinstance(value, Mapping):
        return {}
    return {
        name.lower(): item
        for name, item in islice(value.items(), MAX_HEADERS)
        if isinstance(name, str) and isinstance(item, str)
    }


def _url(response: Any) -> str | None:
    """The address that a response came from."""
    url = _read(response, "url")
    text = None if url is None else str(url)
    return text if text is not None and text.startswith(("http://", "https://")) else None


def _has(value: Any, name: str) -> bool:
    return _read(value, name) is not None


def _read(value: Any, name: str) -> Any:
    """An attribute; None where there is none, or where it raises."""
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 - a foreign attribute may raise anything
        return None
