"""A request's body, read within limits on what came over the wire and on what it unpacks to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import zstandard
from starlette.exceptions import HTTPException
from starlette.requests import Request

_CHUNK: Final = 1 << 20
_PATIENCE: Final = 8
BODY_BYTES: Final = "respmeta.body_bytes"
"""Key of the ASGI scope under which the size of the body, as sent, is noted."""
_MAX_WINDOW: Final = 1 << 27
"""The largest zstd window accepted (the library's own default): a frame may not ask for more memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a request may be, in bytes."""

    body: int = 64 << 20
    """As sent."""
    decompressed: int = 256 << 20
    """After zstd."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """The body as sent; 413 when it is too large.

    What is too large is still read for a while, and dropped: a client that cannot send on would see a broken
    connection instead of the answer.
    """
    body, total = bytearray(), 0
    async for chunk in request.stream():
        total += len(chunk)
        if total <= limits.body:
            body += chunk
        elif total > limits.body * _PATIENCE:
            break
    request.scope[BODY_BYTES] = total
    if total > limits.body:
        raise _too_large("the body is larger", limits.body)
    return bytes(body)


def unpacked(body: bytes, encoding: str | None, limits: Limits) -> Iterator[bytes]:
    """The body's plain bytes in chunks; 413 when they are too many, 415 for an encoding other than zstd."""
    match (encoding or "identity").strip().lower():
        case "identity":
            yield body
        case "zstd":
            yield from _unzstd(body, limits.decompressed)
        case other:
            raise HTTPException(415, f"Content-Encoding {other!r} is not supported; send zstd or none")


def plain_body(body: bytes, encoding: str | None, limits: Limits) -> bytes:
    """The whole body unpacked."""
    return b"".join(unpacked(body, encoding, limits))


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
