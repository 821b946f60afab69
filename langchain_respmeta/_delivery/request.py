"""Send one feedback to a LangSmith server through the run's own client, and read its reply."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from langsmith import Client

from langchain_respmeta._delivery.item import FeedbackItem
from langchain_respmeta._delivery.retry import seconds_of
from langchain_respmeta._delivery.twin import feedback_parameters
from langchain_respmeta.record.secrets import text_without_secrets

__all__ = [
    "THREAD_NAME",
    "Reply",
    "ReplyKind",
    "find_project",
    "send",
    "silence_sdk",
]

THREAD_NAME: Final = "respmeta-feedback"
"""Prefix of the names of all delivery threads."""


class ReplyKind(Enum):
    """What a server's reply means for the item."""

    DELIVERED = auto()
    """The server has it (409: it had it before)."""
    NOT_FOUND = auto()
    """The run or project does not exist, perhaps not yet."""
    REJECTED = auto()
    """The server will never accept it as it is."""
    BROKEN = auto()
    """The server failed on it; other items may succeed."""
    LIMITED = auto()
    """Too many requests: all items wait."""
    UNREACHABLE = auto()
    """No reply: all items wait."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one request."""

    kind: ReplyKind
    said: str | None = None
    """Kind of error and status, with the server's words of a refusal. Never a key: no client error's text."""
    retry_after_s: float | None = None
    status: int | None = None
    """HTTP status, where a server replied."""


_STATUS: Final[Mapping[int, ReplyKind]] = {
    404: ReplyKind.NOT_FOUND,
    408: ReplyKind.BROKEN,
    409: ReplyKind.DELIVERED,
    425: ReplyKind.BROKEN,
    429: ReplyKind.LIMITED,
}


def find_project(client: Client, name: str) -> Reply | str:
    """Return the id of a project, or the reply where there is none."""
    try:
        return str(client.read_project(project_name=name).id)
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is a reply to be read
        reply = _reply_of(error)
    # A project that the SDK cannot parse (another server's shape) is no refusal of the feedback.
    return (
        reply
        if reply.status or reply.kind is not ReplyKind.REJECTED
        else replace(reply, kind=ReplyKind.BROKEN)
    )


def send(client: Client, item: FeedbackItem, session_id: str | None) -> Reply:
    """Post one feedback, once."""
    given = {
        "run_id": item.run_id,
        "key": item.key,
        "score": item.score,
        "value": item.value,
        "comment": item.comment,
        "trace_id": item.trace_id,
        "feedback_id": item.id,
        "feedback_config": item.config,
        "session_id": session_id,
        "address": item.address,
        "start_time": datetime.fromisoformat(item.start_time) if item.start_time else None,
        "extend_trace_retention": item.extend_trace_retention,
        "stop_after_attempt": 1,
    }
    known = feedback_parameters(client)
    try:
        client.create_feedback(**{name: value for name, value in given.items() if name in known})  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is a reply to be read
        return _reply_of(error)
    return Reply(ReplyKind.DELIVERED)


def _reply_of(error: BaseException) -> Reply:
    response = next(
        (found for link in _chain(error) if (found := getattr(link, "response", None)) is not None), None
    )
    if response is not None:
        return _from_response(response)
    name = type(error).__name__
    if name == "LangSmithNotFoundError":  # an empty list of projects, no HTTP error
        return Reply(ReplyKind.NOT_FOUND, name)
    # requests' errors are OSErrors; any other was raised before sending.
    sent = any(isinstance(link, OSError) for link in _chain(error))
    return Reply(ReplyKind.UNREACHABLE if sent else ReplyKind.REJECTED, name)


_MOST_READ: Final = 2_000
"""Characters of a refusal to search for secrets before it is cut: a secret cut in half would not be found."""


def _from_response(response: Any) -> Reply:
    status = int(response.status_code)
    kind = _STATUS.get(status) or (ReplyKind.BROKEN if status >= 500 else ReplyKind.REJECTED)
    words = (
        f": {text_without_secrets(response.text[:_MOST_READ])[:300]}" if kind is ReplyKind.REJECTED else ""
    )
    return Reply(kind, f"HTTP {status}{words}", seconds_of(response.headers.get("retry-after")), status)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 20:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


class _OwnThreads(logging.Filter):
    """Drops the SDK's log records on delivery threads: a traceback for every refused request of an outage.

    The worker logs the same once, in one line.
    """

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - logging's signature
        return not threading.current_thread().name.startswith(THREAD_NAME)


_own_threads: Final = _OwnThreads()


def silence_sdk() -> None:
    """Silence the SDK's log on delivery threads, and only there."""
    logging.getLogger("langsmith.client").addFilter(_own_threads)
