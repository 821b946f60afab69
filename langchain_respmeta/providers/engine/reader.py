"""A reader: what is specific to one provider, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import KEEP, Cells
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import Tree, compile_cells
from langchain_respmeta.record.finish_words import FinishWords

Step: TypeAlias = Callable[[ReadDraft, Answer, RunStart], None]
"""A small function that adds to the draft what a table cannot express."""


_OURS: Final = __name__.partition(".")[0] + "."


def is_ours(function: object) -> bool:
    """Whether a function is of this package: one of another may look at anything, and is never compiled."""
    return str(getattr(function, "__module__", "")).startswith(_OURS)


class Compiled:
    """A table of a reader, compiled once.

    As `functools.cached_property`, without the lock that Python 3.11 gives it: a forked child could inherit it held.
    """

    def __init__(self, table: str) -> None:
        self._table = table

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, reader: Reader, _: type | None = None) -> Tree:
        tree: Tree = compile_cells(getattr(reader, self._table))
        reader.__dict__[self._name] = tree
        return tree


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
        repairs: Functions that run last and undo what the provider's own integration does to its answers.
        stop_covers_tools: The provider has no word for "asks for tools": it says stop (Gemini, Responses, Ollama).
        model_is_request: When the integration hands over the requested model's name in place of the served one's.
        tool_names: LangChain's v1 names of server tools → the provider's own.
        reports_own_as_custom: Tools that the provider runs come as `custom_tool_call`, as the client's own do.
        lists_searches: Whether the answer lists each web search that is billed, and what it did.
        unpack: Undoes what the integration did to the content, where it is not LangChain's own.
    """

    name: str
    api: str | None = None
    metadata: Cells = field(default_factory=dict)
    kwargs: Cells = field(default_factory=dict)
    finish: FinishWords = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    repairs: tuple[Step, ...] = ()
    stop_covers_tools: bool = False
    model_is_request: bool | Callable[[Answer], bool] = False
    tool_names: Mapping[str, str] = field(default_factory=dict)
    reports_own_as_custom: bool = False
    lists_searches: bool = False
    unpack: Callable[[Any], Any] | None = None

    def extended(self, name: str, **changes: Any) -> Reader:
        """A reader of the same family: tables are added to, row by row; all else is replaced."""
        for table in ("metadata", "kwargs", "finish"):
            if table in changes:
                changes[table] = {**getattr(self, table), **changes[table]}
        for steps in ("steps", "repairs"):
            if steps in changes:
                changes[steps] = (*getattr(self, steps), *changes[steps])
        return replace(self, name=name, **changes)

    def behind(self, dialect: Reader) -> Reader:
        """This provider's answers as the integration of another dialect gives them: its tables, this one's extras.

        The other integration is the one whose doings are undone.
        """
        both = union(self.name, self, dialect)
        return replace(
            both,
            api=dialect.api,
            repairs=dialect.repairs,
            stop_covers_tools=dialect.stop_covers_tools,
            model_is_request=dialect.model_is_request,
            reports_own_as_custom=self.reports_own_as_custom,
            lists_searches=self.lists_searches,
        )

    metadata_tree = Compiled("metadata")
    kwargs_tree = Compiled("kwargs")


MERGED: Final = ("metadata", "kwargs", "finish")


def union(name: str, *readers: Reader) -> Reader:
    """One reader with the tables of several families, for providers without a description.

    Where two families use one path, the first one's cell wins, unless it only keeps what the other one reads.
    """
    tables: dict[str, dict[str, Any]] = {table: {} for table in MERGED}
    for reader in readers:
        for table, merged in tables.items():
            for key, cell in getattr(reader, table).items():
                if key not in merged or merged[key] is KEEP:
                    merged[key] = cell
    steps = dict.fromkeys(step for reader in readers for step in reader.steps)
    return Reader(name=name, steps=tuple(steps), stop_covers_tools=True, **tables)  # type: ignore[arg-type]


Choose: TypeAlias = Callable[[RunStart, Answer], Reader]
"""Chooses one of several readers, where the class alone is ambiguous."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One row of the registry: how a provider is known.

    Attributes:
        reader: How its answers are read.
        classes: LangChain classes, the surest sign.
        ls_providers: Values of `metadata["ls_provider"]`.
        types: Values of `invocation_params["_type"]`.
        dialects: Values of `response_metadata["model_provider"]`; names a dialect more often than a vendor.
        hosts: Host names that are this vendor's (their subdomains too), whatever class was pointed at them; one that
            starts with a dot or a hyphen is the end of a name, and a star stands for any part of it.
        package: The integration's package, for the documentation.
        choose: Looks closer where these signs are not enough; `reader` is then what the documentation shows.
        endpoints: The dialect's owner (`openai`, `anthropic`), for classes that can be pointed at anybody who speaks
            it: then the base URL and the answer say whose answers they are.
    """

    reader: Reader
    classes: tuple[str, ...] = ()
    ls_providers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    package: str = ""
    choose: Choose | None = None
    endpoints: Literal["openai", "anthropic"] | None = None
