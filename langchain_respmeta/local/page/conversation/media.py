"""Media of content blocks in all the shapes of providers and of LangChain."""

from __future__ import annotations

import ast
import base64
import re
from typing import Final, Literal

from langchain_respmeta.local.page.conversation.fields import Fields
from langchain_respmeta.local.page.conversation.model import Media

Kind = Literal["image", "audio", "video", "file"]

KINDS: Final[dict[str, Kind]] = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "output_image": "image",
    "audio": "audio",
    "input_audio": "audio",
    "output_audio": "audio",
    "video": "video",
    "video_url": "video",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "text-plain": "file",
    "media": "file",
    "inline_data": "file",
    "inlineData": "file",
    "file_data": "file",
    "fileData": "file",
}
"""Types of blocks, and keys of blocks without a type."""
_NESTED: Final = (
    *("source", "image_url", "input_audio", "video_url", "audio", "file", "inline_data", "inlineData"),
    *("file_data", "fileData", "image", "video", "document", "s3Location"),
)
"""Keys whose object holds the medium."""
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[^;,]*)*(;base64)?,", re.IGNORECASE)
_MIME_OF: Final[dict[str, str]] = {"jpg": "jpeg", "mp3": "mpeg"}


def media_from(kind: Kind, fields: Fields) -> Media | None:
    """The medium that a block holds; None if it holds none."""
    found: dict[str, str] = {}
    _collect(fields, found, 0)
    if not found.keys() & {"data", "text", "url", "file_id"}:
        return None
    mime = found.get("mime") or _mime_of_format(kind, found.get("format"))
    return Media(
        kind=_kind_of(kind, mime),
        mime=mime,
        name=found.get("name"),
        data=found.get("data"),
        text=found.get("text"),
        url=found.get("url"),
        file_id=found.get("file_id"),
    )


_READ: Final = {
    "mime": ("mime_type", "media_type", "mimeType"),
    "name": ("filename", "file_name", "displayName", "title", "name"),
    "file_id": ("file_id", "fileId"),
    "format": ("format",),
    "data": ("data", "base64", "bytes", "file_data", "result"),
    "url": ("url", "uri", "image_url", "file_url", "video_url", "file_uri", "fileUri"),
}


def _collect(fields: Fields, found: dict[str, str], depth: int) -> None:
    """Read the keys of a block, then those of the objects within."""
    _collect_text(fields, found)
    for name, keys in _READ.items():
        if name not in found and (value := fields.word(*keys)):
            found[name] = value
    if "data" not in found and (data := _raw_bytes(fields)):
        found["data"] = data
    for name in ("url", "data"):
        if name in found:
            _split_data_url(found, name)
    if depth < 3:
        for key in _NESTED:
            if fields.has(key):
                _collect(fields.inner(key), found, depth + 1)


def _collect_text(fields: Fields, found: dict[str, str]) -> None:
    """A file whose text stands in the message."""
    of_text = "text" in (fields.peek("type"), fields.peek("source_type"))
    text = fields.text("text", *(("data",) if of_text else ()))
    if text is not None:
        found["text"] = text


def _raw_bytes(fields: Fields) -> str | None:
    """Bytes of Python, which `dumpd` writes as their literal."""
    for key in ("bytes", "data"):
        value = fields.peek(key)
        if isinstance(value, dict) and value.get("id") == ["builtins", "bytes"]:
            try:
                raw = ast.literal_eval(str(value.get("repr")))
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return None
            if isinstance(raw, bytes):
                fields.value(key)
                return base64.b64encode(raw).decode()
    return None


def _split_data_url(found: dict[str, str], name: str) -> None:
    """`data:image/png;base64,…` becomes data and a type; other addresses stay what they are."""
    match = _DATA_URL.match(found[name])
    if match is None:
        return
    if match[1]:
        found["mime"] = match[1].lower()
    if match[2]:
        whole = found.pop(name)
        found["data"] = whole[match.end() :]


def _mime_of_format(kind: Kind, written: str | None) -> str | None:
    if written is None:
        return None
    if kind == "file":
        return "application/pdf" if written == "pdf" else None
    return f"{kind}/{_MIME_OF.get(written, written)}"


def _kind_of(kind: Kind, mime: str | None) -> Kind:
    """A file whose type says that it is an image is one."""
    if kind != "file" or mime is None:
        return kind
    return _KINDS_OF_TYPES.get(mime.split("/")[0], "file")


_KINDS_OF_TYPES: Final[dict[str, Kind]] = {"image": "image", "audio": "audio", "video": "video"}
