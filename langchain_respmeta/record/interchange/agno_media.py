"""Media of Agno's `ModelResponse`. The record only describes them, without their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from langchain_respmeta.record.interchange.agno_parts import mapping
from langchain_respmeta.record.interchange.kinds import TEXT, WHOLE, read
from langchain_respmeta.record.parts import Media
from langchain_respmeta.record.vocabulary import MediaKind, MediaOrigin


class Place(NamedTuple):
    """Kind and origin of the media in one field."""

    kind: MediaKind
    origin: MediaOrigin


AUDIO: Final = Place("audio", "model")
LISTS: Final[Mapping[str, Place]] = {
    "images": Place("image", "model"),
    "videos": Place("video", "tool"),
    "audios": Place("audio", "tool"),
    "files": Place("file", "tool"),
}
"""Field → its media, as documented by Agno: `images` come from the model or tools, the others from tools."""

_LIST_OF: Final = {place.kind: name for name, place in LISTS.items()}

_FILE_TYPES: Final = frozenset(
    {
        "application/json",
        "application/msword",
        "application/pdf",
        "application/x-javascript",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/markdown",
        "text/plain",
        "text/rtf",
        "text/xml",
    }
)
"""Types that Agno's `File` accepts in all known versions; any other makes it refuse the whole response."""


def media(told: Any, field: str, place: Place) -> Media:
    """One `Image`, `Audio`, `Video` or `File` of Agno's.

    Raises:
        RecordError: it is no object, or one of its values is of another kind.
    """
    item = mapping(told, field)
    return Media(
        kind=place.kind,
        origin=place.origin,
        id=read(TEXT, item.get("id"), f"{field}.id"),
        url=read(TEXT, item.get("url"), f"{field}.url"),
        mime_type=read(TEXT, item.get("mime_type"), f"{field}.mime_type"),
        size_bytes=read(WHOLE, item.get("size"), f"{field}.size"),
    )


def fields(found: Sequence[Media]) -> dict[str, Any]:
    """The five fields. Media without an address are left out: Agno cannot hold them."""
    held = [one for one in found if one.url or (one.kind == "file" and one.id)]
    own = next((one for one in held if (one.kind, one.origin) == AUDIO), None)
    listed: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
    for one in held:
        if one is not own:
            listed[_LIST_OF[one.kind]].append(_told(one))
    return {"audio": None if own is None else _told(own)} | {
        name: items or None for name, items in listed.items()
    }


def _told(one: Media) -> dict[str, Any]:
    told = {"id": one.id, "url": one.url, "mime_type": one.mime_type}
    if one.kind == "file":
        told["size"] = one.size_bytes  # type: ignore[assignment]
        told["mime_type"] = one.mime_type if one.mime_type in _FILE_TYPES else None
    return {name: value for name, value in told.items() if value is not None}
