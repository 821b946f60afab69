"""Stored runs of models by the id of a run: from LangSmith, or from the embedded server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.errors import HistoryError, RespMetaError, SettingsError
from langchain_respmeta.history.pull.connection import Connection, connect
from langchain_respmeta.history.pull.query import PROMPT, SELECTS
from langchain_respmeta.history.pull.refusals import refusal
from langchain_respmeta.history.pull.server_faults import ServerFault, fault_of

if TYPE_CHECKING:
    from langsmith import Client

_EMBEDDED: Final = "http://127.0.0.1:2727"
"""Where `respmeta serve` listens if nothing else is asked of it."""
_OLDEST: Final = timedelta(days=400)
"""LangSmith keeps no run longer."""
_LOGIN: Final = frozenset({"authorization", "x-api-key"})
"""Headers of a profile's login."""
_GONE: Final = frozenset({405, 410, 501})
"""Of a server that gives no run by its id alone."""


def runs_of_models(run_id: str, *, server: str | None, project: str | None) -> list[Any]:
    """The run, if it is a model's; else the runs of models beneath it, oldest first.

    Args:
        run_id: Of any run.
        server: Its address. By default what LANGSMITH_* and the SDK's profile name, else the embedded server's.
        project: The project's name or id, which newer servers want.

    Raises:
        SettingsError: There is no such run, or no model's beneath it, or the key is refused.
        HistoryError: The server does not answer.
    """
    with closing(connect(_client(server))) as connection:
        run = _run(connection, run_id, project)
        if str(run.get("run_type")).lower() == "llm":
            return [run]
        calls = sorted(_beneath(connection, run_id, run), key=lambda call: str(call.get("start_time")))
    if not calls:
        raise SettingsError(
            f"run {run_id} ({run.get('name')!r}) is no model's, and there is none beneath it",
            setting="run_id",
        )
    return calls


def _client(server: str | None) -> Client:
    with loading:
        from langsmith import Client, utils
    if server is not None:
        return Client(api_url=server, auto_batch_tracing=False)
    try:
        named = Client(auto_batch_tracing=False)
    except utils.LangSmithError as error:
        raise SettingsError(str(error), setting="client") from None
    login = {name.lower() for name in getattr(named, "_headers", None) or {}} & _LOGIN
    if named.api_key or login or utils.get_env_var("ENDPOINT"):
        return named
    return Client(api_url=_EMBEDDED, auto_batch_tracing=False)


def _run(connection: Connection, run_id: str, project: str | None) -> Mapping[str, Any]:
    if project is not None:
        found = list(
            _query(connection, _project_id(connection, project), ids=[run_id], selects=[*SELECTS, PROMPT])
        )
        if not found:
            raise _missing(connection, run_id, f" in project {project!r}")
        return found[0]
    try:
        told = connection.client.request_with_retries("GET", f"/runs/{run_id}", stop_after_attempt=1).json()
    except Exception as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise _explained(connection, fault, run_id) from None
    return told if isinstance(told, dict) else {}


def _explained(connection: Connection, fault: ServerFault, run_id: str) -> RespMetaError:
    if fault.status is None:
        return _nobody(connection, fault)
    if fault.status in {404, 422}:
        return _missing(connection, run_id)
    if fault.status in _GONE:
        return SettingsError(
            f"{connection.url} gives no run by its id alone ({fault}); name its project with --project",
            setting="project",
        )
    return refusal(connection, fault)


def _nobody(connection: Connection, why: object) -> HistoryError:
    return HistoryError(
        f"nobody answers at {connection.url} ({why}). Start `respmeta serve`, or name the server with --server or "
        "LANGSMITH_ENDPOINT"
    )


def _missing(connection: Connection, run_id: str, where: str = "") -> SettingsError:
    return SettingsError(
        f"{connection.url} has no run {run_id}{where}; name another server with --server or LANGSMITH_ENDPOINT",
        setting="run_id",
    )


def _project_id(connection: Connection, name: str) -> str:
    from langchain_respmeta.history.pull.patience import Patience
    from langchain_respmeta.history.pull.project import find_project

    try:
        return find_project(connection, Patience(0.0, lambda _: None), name).id
    except HistoryError:
        raise _nobody(connection, "no answer") from None


def _beneath(connection: Connection, run_id: str, run: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    project = run.get("session_id") or run.get("project_id")
    calls = _query(
        connection,
        str(project),
        trace_id=str(run.get("trace_id")),
        run_type="LLM",
        selects=[*SELECTS, PROMPT],
    )
    return (call for call in calls if run_id in map(str, call.get("parent_run_ids") or ()))


def _query(connection: Connection, project_id: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
    try:
        for run in connection.runs.query(
            project_ids=[project_id],
            min_start_time=datetime.now(UTC) - _OLDEST,
            extra_headers=connection.headers,
            **asked,
        ):
            yield run.model_dump() if hasattr(run, "model_dump") else dict(run)
    except Exception as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise refusal(connection, fault) from None
