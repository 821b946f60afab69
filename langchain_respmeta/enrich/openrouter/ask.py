"""Send one query to OpenRouter, bounded in time and size, and read its reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from langchain_respmeta._delivery.retry import seconds_of
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._version import __version__
from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.interchange.openrouter import generation_of

if TYPE_CHECKING:
    import httpx

MAX_BYTES: Final = 262_144
CONNECT_S: Final = 5.0


class QueryReplyKind(Enum):
    """What a reply means for the look-up."""

    FOUND = auto()
    NOT_YET = auto()
    """A generation is known some time after its answer: usually a moment, at times longer."""
    LIMITED = auto()
    """Too many requests: all look-ups wait."""
    BROKEN = auto()
    """No reply, or one of a failing server: all look-ups wait a little."""
    ODD = auto()
    """A reply that makes no sense: worth another try."""
    DENIED = auto()
    """The server refuses the key."""
    REFUSED = auto()
    """The server will never answer it."""


class QueryReply(NamedTuple):
    """The reply to one query. `said` holds no text of the reply and nothing of the request."""

    kind: QueryReplyKind
    said: str
    generation: Mapping[str, Any] | None = None
    retry_after_s: float | None = None


_STATUS: Final[Mapping[int, QueryReplyKind]] = {
    200: QueryReplyKind.FOUND,
    401: QueryReplyKind.DENIED,
    403: QueryReplyKind.DENIED,
    404: QueryReplyKind.NOT_YET,
    408: QueryReplyKind.BROKEN,
    425: QueryReplyKind.NOT_YET,
    429: QueryReplyKind.LIMITED,
}


def client_for(base_url: str, api_key: str, timeout_s: float) -> httpx.Client:
    """Return a client that sends the key to this address only: it follows no redirects."""
    with loading:
        import httpx

    return httpx.Client(
        base_url=base_url,
        headers={
            "Authorization": f"Bearer {api_key}",
            "Accept": "application/json",
            "User-Agent": f"langchain-respmeta/{__version__}",
        },
        timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
        follow_redirects=False,
    )


def ask(client: httpx.Client, response_id: str, timeout_s: float) -> QueryReply:
    """`GET /generation?id=`. Takes about `timeout_s` seconds at most, however slowly the server sends."""
    with loading:
        import httpx

    try:
        with client.stream("GET", "generation", params={"id": response_id}) as response:
            status, retry_after = response.status_code, response.headers.get("retry-after")
            body = _body(response, monotonic() + timeout_s) if status == 200 else b""
    except (httpx.HTTPError, httpx.StreamError, TimeoutError) as fault:
        # Its text may quote a header: only its name is kept.
        return QueryReply(QueryReplyKind.BROKEN, type(fault).__name__)
    kind = _STATUS.get(status) or (QueryReplyKind.REFUSED if 300 <= status < 500 else QueryReplyKind.BROKEN)
    if kind is QueryReplyKind.FOUND:
        return _found(body, response_id)
    return QueryReply(kind, f"HTTP {status}", retry_after_s=seconds_of(retry_after))


def _body(response: httpx.Response, until: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BYTES or monotonic() > until:
            raise TimeoutError
    return bytes(body)


def _found(body: bytes, response_id: str) -> QueryReply:
    try:
        generation = generation_of(json.loads(body, parse_float=Decimal, parse_constant=_no_number))
    except (ValueError, RecursionError) as fault:  # a RecordError is a ValueError
        return QueryReply(
            QueryReplyKind.ODD, "another shape" if isinstance(fault, RecordError) else "no JSON"
        )
    if generation.get("id") != response_id:
        return QueryReply(QueryReplyKind.ODD, "another generation")
    return QueryReply(QueryReplyKind.FOUND, "found", generation)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
