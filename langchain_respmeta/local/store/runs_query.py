"""The bodies of `POST /runs/query` and `POST /v2/runs/query` become one SQL condition."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import runs_read, runs_v2
from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.filter_sql import compile_filter

MAX_PAGE: Final = 1000
DEFAULT_PAGE: Final = 100
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class RunQuery:
    """What to select: which runs, which fields, in which order, how many."""

    condition: Condition
    fields: frozenset[str]
    limit: int
    ascending: bool

    @property
    def order(self) -> str:
        """The ORDER BY that the cursor continues."""
        direction = "ASC" if self.ascending else "DESC"
        return f"r.start_us {direction}, r.id {direction}"


def v1_query(body: Mapping[str, object]) -> RunQuery:
    """A query as `Client.list_runs` sends it.

    Raises:
        HTTPException: 400 for a key or value that this server does not understand.
    """
    given = {key: value for key, value in body.items() if value is not None}
    _refuse_unknown(given, _V1)
    if not given.keys() & _SCOPES:
        raise HTTPException(400, f"At least one of {', '.join(sorted(_SCOPES))} must be specified")
    ascending = _ascending(given.get("order", "desc"))
    conditions = [make(value) for key, value in given.items() if (make := _V1[key]) is not None]
    return RunQuery(
        joined("AND", [*conditions, *_after(given.get("cursor"), ascending=ascending)]),
        _selected(given.get("select")),
        _page_size(given.get("limit", DEFAULT_PAGE), "limit"),
        ascending,
    )


def v2_query(body: Mapping[str, object]) -> RunQuery:
    """A query as `Client.runs.query` sends it; without `min_start_time` it covers the last day, as there."""
    given = {key: value for key, value in body.items() if value is not None}
    _refuse_unknown(given, _V2)
    if "project_ids" not in given:
        raise HTTPException(400, "project_ids must be given")
    given.setdefault("min_start_time", times.iso(times.now() - _DAY_US))
    conditions = [make(value) for key, value in given.items() if (make := _V2[key]) is not None]
    return RunQuery(
        joined("AND", [*conditions, *_after(given.get("cursor"), ascending=False)]),
        runs_v2.v1_fields(given.get("selects")),
        _page_size_v2(given.get("page_size", DEFAULT_PAGE)),
        ascending=False,
    )


def _uuids(column: str) -> Callable[[object], Condition]:
    def make(value: object) -> Condition:
        ids = [json_text.as_uuid(one, column) for one in (value if isinstance(value, list) else [value])]
        return Condition(f"r.{column} IN (SELECT value FROM json_each(?))", (json_text.dumps(ids),))

    return make


def _run_type(value: object) -> Condition:
    return Condition("r.run_type = ?", (str(value).lower(),))


def _time_bound(column: str, operator: str) -> Callable[[object], Condition]:
    def make(value: object) -> Condition:
        return Condition(f"r.{column} {operator} ?", (json_text.optional_time(value, column),))

    return make


def _when(true: str, false: str) -> Callable[[object], Condition]:
    def make(value: object) -> Condition:
        if not isinstance(value, (bool, int)):
            raise HTTPException(400, f"expected true or false, not {value!r}")
        return Condition(true if value else false)

    return make


def _in_trace(rows: str) -> Callable[[object], Condition]:
    """A filter on another run of the same trace: the root, or any."""

    def make(value: object) -> Condition:
        inner = compile_filter(str(value), "t")
        return Condition(f"EXISTS (SELECT 1 FROM run_view t WHERE {rows} AND {inner.sql})", inner.parameters)

    return make


def _filter(value: object) -> Condition:
    return compile_filter(str(value))


def _search(value: object) -> Condition:
    return compile_filter(f"search({json_text.dumps(str(value))})")


def _execution_order(value: object) -> Condition:
    if value != 1:
        raise HTTPException(400, "execution_order other than 1 (the root) is not supported here")
    return Condition("r.parent_run_id IS NULL")


_IS_ROOT: Final = _when("r.parent_run_id IS NULL", "r.parent_run_id IS NOT NULL")
_HAS_ERROR: Final = _when("r.status = 'error'", "r.status <> 'error'")
_SCOPES: Final = frozenset({"session", "id", "parent_run", "trace", "reference_example", "session_id"})
# None: read elsewhere, no condition.
_V1: Final[dict[str, Callable[[object], Condition] | None]] = {
    "id": _uuids("id"),
    "trace": _uuids("trace_id"),
    "trace_id": _uuids("trace_id"),
    "parent_run": _uuids("parent_run_id"),
    "session": _uuids("session_id"),
    "session_id": _uuids("session_id"),
    "reference_example": _uuids("reference_example_id"),
    "run_type": _run_type,
    "start_time": _time_bound("start_us", ">="),
    "end_time": _time_bound("start_us", "<="),
    "error": _HAS_ERROR,
    "is_root": _IS_ROOT,
    "execution_order": _execution_order,
    "query": _search,
    "filter": _filter,
    "trace_filter": _in_trace("t.id = r.trace_id"),
    "tree_filter": _in_trace("t.trace_id = r.trace_id"),
    "cursor": None,
    "limit": None,
    "order": None,
    "select": None,
    "skip_pagination": None,
    "skip_prev_cursor": None,
}
_V2: Final[dict[str, Callable[[object], Condition] | None]] = {
    "ids": _uuids("id"),
    "trace_id": _uuids("trace_id"),
    "project_ids": _uuids("session_id"),
    "reference_examples": _uuids("reference_example_id"),
    "run_type": _run_type,
    "min_start_time": _time_bound("start_us", ">="),
    "max_start_time": _time_bound("start_us", "<="),
    "has_error": _HAS_ERROR,
    "is_root": _IS_ROOT,
    "filter": _filter,
    "trace_filter": _V1["trace_filter"],
    "tree_filter": _V1["tree_filter"],
    "cursor": None,
    "page_size": None,
    "selects": None,
}


def _refuse_unknown(given: Mapping[str, object], known: Mapping[str, object]) -> None:
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise HTTPException(
            400, f"not supported here: {', '.join(unknown)}; supported: {', '.join(sorted(known))}"
        )


def _ascending(order: object) -> bool:
    if order not in ("asc", "desc"):
        raise HTTPException(400, f"order must be asc or desc, not {order!r}")
    return order == "asc"


def _selected(select: object) -> frozenset[str]:
    if select is None:
        return runs_read.FIELDS
    if not isinstance(select, list) or not all(isinstance(name, str) for name in select):
        raise HTTPException(400, "select must be a list of field names")
    unknown = sorted(set(select) - runs_read.FIELDS)
    if unknown:
        raise HTTPException(400, f"select names unknown fields: {', '.join(unknown)}")
    # The SDK cannot build a Run without these.
    return frozenset(select) | {"id", "name", "run_type", "start_time", "trace_id"}


def _page_size(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise HTTPException(400, f"{what} must be a whole number from 1 to {MAX_PAGE}, not {value!r}")
    return min(value, MAX_PAGE)


def _page_size_v2(value: object) -> int:
    size = _page_size(value, "page_size")
    if size != value:  # version 1 gives what it can; version 2 refuses
        raise HTTPException(400, f"page_size must be a whole number from 1 to {MAX_PAGE}, not {value!r}")
    return size


def _after(cursor: object, *, ascending: bool) -> list[Condition]:
    if cursor is None:
        return []
    operator = ">" if ascending else "<"
    return [Condition(f"(r.start_us, r.id) {operator} (?, ?)", runs_read.decode_cursor(cursor))]
