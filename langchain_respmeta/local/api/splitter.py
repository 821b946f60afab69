"""Splits a multipart body at its boundaries, as it comes (RFC 2046).

Starlette's form parser does not do: it decodes a part without a file name as text, and the SDK's attachments have none. And
python-multipart looks at each header's signs one by one, which took longer than storing the runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException

_PLAIN_NAME: Final = re.compile(rb'form-data; name="([^"\\]*)"')
_USUAL: Final = re.compile(
    rb'Content-Disposition: form-data; name="([^"\\\r\n]*)"\r\n'
    rb"Content-Type: ([^\r\n \t][^\r\n]*[^\r\n \t])\r\n(?:Content-Length: [0-9]+\r\n)?\r\n"
)
"""The headers of a part as SDKs write them."""
_LINE: Final = b"\r\n"
_PADDING: Final = b" \t"
_LONGEST_PADDING: Final = 100
"""Spaces after a boundary that are waited for."""
_END: Final = b"--"


@dataclass(slots=True)
class Part:
    """One part of a body."""

    name: str
    mime_type: str
    data: bytes


class Splitter:
    """Takes the body in chunks, and gathers the parts.

    Args:
        boundary: As the body's Content-Type names it.
    """

    def __init__(self, boundary: bytes) -> None:
        self.parts: list[Part] = []
        self.is_complete = False
        self._mark = b"\r\n--" + boundary
        # The first boundary has no line before it: with one it is like the others.
        self._data = bytearray(_LINE)
        self._searched = 0
        self._has_begun = False

    def write(self, chunk: bytes) -> None:
        """Take a chunk.

        Raises:
            HTTPException: 400 if the body does not begin with its boundary, 422 for a part without a name.
        """
        self._data += chunk
        begin = 0
        while not self.is_complete and (at := self._data.find(self._mark, max(begin, self._searched))) >= 0:
            after = self._after(at + len(self._mark))
            if after is None:  # whether it is a boundary is in the next chunk
                self._searched = at
                break
            self._searched = at + 1
            if after:
                self._take(begin, at)
                begin = self._searched = after
        else:
            self._searched = max(self._searched, begin, len(self._data) - len(self._mark) + 1)
        if not self._has_begun and len(self._data) > len(self._mark) + _LONGEST_PADDING:
            raise _unreadable("it does not begin with its boundary")
        del self._data[:begin]
        self._searched -= begin

    def finish(self) -> None:
        """The body has ended.

        Raises:
            HTTPException: 400 if it ended too early.
        """
        if not self._has_begun:
            raise _unreadable("it does not begin with its boundary")
        if not self.is_complete:
            raise HTTPException(400, "the multipart body ends before its last boundary")

    def _after(self, at: int) -> int | None:
        """Where the line after a boundary ends; 0 if it is none, None if that is not known yet."""
        if self._data.startswith(_LINE, at):
            return at + len(_LINE)
        if self._data.startswith(_END, at):
            self.is_complete = True
            return at + len(_END)
        rest = bytes(self._data[at : at + _LONGEST_PADDING])
        padding = len(rest) - len(rest.lstrip(_PADDING))
        line = rest[padding : padding + len(_LINE)]
        if line == _LINE:
            return at + padding + len(_LINE)
        return None if len(rest) < _LONGEST_PADDING and (_LINE.startswith(line) or rest == b"-") else 0

    def _take(self, begin: int, end: int) -> None:
        if not self._has_begun:
            if end:
                raise _unreadable("it does not begin with its boundary")
            self._has_begun = True
            return
        usual = _USUAL.match(self._data, begin, end)
        if usual is not None:
            name, mime_type = usual[1].decode("utf-8", "replace"), usual[2].decode("latin-1")
            self.parts.append(Part(name, mime_type, self._copy(usual.end(), end)))
            return
        # A part without headers begins with the empty line that ends them.
        starts_empty = self._data.startswith(_LINE, begin)
        head_end = begin if starts_empty else self._data.find(_LINE * 2, begin, end)
        if head_end < 0:
            raise _unreadable("the headers of a part do not end")
        head = bytes(self._data[begin:head_end])
        data_begin = head_end + (len(_LINE) if starts_empty else 2 * len(_LINE))
        self.parts.append(Part(*_named(head), self._copy(data_begin, end)))

    def _copy(self, begin: int, end: int) -> bytes:
        with memoryview(self._data) as view:
            return bytes(view[begin:end])


def _named(head: bytes) -> tuple[str, str]:
    """Name and type from a part's headers."""
    name, mime_type = None, "application/octet-stream"
    for line in head.split(_LINE):
        key, _, value = line.partition(b":")
        match key.lower():
            case b"content-disposition":
                name = _name(value.strip())
            case b"content-type":
                mime_type = value.strip().decode("latin-1")
    if name is None:
        raise HTTPException(422, "a part has no name in its Content-Disposition")
    return name.decode("utf-8", "replace"), mime_type


def _name(disposition: bytes) -> bytes | None:
    plain = _PLAIN_NAME.fullmatch(disposition)
    return plain[1] if plain else parse_options_header(disposition)[1].get(b"name")


def _unreadable(why: str) -> HTTPException:
    return HTTPException(400, f"the multipart body cannot be read: {why}")
