"""Format values for the page: times, sizes, tones of badges; numbers are in `record.views.short`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zlib import crc32

from markupsafe import Markup

from langchain_respmeta.local import times
from langchain_respmeta.local.page.conversation.model import Message
from langchain_respmeta.record.views.short import NOTHING, is_number
from langchain_respmeta.record.vocabulary import FINISHES

_HUES: Final = ("green", "blue", "indigo", "violet", "magenta", "red", "clay", "orange", "amber", "teal")


def size(value: object) -> str:
    """Bytes."""
    if not is_number(value):
        return NOTHING
    return f"{value:,.0f} B" if value < 10_000 else f"{value / 1000:,.0f} kB"


def moment(micros: int | None) -> str:
    """A time of today as hours, an older one with its date; in UTC, like everything on the page."""
    if micros is None:
        return NOTHING
    when = datetime.fromtimestamp(micros / 1e6, tz=UTC)
    today = datetime.now(tz=UTC).date()
    return when.strftime("%H:%M:%S" if when.date() == today else "%d %b %H:%M")


def full_moment(micros: int | None) -> str:
    """A time to the millisecond."""
    if micros is None:
        return NOTHING
    return datetime.fromtimestamp(micros / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


def day(micros: int | None) -> str:
    """The day of a time, in UTC."""
    return NOTHING if micros is None else datetime.fromtimestamp(micros / 1e6, tz=UTC).strftime("%Y-%m-%d")


_FORMS: Final = {"short": moment, "full": full_moment, "day": day}
"""How a time can stand on a page, by the name that `times.js` knows it by."""


def time_element(micros: int | None, form: str = "short") -> Markup | str:
    """A time that a script can say in the reader's zone; written in UTC."""
    if micros is None:
        return NOTHING
    iso = datetime.fromtimestamp(micros / 1e6, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    element = Markup('<time datetime="{}" data-form="{}" title="{}">{}</time>')
    return element.format(iso, form, full_moment(micros), _FORMS[form](micros))


def written_moment(text: str) -> str:
    """A time from its text in the record, or the text if it is no time."""
    try:
        return full_moment(times.parse(text))
    except ValueError:
        return text


def finish_tone(word: object) -> str:
    """The colour of a finish reason."""
    finish = FINISHES.get(str(word))
    return "grey" if finish is None else finish.tone


def provider_hue(provider: object) -> str:
    """The colour of a provider, fixed by its name."""
    return _HUES[crc32(str(provider).encode()) % len(_HUES)]


_SPEAKERS: Final = {
    "system": "System",
    "human": "User",
    "ai": "Assistant",
    "tool": "Tool",
    "document": "Document",
}
_MOST_IN_LINES: Final = 12


def speaker(message: Message) -> str:
    """Who speaks, in a word; empty for a value that nobody said."""
    if message.word == "developer":
        return "Developer"
    return _SPEAKERS.get(message.role) or message.word.capitalize()


def is_flat_object(value: object) -> bool:
    """Whether an object is small and plain enough for one line a key."""
    return (
        isinstance(value, dict)
        and 0 < len(value) <= _MOST_IN_LINES
        and not any(isinstance(one, (dict, list)) for one in value.values())
    )
