"""All that is put on a model's run, by a function compiled for the draft's shape; by the general code where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.langsmith import metadata
from langchain_respmeta.langsmith.compiled_keys import Emit, Emitted, compiled
from langchain_respmeta.langsmith.draft_shape import Shape
from langchain_respmeta.langsmith.rollup import READ
from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.draft import Draft, merged

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher

COMPILE_AT: Final = 8
"""Sights of a shape before a function is made for it: that takes as long as the general code for a dozen drafts."""
MAX_FUNCTIONS: Final = 256
_MAX_COUNTED: Final = 1_024

_Key: TypeAlias = tuple[Any, ...]
_FUNCTIONS: Final[Bounded[_Key, Emit | None]] = Bounded(MAX_FUNCTIONS)
_SIGHTS: Final[Bounded[_Key, int]] = Bounded(_MAX_COUNTED)


def emitted(draft: Draft, handler: Watcher, traced: Mapping[str, Any] | None, *, hidden: bool) -> Emitted:
    """The keys of a model's run, its `usage_metadata`, and what a roll-up reads of the draft.

    Args:
        draft: The record with its texts.
        handler: Whose keys.
        traced: The tracer's own `usage_metadata`.
        hidden: Whether a client hides or masks anything.
    """
    key = (handler.prefix, handler.include_content, hidden, *draft, *map(type, draft.values()))
    try:
        emit = _FUNCTIONS[key]
    except KeyError:
        emit = _function(key, draft)
    if emit is not None:
        try:
            return emit(draft, traced)
        except Exception:  # noqa: BLE001, S110 - what it cannot say the general code says, or fails with
            pass
    return by_general_code(draft, handler, traced, hidden=hidden)


def by_general_code(
    draft: Draft, handler: Watcher, traced: Mapping[str, Any] | None, *, hidden: bool
) -> Emitted:
    """The same for any draft: the reference that compiled functions are tested against."""
    facts = without_content(draft)
    keys = metadata.run_keys(
        draft, facts, handler.prefix, include_content=handler.include_content, hidden=hidden
    )
    read = {path: value for path, value in facts.items() if path in READ}
    return keys, metadata.usage_metadata(draft, traced), merged(read)


def _function(key: _Key, draft: Draft) -> Emit | None:
    sights = _SIGHTS.get(key, 0) + 1
    if sights < COMPILE_AT:
        _SIGHTS.keep(key, sights)
        return None
    _SIGHTS.pop(key, None)
    prefix, include_content, hidden = key[:3]
    emit = compiled(
        Shape([*draft], [*map(type, draft.values())], prefix, include_content=include_content, hidden=hidden)
    )
    _FUNCTIONS.keep(key, emit)
    return emit
