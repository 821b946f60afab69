"""GET /changes: whether anything was written since a page was made. The script of an open page asks it (`assets/live.js`)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local.context import context
from langchain_respmeta.local.json_text import JSONResponse

_VERSION: Final = "respmeta.version"
"""Key of the ASGI scope."""


def watched(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Let a page know the version of what it shows: taken before it reads, so that nothing written since is missed."""

    @functools.wraps(endpoint)
    def answer(request: Request) -> Response:
        request.scope[_VERSION] = _version(request)
        return endpoint(request)

    return answer


def version_of(request: Request) -> str | None:
    """The version that a page shows; None for one that is not kept up to date."""
    version: str | None = request.scope.get(_VERSION)
    return version


def changes(request: Request) -> Response:
    """The present version: another one after anything was written, and after a restart."""
    return JSONResponse({"version": _version(request)})


ROUTES: Final = (Route("/changes", changes, methods=["GET"]),)


def _version(request: Request) -> str:
    shared = context(request)
    return f"{shared.started:.6f}-{shared.store.version()}"
