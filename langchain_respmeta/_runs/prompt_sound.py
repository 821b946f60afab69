"""Whether a model was sent sound: some integrations drop how much of the input it was, and it costs more than text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

_MOST: Final = 1_000
"""Messages, and blocks of each, that are looked at."""

_SOUND: Final = frozenset({"audio", "input_audio", "video", "video_url"})
_MIME: Final = ("audio/", "video/")
"""A video has a sound track, which Google counts as sound (https://ai.google.dev/gemini-api/docs/tokens)."""


def holds_sound(prompt: Any) -> bool:
    """Whether a block of the messages is sound or a video."""
    messages = prompt if isinstance(prompt, list | tuple) else ()
    return any(_is_sound(block) for message in islice(messages, _MOST) for block in _blocks(message))


def _blocks(message: Any) -> Iterator[Mapping[str, Any]]:
    content = getattr(message, "content", None)
    if isinstance(content, list):
        yield from (block for block in islice(content, _MOST) if isinstance(block, Mapping))


def _is_sound(block: Mapping[str, Any]) -> bool:
    return block.get("type") in _SOUND or str(block.get("mime_type", "")).startswith(_MIME)
