"""The bytes of a conversation's media: pictures to look at, all else to keep."""

from __future__ import annotations

from itertools import islice
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from langchain_respmeta.local import json_text
from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.page.conversation.model import Media
from langchain_respmeta.local.page.conversation.raster import decoded, raster_of
from langchain_respmeta.local.page.conversation.read import conversation_of
from langchain_respmeta.local.page.run_page import parsed
from langchain_respmeta.local.weight import weight

_INERT: Final = "default-src 'none'; sandbox"
"""Even a picture that is opened by itself runs nothing and loads nothing."""
_ENDINGS: Final = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/csv": "csv",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "video/mp4": "mp4",
    "video/webm": "webm",
}
"""Endings of files by type; those of all other types end with `bin`."""


def read_media(request: Request) -> Response:
    """GET /run/{id}/media/{n}: the n-th medium of a run's conversation."""
    run_id, number = json_text.as_uuid(request.path_params["run_id"], "run id"), request.path_params["number"]
    medium = _medium(request, run_id, number)
    data = None if medium is None or medium.data is None else decoded(medium.data)
    if medium is None or medium.data is None or data is None:
        raise HTTPException(404, f"Run {run_id} has no medium {number} with bytes.")
    headers = {"Content-Security-Policy": _INERT}
    raster = raster_of(medium.data) if medium.kind == "image" else None
    if raster is not None:  # the type is what the bytes say, never what was sent with them
        return Response(data, media_type=raster.mime, headers=headers)
    ending = _ENDINGS.get((medium.mime or "").lower(), "bin")
    headers["Content-Disposition"] = f'attachment; filename="run-{run_id[:8]}-{number}.{ending}"'
    return Response(data, media_type="application/octet-stream", headers=headers)


def _medium(request: Request, run_id: str, number: int) -> Media | None:
    with store_of(request).read() as connection:
        row = connection.execute("SELECT inputs, outputs FROM run_view WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise HTTPException(404, f"There is no run {run_id} in this database.")
        lease_of(request).take_in_thread(weight(row["inputs"]) + weight(row["outputs"]))
    conversation = conversation_of(parsed(row["inputs"]), parsed(row["outputs"]))
    return next(islice(conversation.media, max(0, number - 1), None), None) if number > 0 else None
