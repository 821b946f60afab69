"""How large, how many and how slow requests may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request and of all together: bytes, counts, seconds."""

    body: int = 64 << 20
    """Bytes of a body, as sent."""
    decompressed: int = 256 << 20
    """Bytes of a body after zstd."""
    memory: int = 512 << 20
    """Bytes that one request may take, by the estimate of `weight`; large ones run one at a time."""
    small: int = 4 << 20
    """Bytes up to which requests run side by side."""
    at_once: int = 16
    """Concurrent requests; others wait."""
    connections: int = 256
    """Open connections."""
    wait_s: float = 20.0
    """How long a request waits for its turn before a 503, after which clients retry."""
    slow_s: float = 60.0
    """How long a client may take to send a body, or to read the next piece of an answer."""
