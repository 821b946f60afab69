"""The body of `POST /runs/multipart`.

Its parts are named `post|patch.<run_id>[.<field>]`, `feedback.<id>` and `attachment.<run_id>.<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store import payloads
from langchain_respmeta.local.store.run_parts import RunPart
from langchain_respmeta.local.store.runs_write import Attachment
from langchain_respmeta.local.weight import ITEM

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_IN_FIELDS: Final = ("extra", "error")
"""Sub-parts that are parsed; those of payloads.SENT stay text."""


@dataclass(slots=True)
class Batch:
    """All parts of one request."""

    runs: list[RunPart] = field(default_factory=list)
    feedback: list[dict[str, object]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    name: str
    mime_type: str
    data: bytes


def read_batch(chunks: Iterable[bytes], content_type: str, take: Callable[[int], None]) -> Batch:
    """Parse a whole multipart body; nothing is stored when any part of it is wrong.

    Args:
        chunks: The body.
        content_type: The header that names the boundary.
        take: Called with the bytes that the parts take in addition to their contents.

    Raises:
        HTTPException: 400 for a broken body, 415 for another content type, 422 for a wrong part.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(415, "Content-Type must be multipart/form-data with a boundary")
    collector, charged = _Collector(), 0
    try:
        parser = MultipartParser(options[b"boundary"], collector.callbacks())
        for chunk in chunks:
            parser.write(chunk)
            take(ITEM * (len(collector.parts) - charged))
            charged = len(collector.parts)
        parser.finalize()
    except FormParserError as exc:
        raise HTTPException(400, f"the multipart body cannot be read: {exc}") from exc
    if not collector.complete:
        raise HTTPException(400, "the multipart body ends before its last boundary")
    return _batch(collector.parts)


class _Collector:
    """Gathers the parts from the parser's callbacks.

    Starlette's form parser does not do: it decodes a part without a file name as text, and the SDK's attachments have
    none.
    """

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.complete = False
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value, self._data = bytearray(), bytearray(), bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._more(lambda: self._data),
            "on_part_end": self._end,
            "on_header_field": self._more(lambda: self._name),
            "on_header_value": self._more(lambda: self._value),
            "on_header_end": self._end_header,
            "on_end": self._finish,
        }

    @staticmethod
    def _more(target: Any) -> Any:
        def append(data: bytes, start: int, end: int) -> None:
            target().extend(memoryview(data)[start:end])

        return append

    def _begin(self) -> None:
        self._headers = {}
        self._data = bytearray()

    def _end_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"name" not in options:
            raise HTTPException(422, "a part has no name in its Content-Disposition")
        mime_type = self._headers.get(b"content-type", b"application/octet-stream")
        name = options[b"name"].decode("utf-8", "replace")
        self.parts.append(_Part(name, mime_type.decode("latin-1"), bytes(self._data)))

    def _finish(self) -> None:
        self.complete = True


def _batch(parts: Iterable[_Part]) -> Batch:
    batch = Batch()
    runs = _Runs()
    for part in parts:
        event, _, rest = part.name.partition(".")
        if event in ("post", "patch"):
            runs.add(cast("Literal['post', 'patch']", event), rest, part)
        elif event == "feedback":
            body = json_text.loads_object(part.data, part.name)
            batch.feedback.append({**body, "id": json_text.as_uuid(rest, part.name)})
        elif event == "attachment":
            batch.attachments.append(_attachment(rest, part))
        else:
            raise HTTPException(422, f"the part {part.name!r} is none of post, patch, feedback, attachment")
    batch.runs = runs.complete()
    return batch


def _attachment(rest: str, part: _Part) -> Attachment:
    run_id, _, name = rest.partition(".")
    if not name:
        raise HTTPException(422, f"the part {part.name!r} names no file")
    return Attachment(json_text.as_uuid(run_id, part.name), name, part.mime_type.split(";", 1)[0], part.data)


class _Runs:
    """Assigns sub-parts to their run. A run may come twice, as when a client updates it twice."""

    def __init__(self) -> None:
        self._all: list[RunPart] = []
        self._current: dict[tuple[str, str], RunPart] = {}
        self._with_main: set[int] = set()

    def add(self, kind: Literal["post", "patch"], rest: str, part: _Part) -> None:
        run_text, _, sub = rest.partition(".")
        key = (kind, json_text.as_uuid(run_text, part.name))
        run = self._current.get(key)
        if run is None or (not sub and id(run) in self._with_main):
            run = self._current[key] = RunPart(*key, {})
            self._all.append(run)
        if not sub:
            run.fields = {**json_text.loads_object(part.data, part.name), **run.fields}
            self._with_main.add(id(run))
        elif sub in _IN_FIELDS:
            run.fields[sub] = json_text.loads(part.data, part.name)
        elif sub in payloads.SENT:
            json_text.loads(part.data, part.name)
            run.payloads[sub] = part.data.decode()
        else:
            raise HTTPException(422, f"the part {part.name!r} names no field of a run")

    def complete(self) -> list[RunPart]:
        """All runs; payloads within a main part are moved to the run's payloads."""
        for run in self._all:
            if id(run) not in self._with_main:
                raise HTTPException(422, f"the part {run.kind}.{run.run_id} itself is missing")
            inline: dict[str, object] = {n: run.fields.pop(n) for n in payloads.SENT if n in run.fields}
            texts = {name: json_text.dumps(value) for name, value in inline.items() if value is not None}
            run.payloads = {**texts, **run.payloads}
        return self._all
