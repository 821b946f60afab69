"""The body of `POST /runs/multipart`.

Its parts are named `post|patch.<run_id>[.<field>]`, `feedback.<id>` and `attachment.<run_id>.<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.api.splitter import Part, Splitter
from langchain_respmeta.local.store import payloads
from langchain_respmeta.local.store.run_parts import RunPart, Sent, payload_of
from langchain_respmeta.local.store.runs_write import Attachment
from langchain_respmeta.local.weight import ITEM

_IN_FIELDS: Final = ("extra", "error")
"""Sub-parts that are fields; those of payloads.SENT are kept as text, too."""


@dataclass(slots=True)
class Batch:
    """All parts of one request."""

    runs: list[RunPart] = field(default_factory=list)
    feedback: list[dict[str, object]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


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
    splitter, charged = Splitter(options[b"boundary"]), 0
    for chunk in chunks:
        splitter.write(chunk)
        take(ITEM * (len(splitter.parts) - charged))
        charged = len(splitter.parts)
    splitter.finish()
    return _batch(splitter.parts)


def _batch(parts: Iterable[Part]) -> Batch:
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


def _attachment(rest: str, part: Part) -> Attachment:
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
        self._ids: dict[str, str] = {}

    def add(self, kind: Literal["post", "patch"], rest: str, part: Part) -> None:
        run_text, _, sub = rest.partition(".")
        run_id = self._ids.get(run_text)
        if run_id is None:
            run_id = self._ids[run_text] = json_text.as_uuid(run_text, part.name)
        key = (kind, run_id)
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
            value = json_text.loads(part.data, part.name)
            run.payloads[sub] = Sent(part.data.decode(), value)
        else:
            raise HTTPException(422, f"the part {part.name!r} names no field of a run")

    def complete(self) -> list[RunPart]:
        """All runs; payloads within a main part are moved to the run's payloads."""
        for run in self._all:
            if id(run) not in self._with_main:
                raise HTTPException(422, f"the part {run.kind}.{run.run_id} itself is missing")
            inline: dict[str, object] = {n: run.fields.pop(n) for n in payloads.SENT if n in run.fields}
            sent = {name: payload_of(value) for name, value in inline.items() if value is not None}
            run.payloads = {**sent, **run.payloads}
        return self._all
