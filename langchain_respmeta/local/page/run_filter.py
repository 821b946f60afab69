"""The state of the list page, from its address: view, project, conditions, page.

A condition is one `where` of the query string: `finish_reason=length`, `cost_usd>=0.01`, `model~gpt`,
`refused!=true`, or a key alone. Keys are those of the record without their prefix, or any other of a run's
metadata; `metadata.key` means the latter alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.runs_write import PREFIX

View = Literal["calls", "traces", "all"]

VIEWS: Final[dict[View, str]] = {"calls": "Model calls", "traces": "Traces", "all": "All runs"}
OPERATORS: Final = ("=", "!=", ">=", "<=", ">", "<", "~")
PAGE_SIZE: Final = 50
_OTHER: Final = "metadata."
_REFRESH_S: Final = (2, 5, 30)
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
class PageQuery:
    """The whole state of the list page."""

    view: View = "calls"
    project: str | None = None
    where: tuple[Where, ...] = ()
    page: int = 1
    refresh_s: int = 0

    def url(self, **changes: object) -> str:
        """The address of this page, with something changed."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        pairs = [
            ("view", changed.view if changed.view != "calls" else None),
            ("project", changed.project),
            *(("where", str(where)) for where in changed.where),
            ("page", str(changed.page) if changed.page > 1 else None),
            ("refresh", str(changed.refresh_s) if changed.refresh_s else None),
        ]
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"/?{query}" if query else "/"

    def with_where(self, key: str, value: object, operator: str = "=") -> str:
        """The address with one condition more; one `=` on the same key is replaced."""
        new = Where(key, operator, str(value))
        kept = tuple(
            w for w in self.where if w != new and not (w.key == key and w.operator == operator == "=")
        )
        return self.url(where=(*kept, new), page=1)

    def without(self, where: Where) -> str:
        """The address with one condition less."""
        return self.url(where=tuple(w for w in self.where if w != where), page=1)

    def condition(self) -> Condition:
        """SQL on the run `r` of everything but the page."""
        parts = [Condition(_VIEW_SQL[self.view]), *(where.condition() for where in self.where)]
        if self.project is not None:
            project = "r.session_id = (SELECT s.id FROM sessions s WHERE s.name = ?)"
            parts.append(Condition(project, (self.project,)))
        return joined("AND", parts)


def read_query(parameters: QueryParams) -> PageQuery:
    """The page's state from its address.

    Raises:
        HTTPException: 400 with the form of a condition.
    """
    view, page, refresh = (parameters.get(name, "") for name in ("view", "page", "refresh"))
    return PageQuery(
        view=_view(view),
        project=parameters.get("project") or None,
        where=tuple(dict.fromkeys(read_where(text) for text in _wheres(parameters))),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 10 else 1,
        refresh_s=next((seconds for seconds in _REFRESH_S if refresh == str(seconds)), 0),
    )


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


def _view(text: str) -> View:
    for known in VIEWS:
        if known == text:
            return known
    return "calls"


def _wheres(parameters: QueryParams) -> Sequence[str]:
    """The conditions of the address, and the form's new one."""
    given = [text for text in parameters.getlist("where") if text.strip()]
    key = parameters.get("key", "").strip()
    if key:
        operator = parameters.get("op", "=")
        given.append(f"{key}{operator}{parameters.get('value', '')}" if operator in OPERATORS else key)
    return given


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
