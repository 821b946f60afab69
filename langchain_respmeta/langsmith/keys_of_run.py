"""All that is put on a model's run, by a function compiled for the draft's shape; by the general code where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.langsmith import metadata
from langchain_respmeta.langsmith.call_sums import read_of
from langchain_respmeta.langsmith.compiled_keys import Emit, Emitted, compiled
from langchain_respmeta.langsmith.draft_shape import Shape
from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.draft import Draft

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher

COMPILE_AT: Final = 8
"""Sights of a shape before a function is made for it: that takes as long as the general code for a dozen drafts."""
MAX_FUNCTIONS: Final = 256
_MAX_COUNTED: Final = 1_024

_Settings: TypeAlias = tuple[str, bool, bool, bool]
_Paths: TypeAlias = tuple[str, ...]
_Kinds: TypeAlias = tuple[type, ...]
_FUNCTIONS: Final[Bounded[tuple[_Settings, _Paths, _Kinds], Emit | None]] = Bounded(MAX_FUNCTIONS)
_SIGHTS: Final[Bounded[tuple[_Settings, _Paths, _Kinds], int]] = Bounded(_MAX_COUNTED)
_LAST: Final[Bounded[tuple[Any, ...], tuple[_Paths, _Kinds, Emit]]] = Bounded(MAX_FUNCTIONS)
"""Settings, integration and number of paths → the last shape of these: to compare with it is faster than to find it."""


def emitted(
    draft: Draft,
    handler: Watcher,
    traced: Mapping[str, Any] | None,
    *,
    hidden: bool,
    own_ids: bool = False,
) -> Emitted:
    """The keys of a model's run, its `usage_metadata`, and what a roll-up reads of the draft.

    Args:
        draft: The record with its texts.
        handler: Whose keys.
        traced: The tracer's own `usage_metadata`.
        hidden: Whether a client hides or masks anything.
        own_ids: Whether the ids of run, parent and trace are UUIDs, which hold no secret.
    """
    settings = (handler.prefix, handler.include_content, hidden, own_ids)
    paths, kinds = (*draft,), (*map(type, draft.values()),)
    near = (settings, draft.get("integration"), len(paths))
    last = _LAST.get(near)
    emit: Emit | None
    if last is not None and last[0] == paths and last[1] == kinds:
        emit = last[2]
    else:
        emit = _function(settings, paths, kinds)
        if emit is not None:
            _LAST.keep(near, (paths, kinds, emit))
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
    return keys, metadata.usage_metadata(draft, traced), read_of(facts)


def _function(settings: _Settings, paths: _Paths, kinds: _Kinds) -> Emit | None:
    """The function of a shape; None where there is none, or none yet."""
    key = (settings, paths, kinds)
    if key in _FUNCTIONS:
        return _FUNCTIONS[key]
    sights = _SIGHTS.get(key, 0) + 1
    if sights < COMPILE_AT:
        _SIGHTS.keep(key, sights)
        return None
    _SIGHTS.pop(key, None)
    prefix, include_content, hidden, own_ids = settings
    emit = compiled(
        Shape(paths, kinds, prefix, include_content=include_content, hidden=hidden, own_ids=own_ids)
    )
    _FUNCTIONS.keep(key, emit)
    return emit
