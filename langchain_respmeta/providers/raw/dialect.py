"""`Dialect`: how one API's own answers are known, and how they become answers that the tables read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from langchain_respmeta.providers.engine.answer import Answer

Body: TypeAlias = Mapping[str, Any]
"""One JSON object: a whole answer, or one event of a stream."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A stream's events, put together."""

    body: Body
    """As the API would have answered without streaming."""
    is_whole: bool
    """Whether the API's last word came: else its counts, if any, are not those of the whole call."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one API's own answers are known and laid out.

    Attributes:
        name: What was called, in the words of the record's `api`.
        row: The word of `Provider.dialects` whose reader reads it, unless something names another provider.
        is_body: Whether a JSON object is a whole answer of this API.
        answers: One `Answer` for each candidate, laid out as the integration of `row` lays them out. It may assume
            `is_body`, and nothing about what lies deeper.
        is_event: Whether a JSON object is an event of this API's streams. Asked for the first event that says anything.
        join: The events of one stream, put together.
    """

    name: str
    row: str
    is_body: Callable[[Body], bool]
    answers: Callable[[Body], list[Answer]]
    is_event: Callable[[Body], bool]
    join: Callable[[Sequence[Body]], Joined]


def told(fields: Mapping[str, object], names: Iterable[str]) -> dict[str, Any]:
    """Those of `names` that are there and not None."""
    return {name: value for name in names if (value := fields.get(name)) is not None}


def others(fields: Mapping[str, object], names: Iterable[str]) -> dict[str, Any]:
    """All but `names`, without those that are None."""
    return {name: value for name, value in fields.items() if value is not None and name not in names}


def named(**fields: object) -> dict[str, Any]:
    """The arguments that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The mappings of a list; empty where it is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping; empty where it is none."""
    return value if isinstance(value, Mapping) else {}
