"""Find where a run is stored under its own id: feedback is valid there, and nowhere else.

The SDK gives each copy of a run (`LANGSMITH_RUNS_ENDPOINTS`, `tracing_context(replicas=…)`) another id, except the
primary, or without one the copy in the run's own project.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading

if TYPE_CHECKING:
    from langsmith import Client
    from langsmith.run_trees import RunTree


@dataclass(frozen=True, slots=True)
class Destination:
    """A server and project that hold the run."""

    client: Client
    project: str | None
    address: Mapping[str, Any] | None


def destination_of(tree: RunTree, client: Client | None) -> Destination | None:
    """Return where the run keeps its id and a client may write; None where there is no such destination.

    Args:
        tree: The run.
        client: The client that the user chose. Default: the run's own.
    """
    address = getattr(tree, "address", None)
    copies = [copy for copy in getattr(tree, "replicas", None) or () if isinstance(copy, Mapping)]
    if not copies:
        return Destination(client or tree.client, tree.session_name, address)
    for copy in copies:
        if not keeps_id(copy, tree):
            continue
        own = client or copy.get("client") or tree.client
        if not _leads_to(own, copy):
            made = _client_of(copy, own) if client is None else None
            if made is None:
                continue
            own = made
        elsewhere = copy.get("project_name") or copy.get("address")
        if not elsewhere:
            return Destination(own, tree.session_name, address)
        return Destination(own, copy.get("project_name"), copy.get("address"))
    return None


def keeps_id(copy: Mapping[str, Any], tree: RunTree) -> bool:
    """Whether a replica of the run is written under the run's own id."""
    if copy.get("primary") is not None or any(one.get("primary") for one in tree.replicas or ()):
        return bool(copy.get("primary"))
    address = getattr(tree, "address", None)
    if copy.get("project_name") is not None:
        return bool(copy["project_name"] == tree.session_name) and address is None
    return copy.get("address") in (None, address)


def _leads_to(client: Client, copy: Mapping[str, Any]) -> bool:
    """Whether the client writes where the copy is written, with its key and in its workspace."""
    url, key, workspace = copy.get("api_url"), *_auth(copy)
    return (
        url in (None, client.api_url)
        and key in (None, getattr(client, "api_key", None))
        and workspace in (None, getattr(client, "workspace_id", None))
    )


def _auth(copy: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the copy's own key and workspace."""
    auth = copy.get("auth") or copy
    return auth.get("api_key"), auth.get("tenant_id")


_OTHER_AUTH: Final = ("service_key", "authorization", "cookie")
"""Credentials of a copy that no client can be created from."""


def _client_of(copy: Mapping[str, Any], tracing: Client) -> Client | None:
    """Return a client for a copy that the tracer's client writes with another key or to another server."""
    key, workspace = _auth(copy)
    auth = copy.get("auth") or {}
    # Without a key of its own a copy gets the tracer's, which goes to the tracer's server only.
    if key is None or any(auth.get(name) for name in _OTHER_AUTH):
        return None
    mode = getattr(tracing, "tracing_mode", None)
    rate = getattr(tracing, "tracing_sample_rate", None)
    return _made_client(copy.get("api_url") or tracing.api_url, key, workspace, rate, mode)


@lru_cache(maxsize=32)
def _made_client(
    api_url: str, api_key: str, workspace: str | None, rate: float | None, mode: str | None
) -> Client | None:
    """Return one client for each server, key and workspace; it samples like the tracer's, and has no threads."""
    with loading:
        from langsmith import Client, utils

    wanted: dict[str, Any] = {
        "api_url": api_url,
        "api_key": api_key,
        "workspace_id": workspace,
        "tracing_sampling_rate": rate,
        "tracing_mode": mode,
        "auto_batch_tracing": False,
    }
    known = inspect.signature(Client).parameters
    try:
        return Client(
            **{name: value for name, value in wanted.items() if name in known and value is not None}
        )
    except utils.LangSmithError:  # an address or key that the SDK refuses
        return None
