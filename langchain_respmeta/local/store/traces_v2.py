"""Traces and threads in the shape of LangSmith's v2 API: bodies of their queries in, items and a cursor out."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import runs_query, runs_read, runs_v2
from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.runs_query import RunQuery
from langchain_respmeta.local.store.sessions import quantile

MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 20
_AGGREGATES: Final = ("total_tokens", "total_cost", "first_token_time")
"""What belongs to the trace, not to its root."""
_PREVIEW: Final = 300
_ELSEWHERE: Final = frozenset(
    {"ai_search", "sem_filter", "thread_filter", "min_feedback_modified_at", "max_feedback_modified_at"}
)
"""Arguments that need LangSmith's own models or query service: 501, as deployments without them answer."""
_WORDS_OF_ROOTS: Final = {"trace_filter": "filter", "tree_filter": "tree_filter", "filter": "filter"}

Taken = Callable[[int], None]


def traces_query(body: Mapping[str, object]) -> RunQuery:
    """A query of `traces.query`: roots, of the last day unless it says otherwise.

    Raises:
        HTTPException: 400 for what is not understood, 501 for what no server without LangSmith's models can do.
    """
    selects = [str(name) for name in _listed(body.get("selects"))] or ["ID"]
    asked = _roots(body, {"selects", "trace_ids"}) | {"selects": selects}
    if body.get("trace_ids") is not None:
        asked["ids"] = body["trace_ids"]
    return _before(runs_query.v2_query(asked), body.get("max_start_time"))


def as_trace(connection: sqlite3.Connection, run: dict[str, object], selects: object) -> dict[str, object]:
    """One item of the answer: the root's fields, and the sums of the trace where they were asked for."""
    root = runs_v2.as_v2(run, selects)
    wanted = [name for name in _AGGREGATES if name in root]
    trace: dict[str, object] = {"root_run": {name: v for name, v in root.items() if name not in wanted}}
    if wanted:
        sums = {name: root[name] for name in wanted}
        if "first_token_time" in sums:
            first = connection.execute(
                "SELECT MIN(first_token_us) FROM runs WHERE trace_id = ?", (run["id"],)
            ).fetchone()
            sums["first_token_time"] = times.iso(first[0])
        trace["trace_aggregates"] = sums
    return trace


def runs_of_trace(trace_id: str, asked: Mapping[str, object]) -> RunQuery:
    """A query of `traces.list_runs`: all runs of a trace in the order in which they started."""
    low, high = asked.get("min_start_time"), asked.get("max_start_time")
    if (low is None) != (high is None):
        raise HTTPException(400, "min_start_time and max_start_time must be given together")
    query = runs_query.v2_query(
        {
            "project_ids": [asked.get("project_id")],
            "trace_id": trace_id,
            "min_start_time": low or times.iso(0),
            "max_start_time": high,
            "filter": asked.get("filter"),
            "selects": asked.get("selects"),
            "page_size": runs_query.MAX_PAGE,
        }
    )
    return replace(query, ascending=True)


# --- threads ---------------------------------------------------------------------------------------------------------


def threads(
    connection: sqlite3.Connection, body: Mapping[str, object], take: Taken
) -> tuple[list[dict[str, object]], str | None]:
    """The threads of a project with a trace in the time asked for, the latest first, and the cursor of the next page."""
    query = _before(
        runs_query.v2_query({**_roots(body, frozenset()), "cursor": None}), body.get("max_start_time")
    )
    after = [Condition("TRUE")]
    if body.get("cursor") is not None:
        after = [Condition("(MAX(start_us), MAX(last_id)) < (?, ?)", runs_read.decode_cursor(body["cursor"]))]
    found = connection.execute(
        "SELECT thread_id, MAX(start_us) AS last_us, MAX(last_id) AS last_id FROM ("
        " SELECT r.thread_id AS thread_id, r.start_us AS start_us,"
        " FIRST_VALUE(r.id) OVER (PARTITION BY r.thread_id ORDER BY r.start_us DESC, r.id DESC) AS last_id"
        f" FROM run_view r WHERE r.thread_id IS NOT NULL AND {query.condition.sql})"
        f" GROUP BY thread_id HAVING {after[0].sql} ORDER BY last_us DESC, last_id DESC LIMIT ?",
        (*query.condition.parameters, *after[0].parameters, query.limit + 1),
    ).fetchall()
    page = found[: query.limit]
    items = [_thread(connection, row["thread_id"], query.condition, take) for row in page]
    more = len(found) > query.limit
    last = {"start_time": times.iso(page[-1]["last_us"]), "id": page[-1]["last_id"]} if more else {}
    return items, runs_read.encode_cursor(last) if more else None


def _thread(
    connection: sqlite3.Connection, thread_id: str, condition: Condition, take: Taken
) -> dict[str, object]:
    turns = joined("AND", [Condition("r.thread_id = ?", (thread_id,)), condition])
    sums = connection.execute(
        "SELECT COUNT(*) AS count, SUM(r.status = 'error') AS failed, SUM(r.tree_total_tokens) AS tokens,"
        f" SUM(r.tree_total_cost) AS cost FROM run_view r WHERE {turns.sql}",
        turns.parameters,
    ).fetchone()
    lasted = connection.execute(
        f"SELECT (r.end_us - r.start_us) / 1e6 FROM run_view r WHERE r.end_us IS NOT NULL AND {turns.sql} ORDER BY 1",
        turns.parameters,
    ).fetchall()
    seconds = [float(row[0]) for row in lasted]
    first, last = _end(connection, turns, "ASC", take), _end(connection, turns, "DESC", take)
    failed = joined("AND", [turns, Condition("r.status = 'error'")])
    return {
        "thread_id": thread_id,
        "count": sums["count"],
        "trace_id": last["id"],
        "first_trace_id": first["id"],
        "last_trace_id": last["id"],
        "start_time": last["start_time"],
        "min_start_time": first["start_time"],
        "max_start_time": last["start_time"],
        "first_inputs": _preview(first["inputs"]),
        "last_outputs": _preview(last["outputs"]),
        "last_error": _preview(_end(connection, failed, "DESC", take)["error"]) if sums["failed"] else None,
        "num_errored_turns": sums["failed"],
        "total_tokens": sums["tokens"],
        "total_cost": sums["cost"],
        "latency_p50": quantile(seconds, 0.5),
        "latency_p99": quantile(seconds, 0.99),
    }


def _end(connection: sqlite3.Connection, turns: Condition, direction: str, take: Taken) -> dict[str, Any]:
    """The first of these traces, or the last."""
    fields = frozenset({"id", "start_time", "error", "inputs", "outputs"})
    order = f"r.start_us {direction}, r.id {direction}"
    (run,), _ = runs_read.select_page(connection, turns, fields, order=order, limit=1, take=take)
    plain: dict[str, Any] = orjson.loads(orjson.dumps(run))
    return plain


_TURN: Final = {
    "op": None,
    "latency": "latency_seconds",
    "turn_number": None,
    "thread_id": "thread_id",
    "trace_id": "id",
}
"""Fields of a thread's trace that runs name otherwise; those of None are always null."""


def traces_of_thread(thread_id: str, asked: Mapping[str, object]) -> tuple[RunQuery, list[str]]:
    """A query of `threads.list_traces`, and the fields to return."""
    names = [str(name).lower() for name in _listed(asked.get("selects"))]
    selects = [_TURN.get(name, name) for name in names]
    body = {name: value for name, value in asked.items() if name != "selects"}
    query = runs_query.v2_query(
        _roots(body, frozenset())
        | {"selects": ["id", *(name for name in selects if name)], "min_start_time": times.iso(0)}
    )
    of_thread = Condition("r.thread_id = ?", (thread_id,))
    return replace(query, condition=joined("AND", [of_thread, query.condition])), names


def as_turn(run: dict[str, object], names: Sequence[str]) -> dict[str, object]:
    """One trace of a thread."""
    sources = {name: _TURN.get(name, name) for name in ("trace_id", *names)}
    values = runs_v2.as_v2(run, [source for source in sources.values() if source])
    return {name: values.get(source) if source else None for name, source in sources.items()}


# --- both ------------------------------------------------------------------------------------------------------------

_COMMON: Final = frozenset(
    {"project_id", "cursor", "page_size", "min_start_time", "max_start_time", *_WORDS_OF_ROOTS}
)


def _roots(body: Mapping[str, object], more: frozenset[str] | set[str]) -> dict[str, object]:
    """The body of a query for runs that selects these roots; without `max_start_time`, which is inclusive there."""
    given = {name: value for name, value in body.items() if value is not None}
    if absent := sorted(given.keys() & _ELSEWHERE):
        raise HTTPException(501, f"{', '.join(absent)}: only LangSmith itself has this")
    if unknown := sorted(given.keys() - _COMMON - more):
        raise HTTPException(400, f"not supported here: {', '.join(unknown)}")
    if "project_id" not in given:
        raise HTTPException(400, "project_id must be given")
    size = given.get("page_size", DEFAULT_PAGE)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MAX_PAGE:
        raise HTTPException(400, f"page_size must be a whole number from 1 to {MAX_PAGE}, not {size!r}")
    asked: dict[str, object] = {new: given[name] for name, new in _WORDS_OF_ROOTS.items() if name in given}
    asked |= {name: given[name] for name in ("cursor", "min_start_time") if name in given}
    return {**asked, "project_ids": [given["project_id"]], "is_root": True, "page_size": size}


def _before(query: RunQuery, moment: object) -> RunQuery:
    end = json_text.optional_time(moment, "max_start_time")
    if end is None:
        return query
    return replace(query, condition=joined("AND", [query.condition, Condition("r.start_us < ?", (end,))]))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _preview(value: object) -> str | None:
    if value is None:
        return None
    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:_PREVIEW]
