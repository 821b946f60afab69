"""Copies of a run (replicas) under other ids: their metadata is the run's, so each says whose copy it is.

The ids in a record are those that callbacks, feedback and `handler.records` know. LangSmith's SDK sends one metadata to
all copies, but lets a copy bring changes of its own (`updates`); that way goes what only copies say.
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
def telling(tree: RunTree, keys: Mapping[str, Any]) -> Iterator[None]:
    """While the run is sent, records on copies under other ids say `provider_data.langsmith.copy_of`: the run's id.

    Afterwards the run is as it was.

    Args:
        tree: The run, with `keys` in its metadata.
        keys: What was put there: flat keys, and a nested record under each prefix where nothing is hidden. Only nested
            records hold ids.
    """
    before = tree.replicas
    _tell(tree, [key for key, value in keys.items() if isinstance(value, Mapping)])
    try:
        yield
    finally:
        if tree.replicas is not before:
            tree.replicas = before


@guarded("telling copies of a run from it")
def _tell(tree: RunTree, prefixes: list[str]) -> None:
    copies: Any = tree.replicas or ()
    extra = tree.extra or {}
    metadata = extra.get("metadata") or {}
    told = {prefix: _of_copy(metadata[prefix], tree) for prefix in prefixes if prefix in metadata}
    if not told or not all(isinstance(copy, Mapping) for copy in copies):
        return
    changed = {**extra, "metadata": {**metadata, **told}}
    # One dict for all: the SDK sends what is alike once.
    tree.replicas = [copy if keeps_id(copy, tree) else _with(copy, changed) for copy in copies]


def _of_copy(record: Mapping[str, Any], tree: RunTree) -> dict[str, Any]:
    more = {**(record.get("provider_data") or {}), "langsmith": {"copy_of": str(tree.id)}}
    return {**record, "provider_data": more}


def _with(copy: Mapping[str, Any], extra: dict[str, Any]) -> Any:
    """The user's own updates come first: where they replace `extra`, no record is sent to that copy."""
    return {**copy, "updates": {"extra": extra, **(copy.get("updates") or {})}}
