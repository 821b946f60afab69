"""Which runs are meant: the state of a page, an export, a deletion, as one condition on the table of runs.

A condition on metadata is one `Where`: `finish_reason=length`, `cost_usd>=0.01`, `model~gpt`, `refused!=true`, or a key alone.
Keys are those of the record without their prefix, or any other of a run's metadata; `metadata.key` means the latter alone.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store import search
from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.written import PREFIX

View = Literal["calls", "traces", "all"]

VIEWS: Final[dict[View, str]] = {"calls": "Model calls", "traces": "Traces", "all": "All runs"}
OPERATORS: Final = ("=", "!=", ">=", "<=", ">", "<", "~")
_OTHER: Final = "metadata."
_WHERE: Final = re.compile(r"\s*([A-Za-z_][\w.\-]*)\s*(?:(!=|>=|<=|=|>|<|~)\s*(.*?))?\s*", re.DOTALL)
_VIEW_SQL: Final[dict[View, str]] = {"calls": "r.is_call = 1", "traces": "r.is_rollup = 1", "all": "1"}


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
        """Possible keys in a run's metadata: the record's, then the user's own."""
        if self.key.startswith(_OTHER):
            return (self.key.removeprefix(_OTHER),)
        return (self.key,) if self.key.startswith(PREFIX) else (PREFIX + self.key, self.key)

    def condition(self) -> Condition:
        """SQL on the run `r`; `!=` also takes the runs that lack the key."""
        keys = self.stored_keys
        rows = f"SELECT m.run_no FROM run_metadata m WHERE m.key IN ({', '.join('?' * len(keys))})"  # noqa: S608 (constants)
        if not self.operator:
            # Each value is a text or a number, and each kind has its index: one on the key alone there is not.
            return Condition(
                f"r.no IN ({rows} AND m.text IS NOT NULL UNION ALL {rows} AND m.number IS NOT NULL)",
                (*keys, *keys),
            )
        comparison, parameters = _compare(self.operator, self.value)
        word = "NOT IN" if self.operator == "!=" else "IN"
        return Condition(f"r.no {word} ({rows} AND {comparison})", (*keys, *parameters))


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
        parts = [Condition(_VIEW_SQL[self.view]), *(where.condition() for where in self.where)]
        if self.project is not None:
            project = "r.session_id = (SELECT s.id FROM sessions s WHERE s.name = ?)"
            parts.append(Condition(project, (self.project,)))
        if self.since_us is not None:
            parts.append(Condition("r.start_us >= ?", (self.since_us,)))
        if self.until_us is not None:
            parts.append(Condition("r.start_us < ?", (self.until_us,)))
        if self.text:
            parts.append(search.condition(self.text))
        return joined("AND", parts)


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


def _compare(operator: str, value: str) -> tuple[str, tuple[object, ...]]:
    match operator:
        case "~":
            return "instr(lower(m.text), lower(?)) > 0", (value,)
        case "=" | "!=":
            return "(m.text = ? OR m.number = ?)", (_json_word(value), _number(value))
        case _:
            return f"m.number {operator} ?", (_number(value),)


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
