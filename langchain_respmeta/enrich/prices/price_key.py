"""What the price of a call is looked up by."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class PriceKey(NamedTuple):
    """Who answered, in the record's words: all that the rates of a call depend on."""

    provider: str
    model: str | None
    service_tier: str | None = None
    requested_model: str | None = None
    api_url: str | None = None
    upstream: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    billed: bool = False
    region: str | None = None
    latency: str | None = None

    def is_sound(self) -> bool:
        """Whether every part is a name: integrations have handed over other types."""
        return all(name is None or isinstance(name, str) for name in self if name is not self.billed)


KeyParts: TypeAlias = tuple[
    str,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    bool,
    str | None,
    str | None,
]
"""The parts of a `PriceKey`: as good a key, made in a tenth of the time."""
