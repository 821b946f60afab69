"""What a user can do about a request that LangSmith refuses for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from langchain_respmeta.errors import HistoryError, RespMetaError, SettingsError
from langchain_respmeta.history.pull.connection import Connection
from langchain_respmeta.history.pull.server_faults import ServerFault


def refusal(connection: Connection, fault: ServerFault, run_filter: str | None = None) -> RespMetaError:
    """The error for a fault that does not pass.

    Args:
        connection: Who was asked.
        fault: What came back.
        run_filter: The filter that was sent.
    """
    make = _BY_STATUS.get(fault.status or 0, _other)
    return make(connection, fault, run_filter)


def _key(connection: Connection, fault: ServerFault, _: str | None) -> RespMetaError:
    return SettingsError(
        f"LangSmith at {connection.url} refuses the key ({fault}). Set LANGSMITH_API_KEY to a key that may read "
        "the project, LANGSMITH_WORKSPACE_ID for a key of several workspaces, and LANGSMITH_ENDPOINT to the "
        "key's own region",
        setting="LANGSMITH_API_KEY",
    )


def _endpoint(connection: Connection, fault: ServerFault, _: str | None) -> RespMetaError:
    return SettingsError(
        f"LangSmith at {connection.url} does not answer POST /v2/runs/query ({fault}): "
        "self-hosted servers have it since version 0.16",
        setting="LANGSMITH_ENDPOINT",
    )


def _request(connection: Connection, fault: ServerFault, run_filter: str | None) -> RespMetaError:
    if run_filter is None:
        return _other(connection, fault, None)
    return SettingsError(f"LangSmith refuses the filter {run_filter!r}: {fault.words}", setting="filter")


def _other(connection: Connection, fault: ServerFault, _: str | None) -> RespMetaError:
    return HistoryError(f"LangSmith at {connection.url} refuses the request: {fault}")


_BY_STATUS: Final[Mapping[int, Callable[[Connection, ServerFault, str | None], RespMetaError]]] = {
    400: _request,
    401: _key,
    403: _key,
    404: _endpoint,
    405: _endpoint,
    422: _request,
}
