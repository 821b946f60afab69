"""Ask the server: two GETs through LangSmith's own client, a few seconds at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from langsmith import Client
from langsmith.utils import LangSmithError

from langchain_respmeta._delivery.request import Reply, ReplyKind, find_project
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.twin import objection, twin
from langchain_respmeta.cli.doctor.finding import Case, Finding

_PATIENCE: Final = DeliverySettings(connect_timeout_s=2.0, read_timeout_s=3.0)
_REFUSED: Final = frozenset({401, 403})


def server(case: Case) -> Iterator[Finding]:
    """Check whether it answers, accepts the key, and knows the project."""
    if case.client is None:
        return
    if not case.ask_server:
        yield Finding("note", "server", "not asked")
        return
    client = twin(case.client, _PATIENCE)
    found = find_project(client, case.project)
    if isinstance(found, Reply):
        yield _explained(case, found)
    else:
        yield Finding(
            "ok", "server", f"answers{_version(client)}, takes the key, and has project {case.project!r}"
        )


def _version(client: Client) -> str:
    try:
        said = client.request_with_retries("GET", "/info", stop_after_attempt=1).json().get("version")
    except (LangSmithError, OSError, ValueError, AttributeError):
        return " (but not /info: the SDK then sends runs in plain batches)"
    return f", version {said}" if said else ""


def _explained(case: Case, reply: Reply) -> Finding:
    if reply.kind is ReplyKind.NOT_FOUND:
        return Finding("ok", "server", f"answers; project {case.project!r} will be made by its first run")
    if reply.status in _REFUSED:
        case.server = f"it refuses the key (HTTP {reply.status})"
        return Finding(
            "problem",
            "server",
            f"{case.endpoint} refuses the key (HTTP {reply.status})",
            "look at LANGSMITH_API_KEY, LANGSMITH_WORKSPACE_ID and the endpoint's region (LANGSMITH_ENDPOINT)",
        )
    said = reply.said or reply.kind.name.lower()
    case.server = f"it does not take anything now ({said})"
    return Finding(
        "problem",
        "server",
        f"{case.endpoint} does not answer as it should ({said})",
        "feedback waits in the outbox until it does; of traces the SDK keeps only what fits into its memory",
    )


def objections(case: Case) -> Iterator[Finding]:
    """Check whether this SDK's client can send feedback."""
    if case.client is not None and case.mode != "otel" and (why := objection(case.client)) is not None:
        case.no_feedback = why
        yield Finding("problem", "feedback", why)
