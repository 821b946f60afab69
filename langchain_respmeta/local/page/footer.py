"""The foot of each page: how much is kept, and what the bounds are."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from starlette.requests import Request

from langchain_respmeta.local.context import context
from langchain_respmeta.local.store import space
from langchain_respmeta.local.store.retention import Bounds, bytes_text


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds."""

    size: str
    since_us: int | None
    """Start of the oldest run."""
    bounds: Bounds


def kept_of(request: Request) -> Kept | None:
    """What is told; None where the database cannot be read, which the page itself tells."""
    found = context(request)
    try:
        with found.store.read() as connection:
            size = space.space_of(found.store, connection).whole
            (oldest,) = connection.execute("SELECT MIN(start_us) FROM runs").fetchone()
    except sqlite3.Error:
        return None
    return Kept(bytes_text(size), oldest, found.bounds)
