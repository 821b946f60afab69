"""What each count of `Usage` is called elsewhere: in LangChain's and LangSmith's `usage_metadata`, and in OpenTelemetry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

SIDES: Final = ("input_token_details", "output_token_details")


class UsageName(NamedTuple):
    """One count."""

    side: str | None = None
    """Which details of `usage_metadata` hold it, if any."""
    detail: str = ""
    """Its name there."""
    otel: tuple[str, ...] = ()
    """Attributes that mean exactly the same."""
    is_flat: bool = False
    """Whether it is a flat key of a run."""
    is_summed: bool = False
    """Whether it is summed over calls: on roots, and in `summary()`."""


_INPUT, _OUTPUT = SIDES
_OTEL: Final = "gen_ai.usage."

USAGE_NAMES: Final[Mapping[str, UsageName]] = {
    "input_tokens": UsageName(otel=(f"{_OTEL}input_tokens",), is_flat=True, is_summed=True),
    "output_tokens": UsageName(otel=(f"{_OTEL}output_tokens",), is_flat=True, is_summed=True),
    "total_tokens": UsageName(is_flat=True, is_summed=True),
    "cache_read_tokens": UsageName(
        _INPUT, "cache_read", (f"{_OTEL}cache_read.input_tokens",), is_flat=True, is_summed=True
    ),
    "cache_write_tokens": UsageName(
        _INPUT,
        "cache_creation",
        # Renamed upstream from cache_creation to cache_write; most backends still know the old name only.
        (f"{_OTEL}cache_write.input_tokens", f"{_OTEL}cache_creation.input_tokens"),
        is_flat=True,
    ),
    "cache_write_5m_tokens": UsageName(_INPUT, "ephemeral_5m_input_tokens"),
    "cache_write_1h_tokens": UsageName(_INPUT, "ephemeral_1h_input_tokens"),
    "reasoning_tokens": UsageName(
        _OUTPUT, "reasoning", (f"{_OTEL}reasoning.output_tokens",), is_flat=True, is_summed=True
    ),
    "input_audio_tokens": UsageName(_INPUT, "audio", (f"{_OTEL}audio.input_tokens",)),
    "output_audio_tokens": UsageName(_OUTPUT, "audio", (f"{_OTEL}audio.output_tokens",)),
    "input_image_tokens": UsageName(_INPUT, "image", (f"{_OTEL}image.input_tokens",)),
    "output_image_tokens": UsageName(_OUTPUT, "image", (f"{_OTEL}image.output_tokens",)),
    "input_video_tokens": UsageName(_INPUT, "video", (f"{_OTEL}video.input_tokens",)),
}

SUMMED: Final = tuple(field for field, name in USAGE_NAMES.items() if name.is_summed)
DETAILS: Final[Mapping[str, Mapping[str, str]]] = {
    side: {name.detail: f"usage.{field}" for field, name in USAGE_NAMES.items() if name.side == side}
    for side in SIDES
}
"""Details of `usage_metadata` → name there → path in the record."""
