"""How large, how many and how slow requests may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a request may be and what all together may take: bytes, counts, seconds."""

    body: int = 64 << 20
    """Bytes of a body, as sent."""
    decompressed: int = 256 << 20
    """Bytes of a body after zstd."""
    memory: int = 512 << 20
    """Bytes that one request may take, by the estimate of `_weight`; of the large ones there is one at a time."""
    small: int = 4 << 20
    """Bytes that a request may take beside others."""
    at_once: int = 16
    """Requests under way; others wait."""
    connections: int = 256
    """Open connections."""
    wait_s: float = 20.0
    """So long a request waits for its turn; then it is answered 503, and a client sends it again."""
    slow_s: float = 60.0
    """So long a client may take to send a body, or to take the next piece of an answer."""
