"""GET /compare: two runs beside each other, or, with one, which to compare it with."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text
from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.page import run_list
from langchain_respmeta.local.page.compare import facts, figures, talks
from langchain_respmeta.local.page.compare.diff import Comparer
from langchain_respmeta.local.page.conversation.read import conversation_of
from langchain_respmeta.local.page.rendering import page
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.page.run_list import Row
from langchain_respmeta.local.page.run_page import parsed
from langchain_respmeta.local.page.run_tools import with_executions
from langchain_respmeta.local.store.payloads import metadata_of
from langchain_respmeta.local.weight import weight

PATH: Final = "/compare"
_FIND: Final = (
    "SELECT r.*, s.name AS project FROM run_view r LEFT JOIN sessions s ON s.id = r.session_id WHERE r.id = ?"
)
_ALIKE: Final = (
    "SELECT r.id, r.name, r.run_type, r.status, r.start_us, r.end_us, r.extra FROM run_view r WHERE r.no IN"
    " (SELECT n.no FROM (SELECT no, name, run_type FROM runs WHERE session_id = ? ORDER BY start_us DESC LIMIT 2000) n"
    " WHERE n.name = ? AND n.run_type = ? AND n.no <> ? LIMIT 12) ORDER BY r.start_us DESC"
)
"""The newest runs of the project with the same name, as far as they are among its last ones."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    letter: str
    run: sqlite3.Row
    row: Row
    metadata: Mapping[str, Any]
    inputs: Sequence[talks.Said]
    outputs: Sequence[talks.Said]

    @property
    def heading(self) -> object:
        """The model of a call, else the run's name."""
        flat = self.row.flat
        return (
            (flat.get("model") or flat.get("requested_model")) if flat.get("provider") else self.run["name"]
        )


def compare(request: Request) -> Response:
    """The runs `a` and `b` of the address; the list's form sends `run` twice."""
    chosen = request.query_params.getlist("run")
    if chosen:
        return _redirect(chosen)
    ids = {letter: _id(request, letter) for letter in ("a", "b")}
    if ids["a"] is None:
        raise HTTPException(
            400, "Choose two runs in the list: the address is /compare?a=…&b=… with their ids."
        )
    if ids["b"] is None:
        return _choose(request, ids["a"])
    if ids["a"] == ids["b"]:
        raise HTTPException(400, "These are the same run twice: choose another one to compare it with.")
    with store_of(request).read() as connection:
        left, right = (_side(request, connection, letter, ids[letter]) for letter in ("a", "b"))
    comparer = Comparer()
    spoken = {
        # The answers first, as they may use up the effort of comparing.
        title: talks.together(getattr(left, name), getattr(right, name), comparer)
        for title, name in (("Output", "outputs"), ("Input", "inputs"))
    }
    return page(
        "compare.html",
        request,
        query=PageQuery(),
        sides=(left, right),
        figures=figures.figures_of(_figures(left.row), _figures(right.row)),
        pairs=facts.pairs_of(left.run, left.metadata, right.run, right.metadata),
        talks=spoken,
        only=request.query_params.get("only") == "different",
        address=_address,
    )


ROUTES: Final = (Route(PATH, compare, methods=["GET"]),)


def _redirect(chosen: Sequence[str]) -> Response:
    if len(chosen) != 2:
        raise HTTPException(
            400,
            f"Two runs can be compared, and {len(chosen)} {'is' if len(chosen) == 1 else 'are'} chosen: go back and choose two.",
        )
    first, second = (json_text.as_uuid(one, "run id") for one in chosen)
    return Response(status_code=303, headers={"Location": _address(first, second)})


def _address(first: str, second: str | None = None, **more: str) -> str:
    ids = {"a": first, **({"b": second} if second else {})}
    return f"{PATH}?{urlencode({**ids, **more})}"


def _choose(request: Request, run_id: str) -> Response:
    """Which run to compare one with: those of the same name."""
    query = PageQuery()
    with store_of(request).read() as connection:
        side = _side(request, connection, "a", run_id)
        run = side.run
        found = connection.execute(
            _ALIKE, (run["session_id"], run["name"], run["run_type"], run["no"])
        ).fetchall()
        lease_of(request).take_in_thread(sum(weight(row["extra"]) for row in found))
        alike = [run_list.make_row(row, (), query) for row in found]
    return page(
        "compare_choose.html", request, query=query, side=side, alike=alike, address=_address, path=PATH
    )


def _id(request: Request, letter: str) -> str | None:
    text = request.query_params.get(letter, "").strip()
    if not text:
        return None
    try:
        return json_text.as_uuid(text, "run id")
    except HTTPException as exc:
        raise HTTPException(
            400, f"{letter}={text[:60]} is no id of a run: a UUID, as in the address of its page."
        ) from exc


def _side(request: Request, connection: sqlite3.Connection, letter: str, run_id: str | None) -> Side:
    run = connection.execute(_FIND, (run_id,)).fetchone()
    if run is None:
        raise HTTPException(404, f"There is no run {run_id} in this database.")
    lease_of(request).take_in_thread(sum(weight(value) for value in run if isinstance(value, str)))
    metadata = with_executions(connection, run, metadata_of(run["extra"]))
    conversation = conversation_of(parsed(run["inputs"]), parsed(run["outputs"]))
    inputs = talks.said(conversation.inputs)
    outputs = talks.said(conversation.outputs, first=len(inputs) + 1)
    return Side(letter.upper(), run, run_list.make_row(run, (), PageQuery()), metadata, inputs, outputs)


def _figures(row: Row) -> dict[str, object]:
    latency = row.flat.get("latency_s")
    return {**row.flat, "latency_s": row.latency_s if latency is None else latency}
