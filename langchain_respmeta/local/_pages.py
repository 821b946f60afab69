"""The page: enriched runs, and one run."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ROUTES: Final[tuple[Route, ...]] = ()


def is_page(path: str) -> bool:
    """Whether a path is a page for people, whose errors are pages too."""
    return path == "/" or path.startswith("/run/")


def error_page(_: Request, status: int, detail: str) -> Response:
    """An error as a page."""
    return Response(detail, status)
