"""Copies of a run (replicas) under other ids: each names the run whose metadata it carries.

A record's ids are those of callbacks, feedback and `handler.records`. LangSmith's SDK sends the same metadata to all
copies, but a copy may have changes of its own (`updates`): they carry what is for copies only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.faults import guarded
from langchain_respmeta.langsmith.destination import keeps_id

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree


@contextmanager
def marked_copies(tree: RunTree, keys: Mapping[str, Any]) -> Iterator[None]:
    """While the run is sent, add its id to the records on copies under other ids: `provider_data.langsmith.copy_of`.

    Restore the run afterwards.

    Args:
        tree: The run, with `keys` in its metadata.
        keys: Flat keys, and a nested record under each prefix where nothing is hidden. Only nested records hold ids.
    """
    before = tree.replicas
    _mark(tree, [key for key, value in keys.items() if isinstance(value, Mapping)])
    try:
        yield
    finally:
        if tree.replicas is not before:
            tree.replicas = before


@guarded("telling copies of a run from it")
def _mark(tree: RunTree, prefixes: list[str]) -> None:
    copies: Any = tree.replicas or ()
    extra = tree.extra or {}
    metadata = extra.get("metadata") or {}
    marked = {prefix: _of_copy(metadata[prefix], tree) for prefix in prefixes if prefix in metadata}
    if not marked or not all(isinstance(copy, Mapping) for copy in copies):
        return
    changed = {**extra, "metadata": {**metadata, **marked}}
    # One dict for all: the SDK sends equal ones once.
    tree.replicas = [copy if keeps_id(copy, tree) else _with(copy, changed) for copy in copies]


def _of_copy(record: Mapping[str, Any], tree: RunTree) -> dict[str, Any]:
    more = {**(record.get("provider_data") or {}), "langsmith": {"copy_of": str(tree.id)}}
    return {**record, "provider_data": more}


def _with(copy: Mapping[str, Any], extra: dict[str, Any]) -> Any:
    """Keep the user's own updates: where they replace `extra`, no record is sent to that copy."""
    return {**copy, "updates": {"extra": extra, **(copy.get("updates") or {})}}
