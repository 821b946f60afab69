"""Where a run is known under its own id: there feedback is valid, and nowhere else.

Of a run that is copied (`LANGSMITH_RUNS_ENDPOINTS`, `tracing_context(replicas=…)`), the SDK gives every copy another id,
except the primary, or without one the copy that stays in the run's own project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langsmith import Client
    from langsmith.run_trees import RunTree


@dataclass(frozen=True, slots=True)
class Place:
    """A server and project that know the run."""

    client: Client
    project: str | None
    address: Mapping[str, Any] | None


def place_of(tree: RunTree, client: Client | None) -> Place | None:
    """Where the run keeps its id and a client at hand may write; None where there is no such place.

    Args:
        tree: The run.
        client: The client that the user wants to be used. Default: the run's own.
    """
    address = getattr(tree, "address", None)
    copies = [copy for copy in getattr(tree, "replicas", None) or () if isinstance(copy, Mapping)]
    if not copies:
        return Place(client or tree.client, tree.session_name, address)
    has_primary = any(copy.get("primary") for copy in copies)
    for copy in copies:
        own = client or copy.get("client") or tree.client
        if _keeps_id(copy, tree, has_primary=has_primary) and _leads_to(own, copy):
            elsewhere = copy.get("project_name") or copy.get("address")
            if not elsewhere:
                return Place(own, tree.session_name, address)
            return Place(own, copy.get("project_name"), copy.get("address"))
    return None


def _keeps_id(copy: Mapping[str, Any], tree: RunTree, *, has_primary: bool) -> bool:
    if has_primary or copy.get("primary") is not None:
        return bool(copy.get("primary"))
    address = getattr(tree, "address", None)
    if copy.get("project_name") is not None:
        return bool(copy["project_name"] == tree.session_name) and address is None
    return copy.get("address") in (None, address)


def _leads_to(client: Client, copy: Mapping[str, Any]) -> bool:
    """Whether the client writes where the copy is written, and with its key."""
    url, key = copy.get("api_url"), (copy.get("auth") or copy).get("api_key")
    return url in (None, client.api_url) and key in (None, getattr(client, "api_key", None))
