"""The state of the pages over a set of runs, from their address: which runs, in which order, which page of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from langchain_respmeta.local.page.time_range import ANY_TIME, TimeRange, read_time_range
from langchain_respmeta.local.store.selection import OPERATORS, VIEWS, Selection, View, Where, read_where

PAGE_SIZE: Final = 50
SORTS: Final = {
    "start": "Started",
    "latency_s": "Latency",
    "time_to_first_token_s": "First token",
    "cost_usd": "Cost",
    "input_tokens": "Tokens in",
    "output_tokens": "Tokens out",
}
"""What runs can be sorted by → its heading. `sort=cost_usd` in an address is the greatest first, `sort=-cost_usd` the least."""
PARAMETERS: Final = frozenset(
    (
        "view",
        "project",
        "where",
        "q",
        "since",
        "until",
        "facet",
        "sort",
        "page",
        "refresh",
        "key",
        "op",
        "value",
    )
)
"""The names that an address of these pages may have."""
_REFRESH_S: Final = (2, 5, 30)
_OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The whole state of a page over a set of runs."""

    view: View = "calls"
    project: str | None = None
    where: tuple[Where, ...] = ()
    text: str = ""
    time: TimeRange = ANY_TIME
    facets: tuple[str, ...] = ()
    """Own metadata keys (or `tags`) whose values are listed, too."""
    sort: str = "start"
    least_first: bool = False
    page: int = 1
    refresh_s: int = 0
    is_live: bool = True
    """Whether the page may keep itself up to date."""

    def url(self, path: str = "/", **changes: object) -> str:
        """The address of a page over these runs, with something changed."""
        query = urlencode([*replace(self, **changes).pairs()])  # type: ignore[arg-type]
        return f"{path}?{query}" if query else path

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What the address says, in its order."""
        sort = f"{'-' if self.least_first else ''}{self.sort}"
        pairs = [
            ("view", self.view if self.view != "calls" else None),
            ("project", self.project),
            *(("where", str(where)) for where in self.where),
            ("q", self.text),
            ("since", self.time.since),
            ("until", self.time.until),
            *(("facet", key) for key in self.facets),
            ("sort", sort if sort != "start" else None),
            ("page", str(self.page) if self.page > 1 else None),
            ("refresh", _OFF if not self.is_live else str(self.refresh_s) if self.refresh_s else None),
        ]
        yield from ((name, value) for name, value in pairs if value)

    def with_where(self, key: str, value: object, operator: str = "=") -> str:
        """The address with one condition more; one `=` on the same key is replaced."""
        new = Where(key, operator, str(value))
        kept = tuple(
            w for w in self.where if w != new and not (w.key == key and w.operator == operator == "=")
        )
        return self.url(where=(*kept, new), page=1)

    def sorted_by(self, sort: str) -> str:
        """The address with another order; the way is turned where it is this one."""
        is_turned = sort == self.sort and not self.least_first
        return self.url(sort=sort, least_first=is_turned, page=1)

    def pairs_without(self, *names: str) -> Iterator[tuple[str, str]]:
        """What a form keeps of the address: all but what its own fields say, and the number of the page."""
        yield from (pair for pair in self.pairs() if pair[0] not in {*names, "page"})

    def without(self, where: Where) -> str:
        """The address with one condition less."""
        return self.url(where=tuple(w for w in self.where if w != where), page=1)

    def selection(self) -> Selection:
        """The runs that are meant."""
        since_us, until_us = self.time.bounds()
        return Selection(self.view, self.project, since_us, until_us, self.where, self.text)


def read_query(parameters: QueryParams) -> PageQuery:
    """The page's state from its address.

    Raises:
        HTTPException: 400 with the form of a condition, of a time, or the names to sort by.
    """
    view, page, refresh, sort = (parameters.get(name, "") for name in ("view", "page", "refresh", "sort"))
    return PageQuery(
        view=_view(view),
        project=parameters.get("project") or None,
        where=tuple(dict.fromkeys(read_where(text) for text in _wheres(parameters))),
        text=parameters.get("q", "").strip(),
        time=read_time_range(parameters.get("since", ""), parameters.get("until", "")),
        facets=tuple(dict.fromkeys(parameters.getlist("facet"))),
        sort=_sort(sort.removeprefix("-")),
        least_first=sort.startswith("-"),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 10 else 1,
        refresh_s=next((seconds for seconds in _REFRESH_S if refresh == str(seconds)), 0),
        is_live=refresh != _OFF,
    )


def _sort(name: str) -> str:
    if name and name not in SORTS:
        raise HTTPException(400, f"sort is one of {', '.join(SORTS)}, with - before it for the least first")
    return name or "start"


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
