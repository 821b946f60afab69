"""Old runs: pull them from LangSmith, read them in bulk into a table, and give them feedback."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading

if TYPE_CHECKING:
    from langchain_respmeta.history.batches import normalize_batch
    from langchain_respmeta.table.schema import table_schema

__all__ = ["normalize_batch", "table_schema"]

_HOMES: Final = {
    "normalize_batch": "history.batches",
    "table_schema": "table.schema",
}
"""Public name → module, which is loaded at its first use."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with loading:
        return getattr(import_module(f"langchain_respmeta.{_HOMES[name]}"), name)
