"""One row of the outbox, and how an item becomes one and comes back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import orjson

from langchain_respmeta._delivery.dumps import dumped
from langchain_respmeta._delivery.item import FeedbackItem
from langchain_respmeta.record.secrets import without_secrets

__all__ = ["Row", "Stored", "item_of", "project_key", "row_of"]

_FIELDS: Final = tuple(field.name for field in fields(FeedbackItem))
_RESULT: Final = ("value", "comment")
"""Fields with a rule's result; the others say which run it is about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted item, leased to this process."""

    seq: int
    item: FeedbackItem
    project: str
    attempts: int
    client: int | None
    """Number of its client in the process that accepted it; None after a take-over."""
    adopted: bool
    """True when it was just taken over from a process that has ended."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch."""

    new: int
    """Added rows; an id is added once."""
    evicted_own: int
    """Waiting rows of this process that were dropped for room."""
    evicted_other: int
    refused: int
    """Items that are too large."""


def row_of(item: FeedbackItem, now: float, owner: str, client: int) -> tuple[Any, ...]:
    """Return the values of `outbox_sql.INSERT`."""
    body = _body(item)
    return (item.id, item.api_url, project_key(item), item.routine, len(body), body, now, now, owner, client)


def _body(item: FeedbackItem) -> bytes:
    """Return the item as JSON. Only results are searched for secrets: a project may be called `hf_model_evaluation`."""
    body = {name: getattr(item, name) for name in _FIELDS}
    said = {name: body[name] for name in _RESULT if body[name] is not None}
    if said:
        body |= orjson.loads(without_secrets(dumped(said)))
    return dumped(body)


def item_of(body: bytes) -> FeedbackItem | None:
    """Return the item; None where another version of this package wrote it in another form."""
    try:
        return FeedbackItem(**orjson.loads(body))
    except (TypeError, ValueError):
        return None


def project_key(item: FeedbackItem) -> str:
    """Return what must exist on the server before the item can be sent: a project by name or id, or an address."""
    if item.address is not None:
        return f"address {item.address.get('id')}/{item.address.get('environment')}"
    return f"session {item.session_id}" if item.session_id else f"project {item.project}"
