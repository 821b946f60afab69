"""The API's endpoints for feedback and for the configurations of its keys."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text
from langchain_respmeta.local.api import lists
from langchain_respmeta.local.api.lists import json_body
from langchain_respmeta.local.context import note, store_of
from langchain_respmeta.local.json_text import JSONResponse
from langchain_respmeta.local.store import feedback


def _as_sent(value: str, _: str) -> str:
    return value


def _source(value: str, _: str) -> str:
    return value.rsplit(".", 1)[-1].lower()  # the SDK writes its enum as FeedbackSourceType.API


_FILTERS: Final[dict[str, tuple[str, Callable[[str, str], str]]]] = {
    "run": ("f.run_id = ?", json_text.as_uuid),
    "session": (
        "COALESCE(f.session_id, (SELECT r.session_id FROM runs r WHERE r.id = f.run_id)) = ?",
        json_text.as_uuid,
    ),
    "key": ("f.key = ?", _as_sent),
    "source": ("json_extract(f.feedback_source, '$.type') = ?", _source),
}
"""Query parameters of GET /feedback; a repeated one matches any of its values."""
_PRESENCE: Final = {
    "has_comment": "f.comment IS NOT NULL",
    "has_score": "f.score IS NOT NULL",
}


async def create_feedback(request: Request) -> Response:
    """POST /feedback."""
    body = await json_body(request)

    def work() -> dict[str, object]:
        with store_of(request).write() as connection:
            refusal = feedback.create(connection, body, "request")
            if refusal is not None:
                raise HTTPException(409, refusal)
            return feedback.as_json(feedback.find(connection, feedback_id))

    body["id"] = feedback_id = json_text.optional_uuid(body.get("id"), "id") or lists.new_id()
    note(request, [("feedback", feedback_id)])
    return JSONResponse(await run_in_threadpool(work))


def list_feedback(request: Request) -> Response:
    """GET /feedback, newest first."""
    lists.refuse_unknown(request, {*_FILTERS, *_PRESENCE, "limit", "offset"})
    limit, offset = lists.page_of(request)
    conditions, parameters = ["1"], list[str]()
    for name, (condition, read) in _FILTERS.items():
        values = [read(value, name) for value in request.query_params.getlist(name)]
        conditions += [f"({' OR '.join([condition] * len(values))})"] if values else []
        parameters += values
    for name, condition in _PRESENCE.items():
        if name in request.query_params:
            wanted = lists.is_true(request.query_params[name])
            conditions.append(condition if wanted else f"NOT {condition}")
    with store_of(request).read() as connection:
        rows = connection.execute(
            f"SELECT f.* FROM feedback f WHERE {' AND '.join(conditions)}"
            " ORDER BY f.created_us DESC, f.id LIMIT ? OFFSET ?",
            (*parameters, limit, offset),
        ).fetchall()
    return JSONResponse([feedback.as_json(row) for row in rows])


def read_feedback(request: Request) -> Response:
    """GET /feedback/{id}."""
    with store_of(request).read() as connection:
        return JSONResponse(feedback.as_json(feedback.find(connection, _id(request))))


async def update_feedback(request: Request) -> Response:
    """PATCH /feedback/{id}."""
    body = await json_body(request)

    def work() -> dict[str, object]:
        with store_of(request).write() as connection:
            feedback.update(connection, _id(request), body)
            return feedback.as_json(feedback.find(connection, _id(request)))

    return JSONResponse(await run_in_threadpool(work))


def delete_feedback(request: Request) -> Response:
    """DELETE /feedback/{id}."""
    with store_of(request).write() as connection:
        feedback.delete(connection, _id(request))
    return JSONResponse({"message": "Feedback deleted"})


def list_configs(request: Request) -> Response:
    """GET /feedback-configs."""
    limit, offset = lists.page_of(request)
    lists.refuse_unknown(request, {"key", "name_contains", "limit", "offset"})
    keys = request.query_params.getlist("key")
    contains = request.query_params.get("name_contains", "")
    with store_of(request).read() as connection:
        rows = connection.execute(
            "SELECT * FROM feedback_configs"
            " WHERE (? = '[]' OR feedback_key IN (SELECT value FROM json_each(?)))"
            " AND instr(feedback_key, ?) ORDER BY feedback_key LIMIT ? OFFSET ?",
            (json_text.dumps(keys), json_text.dumps(keys), contains, limit, offset),
        ).fetchall()
    return JSONResponse([feedback.config_as_json(row) for row in rows])


async def create_config(request: Request) -> Response:
    """POST /feedback-configs: an equal one is accepted again, another one for the same key is a 400."""

    def change(before: dict[str, object] | None, body: dict[str, object]) -> dict[str, object]:
        json_text.as_object(body.get("feedback_config"), "feedback_config")
        if before is not None and before["feedback_config"] != body["feedback_config"]:
            raise HTTPException(
                400, f"{body['feedback_key']!r} has another configuration; use PATCH to change it"
            )
        return {**(before or {}), **body}

    return await _change_config(request, change)


async def update_config(request: Request) -> Response:
    """PATCH /feedback-configs."""

    def change(before: dict[str, object] | None, body: dict[str, object]) -> dict[str, object]:
        if before is None:
            raise HTTPException(404, f"no configuration for the feedback key {body['feedback_key']!r}")
        return {**before, **{name: value for name, value in body.items() if value is not None}}

    return await _change_config(request, change)


def delete_config(request: Request) -> Response:
    """DELETE /feedback-configs?feedback_key=KEY."""
    key = feedback.checked_key(request.query_params.get("feedback_key"))
    with store_of(request).write() as connection:
        gone = connection.execute("DELETE FROM feedback_configs WHERE feedback_key = ?", (key,)).rowcount
    if not gone:
        raise HTTPException(404, f"no configuration for the feedback key {key!r}")
    return JSONResponse({"message": "Feedback config deleted"})


ROUTES: Final = (
    Route("/feedback", create_feedback, methods=["POST"]),
    Route("/feedback", list_feedback, methods=["GET"]),
    Route("/feedback/{feedback_id}", read_feedback, methods=["GET"]),
    Route("/feedback/{feedback_id}", update_feedback, methods=["PATCH"]),
    Route("/feedback/{feedback_id}", delete_feedback, methods=["DELETE"]),
    Route("/feedback-configs", list_configs, methods=["GET"]),
    Route("/feedback-configs", create_config, methods=["POST"]),
    Route("/feedback-configs", update_config, methods=["PATCH"]),
    Route("/feedback-configs", delete_config, methods=["DELETE"]),
)


def _id(request: Request) -> str:
    return json_text.as_uuid(request.path_params["feedback_id"], "feedback id")


async def _change_config(
    request: Request, change: Callable[[dict[str, object] | None, dict[str, object]], dict[str, object]]
) -> Response:
    body = await json_body(request)
    key = feedback.checked_key(body.get("feedback_key"))

    def work() -> dict[str, object]:
        with store_of(request).write() as connection:
            before = feedback.read_config(connection, key)
            feedback.write_config(connection, change(before, body))
            after = feedback.read_config(connection, key)
            return after or {}

    return JSONResponse(await run_in_threadpool(work))
