"""The API's endpoints for runs."""

from __future__ import annotations

import re
from typing import Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text
from langchain_respmeta.local.api.body import read_body, unpacked
from langchain_respmeta.local.api.ingest import check, store_batch
from langchain_respmeta.local.api.lists import json_body, new_id
from langchain_respmeta.local.api.multipart import Batch, read_batch
from langchain_respmeta.local.context import context, note, store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.json_text import JSONResponse
from langchain_respmeta.local.store import runs_query, runs_read, runs_v2
from langchain_respmeta.local.store.run_parts import RunPart, part_of
from langchain_respmeta.local.store.runs_query import RunQuery
from langchain_respmeta.local.weight import ITEM

_ACCEPTED: Final = 202
# What a browser may show without running anything; other files are offered as a download.
_SHOWN_INLINE: Final = re.compile(r"image/(png|jpeg|gif|webp)|text/plain|application/json")


async def create_run(request: Request) -> Response:
    """POST /runs."""
    return await _one_part(request, "post")


async def update_run(request: Request) -> Response:
    """PATCH /runs/{id}."""
    return await _one_part(request, "patch")


async def batch_runs(request: Request) -> Response:
    """POST /runs/batch: `{"post": [...], "patch": [...]}`."""
    body = await json_body(request)

    def work() -> Batch:
        posts, patches = body.get("post") or [], body.get("patch") or []
        if not isinstance(posts, list) or not isinstance(patches, list):
            raise HTTPException(422, "post and patch must be lists of runs")
        lease_of(request).take_in_thread(ITEM * (len(posts) + len(patches)))
        return Batch([*(_part("post", run) for run in posts), *(_part("patch", run) for run in patches)])

    return await _ingest(request, await run_in_threadpool(work), batched=True)


async def multipart_runs(request: Request) -> Response:
    """POST /runs/multipart, plain or zstd."""
    limits, lease = context(request).limits, lease_of(request)
    body = await read_body(request, limits, lease)
    encoding, content_type = request.headers.get("content-encoding"), request.headers.get("content-type", "")

    def work() -> Batch:
        take = lease.take_in_thread
        return read_batch(unpacked(body, encoding, limits, take), content_type, take)

    return await _ingest(request, await run_in_threadpool(work), batched=True)


def read_run(request: Request) -> Response:
    """GET /runs/{id}."""
    run_id = json_text.as_uuid(request.path_params["run_id"], "run id")
    with store_of(request).read() as connection:
        return JSONResponse(runs_read.read_run(connection, run_id, lease_of(request).take_in_thread))


async def query_runs(request: Request) -> Response:
    """POST /runs/query."""
    query = runs_query.v1_query(await json_body(request))
    runs, cursor = await run_in_threadpool(select, request, query)
    return JSONResponse({"runs": runs, "cursors": {"next": cursor, "prev": None}, "search_cursors": None})


def read_run_v2(request: Request) -> Response:
    """GET /v2/runs/{id}: only the fields that `selects` names, `id` alone without it."""
    run_id = json_text.as_uuid(request.path_params["run_id"], "run id")
    project = json_text.as_uuid(request.query_params.get("project_id"), "project_id")
    with store_of(request).read() as connection:
        run = runs_read.read_run(connection, run_id, lease_of(request).take_in_thread)
    if run["session_id"] != project:
        raise HTTPException(404, f"run {run_id} not found in project {project}")
    return JSONResponse(runs_v2.as_v2(run, request.query_params.getlist("selects")))


async def query_runs_v2(request: Request) -> Response:
    """POST /v2/runs/query."""
    body = await json_body(request)
    query = runs_query.v2_query(body)
    runs, cursor = await run_in_threadpool(select, request, query)
    items = [runs_v2.as_v2(run, body.get("selects")) for run in runs]
    return JSONResponse({"items": items, "next_cursor": cursor})


def read_attachment(request: Request) -> Response:
    """GET /attachments/{run_id}/{name}: the file's bytes."""
    run_id = json_text.as_uuid(request.path_params["run_id"], "run id")
    with store_of(request).read() as connection:
        row = connection.execute(
            "SELECT mime_type, data FROM attachments WHERE run_id = ? AND name = ?",
            (run_id, request.path_params["name"]),
        ).fetchone()
    if row is None:
        raise HTTPException(404, f"run {run_id} has no attachment {request.path_params['name']!r}")
    inline = _SHOWN_INLINE.fullmatch(row["mime_type"]) is not None
    disposition = {"Content-Disposition": "inline" if inline else "attachment"}
    return Response(row["data"], media_type=row["mime_type"], headers=disposition)


ROUTES: Final = (
    Route("/runs", create_run, methods=["POST"]),
    Route("/runs/batch", batch_runs, methods=["POST"]),
    Route("/runs/multipart", multipart_runs, methods=["POST"]),
    Route("/runs/query", query_runs, methods=["POST"]),
    Route("/runs/{run_id}", read_run, methods=["GET"]),
    Route("/runs/{run_id}", update_run, methods=["PATCH"]),
    Route("/v2/runs/query", query_runs_v2, methods=["POST"]),
    Route("/v2/runs/{run_id}", read_run_v2, methods=["GET"]),
    Route("/attachments/{run_id}/{name}", read_attachment, methods=["GET"]),
)


async def _one_part(request: Request, kind: Literal["post", "patch"]) -> Response:
    body = await json_body(request)
    run_id = request.path_params.get("run_id") or body.get("id") or new_id()
    part = _part(kind, {**body, "id": run_id})
    return await _ingest(request, Batch([part]), batched=False)


def _part(kind: Literal["post", "patch"], run: object) -> RunPart:
    body = json_text.as_object(run, "a run")
    return part_of(kind, json_text.as_uuid(body.get("id"), "run id"), body)


async def _ingest(request: Request, batch: Batch, *, batched: bool) -> Response:
    note(request, [(part.kind, part.run_id) for part in batch.runs])
    note(request, [("feedback", str(feedback["id"])) for feedback in batch.feedback])
    for part in batch.runs:
        check(part, batched=batched)
    await run_in_threadpool(store_batch, store_of(request), batch)
    return JSONResponse({"message": "Runs accepted"}, status_code=_ACCEPTED)


def select(request: Request, query: RunQuery) -> tuple[list[dict[str, object]], str | None]:
    """One page, and the cursor of the next when there is one."""
    with store_of(request).read() as connection:
        page, more = runs_read.select_page(
            connection,
            query.condition,
            query.fields,
            order=query.order,
            limit=query.limit,
            take=lease_of(request).take_in_thread,
        )
    return page, runs_read.encode_cursor(page[-1]) if more else None
