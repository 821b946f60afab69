"""The state of the page of charts, from its address: which runs, grouped by what, in which stretches of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from langchain_respmeta.charts.chapters.sections import CHAPTERS
from langchain_respmeta.charts.times import Every
from langchain_respmeta.local import times
from langchain_respmeta.local.page.run_filter import PageQuery, read_query
from langchain_respmeta.local.page.time_range import TimeRange
from langchain_respmeta.local.store.selection import VIEWS

PATH: Final = "/charts"
EVERY: Final[tuple[Every, ...]] = get_args(Every)
_MOST_KEYS: Final = 4
_LONGEST_KEY: Final = 128


@dataclass(frozen=True, slots=True)
class ChartsQuery:
    """The whole state of the page."""

    runs: PageQuery
    by: tuple[str, ...] = ("model",)
    """What costs are grouped by."""
    every: Every = "auto"
    chapter: str = ""
    """The only chapter that is shown; empty: all of them."""

    def url(self, path: str = PATH, **changes: object) -> str:
        """The address of the same, with something changed; `path` may be one of a part."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        own = urlencode([*changed.own_pairs()])
        address = changed.runs.url(path)
        return f"{address}{'&' if '?' in address else '?'}{own}" if own else address

    def own_pairs(self) -> Iterator[tuple[str, str]]:
        """What the address says beside the runs."""
        if self.by != ("model",):
            yield from (("by", key) for key in self.by)
        if self.every != "auto":
            yield "every", self.every
        if self.chapter:
            yield "chapter", self.chapter

    def filters(self) -> Iterator[tuple[str, str]]:
        """What restricts the runs, in words, each with the address of the charts without it."""
        runs = self.runs
        if runs.view != "calls":
            yield VIEWS[runs.view], self._of(view="calls")
        if runs.project:
            yield f"project {runs.project}", self._of(project=None)
        for where in runs.where:
            yield str(where), self._of(where=tuple(one for one in runs.where if one != where))
        if runs.text:
            yield (
                f"\N{LEFT DOUBLE QUOTATION MARK}{runs.text}\N{RIGHT DOUBLE QUOTATION MARK}",
                self._of(text=""),
            )
        if runs.time.since:
            yield f"since {runs.time.since}", self._of(time=replace(runs.time, since=""))
        if runs.time.until:
            yield f"until {runs.time.until}", self._of(time=replace(runs.time, until=""))

    def _of(self, **changes: object) -> str:
        """The address of the charts of other runs."""
        return self.url(runs=replace(self.runs, **changes))  # type: ignore[arg-type]

    def fixed(self) -> ChartsQuery:
        """The same with its times as they are now: parts of a page that load later are about the same runs."""
        since, until = (times.iso(at) or "" for at in self.runs.time.bounds())
        return replace(self, runs=replace(self.runs, time=TimeRange(since, until)))

    def to_group(self, by: tuple[str, ...], values: tuple[str | None, ...]) -> str | None:
        """The address of the list of a group's calls; None where a value is unknown, or there is no such filter."""
        if None in values or "tags" in by:
            return None
        runs = self.runs
        for key, value in zip(by, values, strict=True):
            runs = replace(
                runs, where=(*runs.where, *read_query(QueryParams([("where", f"{key}={value}")])).where)
            )
        return runs.url(page=1)


def read_charts_query(parameters: QueryParams) -> ChartsQuery:
    """The page's state from its address.

    Raises:
        HTTPException: 400 with what the address may say.
    """
    by = tuple(dict.fromkeys(key.strip() for key in parameters.getlist("by") if key.strip()))
    if len(by) > _MOST_KEYS or any(len(key) > _LONGEST_KEY for key in by):
        raise HTTPException(400, f"by names at most {_MOST_KEYS} keys of at most {_LONGEST_KEY} characters")
    chapter = parameters.get("chapter", "")
    if chapter and chapter not in CHAPTERS:
        raise HTTPException(400, f"chapter is one of {', '.join(CHAPTERS)}")
    return ChartsQuery(
        replace(read_query(parameters), page=1),
        by or ("model",),
        _every(parameters.get("every", "auto")),
        chapter,
    )


def _every(text: str) -> Every:
    for known in EVERY:
        if known == (text or "auto"):
            return known
    raise HTTPException(400, f"every is one of {', '.join(EVERY)}")
