"""What was known at the start of a run, as the readers take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.starts import STARTS
from langchain_respmeta._runs.run import keeper_of
from langchain_respmeta.providers.engine.run_start import RunStart

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run

_MOST: Final = 1_000
"""Messages, and blocks of each, that are looked at."""

_CORES: Final = "langchain_core.messages."

_SOUND: Final = frozenset({"audio", "input_audio", "video", "video_url"})
_MIME: Final = ("audio/", "video/")
"""A video has a sound track, which Google counts as sound (https://ai.google.dev/gemini-api/docs/tokens)."""


def start_of(run: Run, *, is_stored: bool = False) -> RunStart:
    """Return the start of a run; a fault in one part costs that part alone."""
    options = run.options
    structured = (
        bool(options)
        and (options.__class__ is dict or isinstance(options, Mapping))  # the second check is slow
        and bool(options.get("ls_structured_output_format"))
    )
    try:
        heard = holds_sound(run.prompt)
    except Exception as fault:  # noqa: BLE001 - as above
        report("looking for sound in a prompt", fault)
        heard = False
    start = STATE[STARTS].get(
        run.serialized, run.metadata, run.params, structured=structured, heard=heard, is_stored=is_stored
    )
    try:
        if start.provider is not None or any([handler.provider for handler in run.handlers]):  # noqa: C419 - faster
            start = RunStart(**{name: getattr(start, name) for name in _FIELDS})  # a known one is shared
            start.faults = [*start.faults]
            _name_provider(run, start)
    except Exception as fault:  # noqa: BLE001 - as above
        report("finding out whom the caller named", fault)
    return start


_FIELDS: Final = tuple(field.name for field in fields(RunStart))


def _name_provider(run: Run, start: RunStart) -> None:
    with loading:
        from langchain_respmeta.providers.named import tell_named

    tell_named(start, [keeper_of(handler).named for handler in run.handlers])


def holds_sound(prompt: Any) -> bool:
    """Whether a block of the messages is sound or a video: some integrations drop its tokens, and it costs more than text."""
    if not isinstance(prompt, list | tuple):
        return False
    for message in islice(prompt, _MOST):
        is_cores = message.__class__.__module__.startswith(_CORES)  # no mapping, which takes longer to tell
        content = message.content if is_cores else _content_of(message)
        if isinstance(content, list) and any(map(_is_sound, islice(content, _MOST))):
            return True
    return False


def _content_of(message: Any) -> Any:
    """A message's content, also where a tracer wrote it down."""
    if not isinstance(message, Mapping):
        return getattr(message, "content", None)
    fields = message.get("kwargs")
    return (fields if isinstance(fields, Mapping) else message).get("content")


def _is_sound(block: Any) -> bool:
    return isinstance(block, Mapping) and (
        block.get("type") in _SOUND or str(block.get("mime_type", "")).startswith(_MIME)
    )
