"""A reader: all that is peculiar to one provider, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from langchain_respmeta.answer import Answer, RunStart
from langchain_respmeta.providers._fields import Cells
from langchain_respmeta.providers._table import Draft, Tree, compile_cells
from langchain_respmeta.vocabulary import FinishReason

Step: TypeAlias = Callable[[Draft, Answer, RunStart], None]
"""What a table cannot say: one small function that adds to the draft."""

FinishWords: TypeAlias = Mapping[str, FinishReason | None]
"""The provider's finish words, case-folded; None for words that mean "not finished yet"."""


@dataclass(frozen=True)
class Reader:
    """How one provider's answers are read.

    Attributes:
        name: The provider, in OpenTelemetry GenAI's words.
        api: What was called, where the answer does not show it by itself.
        metadata: Cells of `response_metadata` (with `generation_info` and `llm_output`).
        kwargs: Cells of `additional_kwargs`.
        finish: The provider's finish words.
        steps: Functions that run after the tables.
        stop_covers_tools: The provider has no word for "asks for tools": it says stop (Gemini, Responses, Ollama).
        model_is_request: When the integration hands over the requested model's name in place of the served one's.
    """

    name: str
    api: str | None = None
    metadata: Cells = field(default_factory=dict)
    kwargs: Cells = field(default_factory=dict)
    finish: FinishWords = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    stop_covers_tools: bool = False
    model_is_request: bool | Callable[[Answer], bool] = False

    def extended(self, name: str, **changes: Any) -> Reader:
        """A reader of the same family: tables are added to, row by row; all else is replaced."""
        for table in ("metadata", "kwargs", "finish"):
            if table in changes:
                changes[table] = {**getattr(self, table), **changes[table]}
        if "steps" in changes:
            changes["steps"] = (*self.steps, *changes["steps"])
        return replace(self, name=name, **changes)

    @cached_property
    def metadata_tree(self) -> Tree:
        """`metadata`, compiled once."""
        return compile_cells(self.metadata)

    @cached_property
    def kwargs_tree(self) -> Tree:
        """`kwargs`, compiled once."""
        return compile_cells(self.kwargs)


MERGED: Final = ("metadata", "kwargs", "finish")


def union(name: str, *readers: Reader) -> Reader:
    """One reader that knows the tables of several families: for providers nobody described.

    Where two families use one path, the first one's cell stands.
    """
    tables = {
        table: {key: cell for reader in reversed(readers) for key, cell in getattr(reader, table).items()}
        for table in MERGED
    }
    steps = dict.fromkeys(step for reader in readers for step in reader.steps)
    return Reader(name=name, steps=tuple(steps), stop_covers_tools=True, **tables)  # type: ignore[arg-type]
