"""The runs of one time window, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.pull.connection import Connection
from langchain_respmeta.history.pull.moments import SECOND, moment_of
from langchain_respmeta.history.pull.patience import Patience
from langchain_respmeta.history.pull.refusals import refusal
from langchain_respmeta.history.pull.server_faults import BrokenAnswer, fault_of
from langchain_respmeta.history.pull.windows import Window

SELECTS: Final = (
    *("ID", "TRACE_ID", "PARENT_RUN_IDS", "PROJECT_ID", "NAME", "RUN_TYPE", "STATUS", "ERROR"),
    *(
        "START_TIME",
        "END_TIME",
        "FIRST_TOKEN_TIME",
        "MANIFEST",
        "EXTRA",
        "METADATA",
        "OUTPUTS",
        "EVENTS",
        "TAGS",
    ),
)
"""What the readers look at, but for the prompt."""
PROMPT: Final = "INPUTS"
MAX_PAGE: Final = 1_000
"""Of the API."""
_FIRST_PAGE: Final = 64
_PAGE_BYTES: Final = 2 << 20
"""What a page should have: parsed, it takes some ten times that."""
_MAX_PAGE_BYTES: Final = 12 << 20
"""A page of several runs is not read further than this, and asked for again, smaller."""
_MARGIN_US: Final = 2 * SECOND // 1_000
"""Asked for on both sides: LangSmith does not say whether its bounds are inclusive, nor how exact they are."""
RESTARTS: Final = 3
"""How often a window begins again because of its cursor."""
_CURSOR_GONE: Final = frozenset({400, 404, 410, 422})


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs of which project, and how much of each."""

    project_id: str
    run_filter: str | None
    run_type: str | None
    """In upper case; None for all."""
    has_inputs: bool

    @property
    def arguments(self) -> dict[str, Any]:
        """For the SDK's `query`."""
        given = {"filter": self.run_filter, "run_type": self.run_type}
        return {
            "project_ids": [self.project_id],
            "selects": [*SELECTS, *([PROMPT] if self.has_inputs else [])],
            **{name: value for name, value in given.items() if value is not None},
        }


class CursorGone(Exception):  # noqa: N818 - what happened to it
    """The server does not know its own cursor any more."""


class _TooLarge(Exception):  # noqa: N818 - the page
    """A page of several runs has more bytes than fit."""


class RunQuery:
    """Asks for pages of a size that fits the runs."""

    def __init__(self, connection: Connection, patience: Patience, selection: Selection) -> None:
        self._connection = connection
        self._patience = patience
        self._selection = selection
        self._size = _FIRST_PAGE

    def pages(self, window: Window) -> Iterator[list[dict[str, Any]]]:
        """Pages of runs of the window and a little around it, in the server's order.

        Raises:
            CursorGone: The window must begin again.
            RespMetaError: The request is refused, or the server cannot be asked.
        """
        cursor: str | None = None
        while True:
            rows, following = self._page(window, cursor)
            yield rows
            if not following:
                return
            if following == cursor:
                raise HistoryError(
                    f"LangSmith at {self._connection.url} gives the same cursor again and again"
                )
            cursor = following

    def has_any(self, window: Window) -> bool:
        """Whether there is any run."""
        usual, self._size = self._size, 1
        rows, _ = self._page(window, None)
        self._size = usual
        return bool(rows)

    def _page(self, window: Window, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        while True:
            try:
                body = self._patience.ask(lambda: self._ask(window, cursor))
            except _TooLarge:
                self._size = max(1, self._size // 4)
                continue
            except Exception as error:
                fault = fault_of(error)
                if fault is None:
                    raise
                if cursor is not None and fault.status in _CURSOR_GONE:
                    raise CursorGone(str(fault)) from None
                raise refusal(self._connection, fault, self._selection.run_filter) from None
            rows = [row for row in body.get("items") or () if isinstance(row, dict)]
            return rows, body.get("next_cursor") or None

    def _ask(self, window: Window, cursor: str | None) -> dict[str, Any]:
        after = {} if cursor is None else {"cursor": cursor}
        read = bytearray()
        with self._connection.runs.with_streaming_response.query(
            **self._selection.arguments,
            **after,
            min_start_time=moment_of(window.start - _MARGIN_US),
            max_start_time=moment_of(window.end + _MARGIN_US),
            page_size=self._size,
            extra_headers=self._connection.headers,
        ) as response:
            for piece in response.iter_bytes():
                read += piece
                if len(read) > _MAX_PAGE_BYTES and self._size > 1:
                    raise _TooLarge
        body = _parsed(read)
        self._fit(len(read), len(body.get("items") or ()))
        return body

    def _fit(self, size: int, rows: int) -> None:
        """Choose the next page's size: as many runs as make the bytes wanted, growing slowly."""
        if rows:
            wanted = _PAGE_BYTES * rows // max(1, size)
            self._size = max(1, min(MAX_PAGE, wanted, self._size * 4))


def _parsed(read: bytearray) -> dict[str, Any]:
    try:
        body = orjson.loads(read)
    except ValueError:
        try:
            body = json.loads(read)  # which takes halves of surrogate pairs, and NaN
        except ValueError:
            raise BrokenAnswer(f"{len(read)} bytes that are not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("items"), list | None):
        raise BrokenAnswer("JSON without items")
    return body
