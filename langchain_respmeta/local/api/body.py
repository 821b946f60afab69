"""Read a request's body, with limits on its size as sent, unpacked and parsed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from typing import Final

import zstandard
from starlette.exceptions import HTTPException
from starlette.requests import Request

from langchain_respmeta.local.gate import Lease
from langchain_respmeta.local.limits import Limits
from langchain_respmeta.local.weight import Weight

_CHUNK: Final = 1 << 20
_PATIENCE: Final = 8
BODY_BYTES: Final = "respmeta.body_bytes"
"""Key of the ASGI scope for the size of the body, as sent."""
_MAX_WINDOW: Final = 1 << 23
"""The largest zstd window accepted (RFC 8878 requires it of every decoder): a frame may not request more memory."""


async def read_body(request: Request, limits: Limits, lease: Lease) -> bytes:
    """The body as sent; 413 when it is too large, 503 when there is no room, 408 when it does not come.

    A refused body is still read for a while, and dropped: a client that cannot finish sending would see a broken
    connection instead of the answer.
    """
    try:
        async with asyncio.timeout(limits.slow_s + limits.wait_s):
            return await _read(request, limits, lease)
    except TimeoutError:
        raise HTTPException(408, f"the body did not come within {limits.slow_s:g} s") from None


async def _read(request: Request, limits: Limits, lease: Lease) -> bytes:
    pieces: list[bytes] = []
    total, refusal = 0, None
    async for chunk in request.stream():
        total += len(chunk)
        if refusal is None:
            refusal = await _refusal(chunk, total, limits, lease)
        if refusal is None:
            pieces.append(chunk)
        else:
            pieces.clear()
            if total > limits.body * _PATIENCE:
                break
    request.scope[BODY_BYTES] = total
    if refusal is not None:
        raise refusal
    return b"".join(pieces)


async def _refusal(chunk: bytes, total: int, limits: Limits, lease: Lease) -> HTTPException | None:
    if total > limits.body:
        return _too_large("the body is larger", limits.body)
    try:
        await lease.take(2 * len(chunk))  # in pieces, and joined
    except HTTPException as refusal:
        return refusal
    return None


def unpacked(
    body: bytes, encoding: str | None, limits: Limits, take: Callable[[int], None]
) -> Iterator[bytes]:
    """The body's plain bytes in chunks, each after its memory was taken.

    Raises:
        HTTPException: 413 when there are too many, 415 for an encoding other than zstd, and those of `take`.
    """
    match (encoding or "identity").strip().lower():
        case "identity":
            chunks, share = iter((body,)), 0
        case "zstd":
            chunks, share = _unzstd(body, limits.decompressed), 1
        case other:
            raise HTTPException(415, f"Content-Encoding {other!r} is not supported; send zstd or none")
    weight = Weight()
    for chunk in chunks:
        take(weight.add(chunk) + share * len(chunk))
        yield chunk


def _unzstd(body: bytes, limit: int) -> Iterator[bytes]:
    total = 0
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    try:
        with decompressor.stream_reader(io.BytesIO(body), read_across_frames=True) as reader:
            # Read in bounded steps: a bomb is noticed at the limit, before it is unpacked any further.
            while chunk := reader.read(_CHUNK):
                total += len(chunk)
                if total > limit:
                    raise _too_large("the decompressed body is larger", limit)
                yield chunk
    except zstandard.ZstdError as exc:
        raise HTTPException(400, f"the body is not valid zstd: {exc}") from exc


def _too_large(what: str, limit: int) -> HTTPException:
    return HTTPException(413, f"{what}; this server takes at most {limit} bytes")
