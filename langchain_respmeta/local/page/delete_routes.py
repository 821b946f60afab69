"""/delete: says what would go, and removes it when that is confirmed. The runs a page shows, or the trace of one run.

Whoever confirms has seen the numbers: the form carries a sign that only this process can make for these runs, so no other site can
send it. It means the runs that had arrived by then, and times as they were.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.context import context, store_of
from langchain_respmeta.local.page.rendering import page
from langchain_respmeta.local.page.run_filter import PageQuery, read_query
from langchain_respmeta.local.page.time_range import TimeRange
from langchain_respmeta.local.store import deletion, space
from langchain_respmeta.local.store.condition import Condition
from langchain_respmeta.local.store.selection import VIEWS

PATH: Final = "/delete"


@dataclass(frozen=True, slots=True)
class _Target:
    """What is to be deleted.

    Attributes:
        query: The page whose runs are meant.
        trace_id: Or one trace.
        last: The number of the last run that is meant.
    """

    query: PageQuery
    trace_id: str | None
    last: int

    @property
    def runs(self) -> Condition:
        """The runs `r` that are meant."""
        if self.trace_id is not None:
            return Condition("r.trace_id = ?", (self.trace_id,))
        return deletion.selected(self.query.selection(), self.last)

    @property
    def back(self) -> str:
        """Where the user came from."""
        return self.query.url() if self.trace_id is None else f"/run/{self.trace_id}"

    def url(self, **more: str) -> str:
        """The address that means it."""
        own = {"last": str(self.last)} if self.trace_id is None else {"trace": self.trace_id}
        address = self.query.url(PATH)
        return f"{address}{'&' if '?' in address else '?'}{urlencode(own | more)}"

    def sign(self, secret: bytes) -> str:
        """What only this process can make."""
        return hmac.digest(secret, self.url().encode(), "sha256").hex()


def ask(request: Request) -> Response:
    """GET: what would go, and the button."""
    return _question(request, _target(request))


def remove(request: Request) -> Response:
    """POST: remove it, if it was confirmed; else ask."""
    target = _target(request)
    given = request.query_params.get("sign", "")
    if not hmac.compare_digest(given.encode(), target.sign(context(request).secret).encode()):
        return _question(request, target, status=409)
    store = store_of(request)
    counts = deletion.delete(store, target.runs)
    space.shrink(store)
    return page("deleted.html", request, query=target.query, counts=counts)


def _question(request: Request, target: _Target, status: int = 200) -> Response:
    with store_of(request).read() as connection:
        if "last" not in request.query_params or status != 200:
            target = replace(target, last=deletion.newest_number(connection))
        doomed = deletion.doomed(connection, target.runs)
    return page(
        "delete.html",
        request,
        status,
        query=target.query,
        target=target,
        doomed=doomed,
        action=target.url(sign=target.sign(context(request).secret)),
        views=VIEWS,
        is_again=status != 200,
    )


def _target(request: Request) -> _Target:
    given = request.query_params
    query = read_query(given)
    since_us, until_us = query.time.bounds()
    fixed = TimeRange(times.iso(since_us) or "", times.iso(until_us) or "")
    last = given.get("last", "0")
    if not last.isdecimal() or len(last) > json_text.MAX_DIGITS:
        raise HTTPException(400, f"last is the number of a run, not {last!r}")
    return _Target(replace(query, time=fixed, page=1, refresh_s=0), _trace(given.get("trace")), int(last))


def _trace(given: str | None) -> str | None:
    return None if given is None else json_text.as_uuid(given, "trace")


ROUTES: Final = (Route(PATH, ask, methods=["GET"]), Route(PATH, remove, methods=["POST"]))
