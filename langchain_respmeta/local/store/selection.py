"""Which runs are meant: the state of a page, an export, a deletion, as one condition on the table of runs.

A condition on metadata is one `Where`: `finish_reason=length`, `cost_usd>=0.01`, `model~gpt`, `refused!=true`, or a key alone.
Keys are those of the record without their prefix, or any other of a run's metadata; `metadata.key` means the latter alone.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, Literal

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store import metadata_index, search, totals
from langchain_respmeta.local.store.condition import Condition, Numbers, joined
from langchain_respmeta.local.store.written import PREFIX

View = Literal["calls", "traces", "all"]

VIEWS: Final[dict[View, str]] = {"calls": "Model calls", "traces": "Traces", "all": "All runs"}
OPERATORS: Final = ("=", "!=", ">=", "<=", ">", "<", "~")
_OTHER: Final = "metadata."
_KEY: Final = r"[A-Za-z_][\w.\-]*"
_WHERE: Final = re.compile(rf"\s*({_KEY})\s*(?:(!=|>=|<=|=|>|<|~)\s*(.*?))?\s*", re.DOTALL)
_VIEW_SQL: Final[dict[View, str]] = {"calls": "k.is_call = 1", "traces": "k.is_rollup = 1", "all": "1"}


@dataclass(frozen=True, slots=True)
class Where:
    """One condition on a run's metadata."""

    key: str
    operator: str = ""
    """Empty: the key exists, with any value."""
    value: str = ""

    def __str__(self) -> str:
        """The form that the address and the form field use."""
        return f"{self.key}{self.operator}{self.value}"

    @property
    def stored_keys(self) -> tuple[str, ...]:
        """Possible keys in a run's metadata: the record's, then the user's own; `tags` are its tags, too."""
        if self.key == "tags":
            return (metadata_index.TAGS, self.key)
        if self.key.startswith(_OTHER):
            return (self.key.removeprefix(_OTHER),)
        return (self.key,) if self.key.startswith(PREFIX) else (PREFIX + self.key, self.key)

    def on_kinds(self) -> Condition | None:
        """SQL on the kind `k` for a key of the record that kinds have; None for other keys, and for numbers."""
        column = self.key.removeprefix(PREFIX)
        if column not in totals.WORDS or self.operator in ("<", "<=", ">", ">="):
            return None
        if not self.operator:
            return Condition(f"k.{column} IS NOT NULL")
        if self.operator == "~":
            return Condition(f"instr(lower(k.{column}), lower(?)) > 0", (self.value,))
        word = "IS NOT" if self.operator == "!=" else "IS"
        return Condition(f"k.{column} {word} ?", (_json_word(self.value),))

    def numbers(self) -> Numbers:
        """The runs that meet it; `!=` also takes the runs that lack the key."""
        keys = self.stored_keys
        named = f"SELECT id FROM keys WHERE name IN ({', '.join('?' * len(keys))})"
        words = f"SELECT e.no FROM words w CROSS JOIN run_words e ON e.word = w.id WHERE w.key IN ({named})"
        numbers = f"SELECT e.no FROM run_numbers e WHERE e.key IN ({named})"
        text, number = _compare(self.operator, self.value)
        parts = [
            Condition(f"{rows} AND {one.sql}", (*keys, *one.parameters))
            for rows, one in ((words, text), (numbers, number))
            if one is not None
        ]
        parameters = tuple(value for part in parts for value in part.parameters)
        return Numbers(" UNION ALL ".join(part.sql for part in parts), parameters, self.operator == "!=")


@dataclass(frozen=True, slots=True)
class Selection:
    """Runs of a view that meet all of these.

    Attributes:
        view: Runs that carry the record of one model call, those that carry a trace's sums, or all.
        project: A project's name.
        since_us: Runs that started at or after it, in microseconds.
        until_us: Runs that started before it.
        where: Conditions on metadata.
        text: Words to search for.
    """

    view: View = "calls"
    project: str | None = None
    since_us: int | None = None
    until_us: int | None = None
    where: tuple[Where, ...] = ()
    text: str = ""

    def condition(self) -> Condition:
        """SQL on the run `r`."""
        kinds, facts = self.split(frozenset(where.key for where in self.where))
        inner = joined("AND", [on_kinds(kinds), *self.times(), *(one.on("+f.no") for one in facts)])
        return Condition(f"r.no IN (SELECT f.no FROM facts f WHERE {inner.sql})", inner.parameters)

    def split(self, own_keys: Collection[str]) -> tuple[Condition, list[Numbers]]:
        """What is asked of kinds `k`, and of single runs; times are left out.

        Args:
            own_keys: Keys that runs may have beside the record's of the same name.
        """
        kinds = [Condition(_VIEW_SQL[self.view])]
        facts = list[Numbers]()
        if self.project is not None:
            project = "k.session_id = (SELECT s.id FROM sessions s WHERE s.name = ?)"
            kinds.append(Condition(project, (self.project,)))
        for where in self.where:
            of_kinds = None if where.key in own_keys else where.on_kinds()
            if of_kinds is not None:
                kinds.append(of_kinds)
            else:
                facts.append(where.numbers())
        if self.text:
            facts += search.matching(self.text)
        return joined("AND", kinds), facts

    def times(self) -> list[Condition]:
        """SQL on the facts `f` of when the run started."""
        bounds = ((">=", self.since_us), ("<", self.until_us))
        return [Condition(f"f.start_us {sign} ?", (at,)) for sign, at in bounds if at is not None]


def on_kinds(condition: Condition, alias: str = "f") -> Condition:
    """SQL on facts or totals: those of the kinds that meet it."""
    return Condition(
        f"{alias}.kind IN (SELECT k.id FROM kinds k WHERE {condition.sql})", condition.parameters
    )


def is_key(text: str) -> bool:
    """Whether a condition can name this key of metadata."""
    return re.fullmatch(_KEY, text) is not None


def read_where(text: str) -> Where:
    """One condition from its text, or answer 400."""
    match = _WHERE.fullmatch(text)
    if match is None:
        raise HTTPException(400, f"{text!r} is no condition: write key=value, as in finish_reason=length")
    where = Where(match[1], match[2] or "", match[3] or "")
    if where.key.startswith(PREFIX):
        where = replace(where, key=where.key.removeprefix(PREFIX))
    if where.operator in ("<", "<=", ">", ">=") and _number(where.value) is None:
        raise HTTPException(400, f"{text!r}: {where.operator} compares with a number, as in cost_usd>=0.01")
    return where


def _compare(operator: str, value: str) -> tuple[Condition | None, Condition | None]:
    """SQL on a word `w`, and on a number `e`; None where the comparison is none for it."""
    number = _number(value)
    match operator:
        case "":
            return _ANY, _ANY
        case "~":
            return Condition("instr(lower(w.text), lower(?)) > 0", (value,)), None
        case "=" | "!=":
            text = Condition("w.text = ?", (_json_word(value),))
            return text, None if number is None else Condition("e.number = ?", (number,))
        case _:
            return None, Condition(f"e.number {operator} ?", (number,))


_ANY: Final = Condition("1")


def _json_word(value: str) -> str:
    """True and FALSE as they are stored."""
    return value.lower() if value.lower() in ("true", "false") else value


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def as_text(value: object) -> str:
    """A scalar of the metadata as indexed, and as written in a condition."""
    return value if isinstance(value, str) else json_text.dumps(value)
