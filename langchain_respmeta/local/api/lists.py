"""What endpoints read alike: JSON bodies, pages, flags."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from langchain_respmeta.local import json_text
from langchain_respmeta.local.api.body import read_body, unpacked
from langchain_respmeta.local.context import context
from langchain_respmeta.local.gate import lease_of

_MAX_PAGE: Final = 1000
_TRUE: Final = ("true", "1", "yes")


async def json_body(request: Request) -> dict[str, object]:
    """The body as a JSON object, within the limits."""
    limits, lease = context(request).limits, lease_of(request)
    body = await read_body(request, limits, lease)

    def parsed() -> dict[str, object]:
        encoding = request.headers.get("content-encoding")
        plain = bytearray()  # one block, which goes back to the system: pieces would stay with the thread
        for piece in unpacked(body, encoding, limits, lease.take_in_thread):
            plain += piece
        return json_text.loads_object(plain, "the body")

    return await run_in_threadpool(parsed)


def page_of(request: Request, default: int = 100) -> tuple[int, int]:
    """`limit` and `offset` of the query string, or answer 422."""
    limit = _whole(request, "limit", default)
    return min(limit, _MAX_PAGE), _whole(request, "offset", 0)


def is_true(value: str) -> bool:
    """How LangSmith's clients write true in a query string."""
    return value.lower() in _TRUE


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Answer 400 for a query parameter that would be ignored."""
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise HTTPException(
            400, f"not supported here: {', '.join(unknown)}; supported: {', '.join(sorted(known))}"
        )


def new_id() -> str:
    """A fresh id."""
    return str(uuid.uuid4())


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > json_text.MAX_DIGITS:
        raise HTTPException(422, f"{name} must be a whole number, not {text!r}")
    return int(text)
