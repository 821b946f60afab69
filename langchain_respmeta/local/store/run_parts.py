"""What is sent of a run, a *post* (create) or a *patch* (update), and how the parts of one run are merged.

Either may come first. The patch wins over the post; None erases nothing; `extra` is merged key by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store import payloads
from langchain_respmeta.local.store.packed import Packer
from langchain_respmeta.local.store.sessions import Destinations

_MERGED_IN_EXTRA: Final = ("metadata", "runtime")
SENT: Final = (
    *("session_id", "trace_id", "parent_run_id", "dotted_order", "name", "run_type"),
    *("start_us", "end_us", "reference_example_id", "error", "tags"),
)
"""Columns of `runs` that a part may set."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A payload as it was received: its JSON text, and what that says."""

    text: str
    value: object


@dataclass(slots=True)
class RunPart:
    """One create or update of a run, as received."""

    kind: Literal["post", "patch"]
    run_id: str
    fields: dict[str, object]
    """The run's fields without the payloads, parsed."""
    payloads: dict[str, Sent] = field(default_factory=dict)
    """`inputs`, `outputs`, `events`, `serialized`."""


def part_of(kind: Literal["post", "patch"], run_id: str, body: Mapping[str, object]) -> RunPart:
    """A part from one JSON object with all fields."""
    fields = dict(body)
    sent = {name: fields.pop(name, None) for name in payloads.SENT}
    return RunPart(kind, run_id, fields, {n: payload_of(v) for n, v in sent.items() if v is not None})


def payload_of(value: object) -> Sent:
    """A payload that came within a larger object."""
    return Sent(json_text.dumps(value), value)


def sent_columns(destinations: Destinations, part: RunPart) -> dict[str, object]:
    """The part's fields under the names of the columns of `runs` and `payloads`; unknown fields are `rest`.

    `extra` and `rest` are objects, the other payloads are `Sent`.
    """
    sent = {name: value for name, value in part.fields.items() if value is not None}
    sent.pop("id", None)
    what = f"run {part.run_id}"
    return {
        "session_id": destinations.of_run(sent, needs_one=part.kind == "post"),
        "trace_id": json_text.optional_uuid(sent.pop("trace_id", None), f"{what}: trace_id"),
        "parent_run_id": json_text.optional_uuid(sent.pop("parent_run_id", None), f"{what}: parent_run_id"),
        "reference_example_id": json_text.optional_uuid(
            sent.pop("reference_example_id", None), f"{what}: reference_example_id"
        ),
        "dotted_order": json_text.text(sent.pop("dotted_order", None), f"{what}: dotted_order"),
        "name": json_text.text(sent.pop("name", None), f"{what}: name"),
        "run_type": json_text.text(sent.pop("run_type", None), f"{what}: run_type"),
        "start_us": json_text.optional_time(sent.pop("start_time", None), f"{what}: start_time"),
        "end_us": json_text.optional_time(sent.pop("end_time", None), f"{what}: end_time"),
        "error": json_text.text(sent.pop("error", None), f"{what}: error"),
        "tags": _tags(sent.pop("tags", None), f"{what}: tags"),
        "extra": _extra(sent.pop("extra", None), f"{what}: extra"),
        "rest": sent or None,
        **part.payloads,
    }


def _tags(value: object, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise HTTPException(422, f"{what} must be a list of strings")
    return json_text.dumps(value)


def _extra(value: object, what: str) -> dict[str, object] | None:
    return None if value is None else json_text.as_object(value, what)


@dataclass(frozen=True, slots=True)
class Packed:
    """A payload as it is stored, not read yet."""

    value: str | bytes
    packer: Packer

    def text(self) -> str:
        """The text."""
        return self.packer.unpack_some(self.value)


_NOTHING: Final = dict.fromkeys((*SENT, *payloads.COLUMNS))


def merge(kind: str, sent: Mapping[str, object], known: Mapping[str, object]) -> dict[str, Any]:
    """Merge what a part sends with what is known: a patch wins over a post, in either order."""
    under, over = (known, sent) if kind == "patch" else (sent, known)
    merged = {**_NOTHING, **under, **{name: value for name, value in over.items() if value is not None}}
    for name in ("extra", "rest"):
        below, above = under.get(name), over.get(name)
        if below is not None and above is not None:
            merged[name] = _merge_extra(as_dict(below), as_dict(above))
    return merged


def as_dict(value: object) -> dict[str, object]:
    """`extra` or `rest`: an object from a request, or one that is stored."""
    if isinstance(value, Packed):
        return json_text.loads_object(value.text(), "stored JSON")
    return value if isinstance(value, dict) else {}


def _merge_extra(under: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    merged = {**under, **over}
    for key in _MERGED_IN_EXTRA:
        below, above = under.get(key), over.get(key)
        if isinstance(below, dict) and isinstance(above, dict):
            merged[key] = {**below, **above}
        elif above is None and below is not None:
            merged[key] = below
    return merged
