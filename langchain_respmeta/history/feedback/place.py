"""Where the feedback goes: a project of a server, looked up once, and a client that reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.twin import objection, twin
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.pull.connection import connect
from langchain_respmeta.history.pull.patience import Patience
from langchain_respmeta.history.pull.project import find_project
from langchain_respmeta.langsmith.hiding import client_hides

if TYPE_CHECKING:
    from langsmith import Client

_PATIENCE_S: Final = 60.0
"""How long a server may fail before the first answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project on a server."""

    project: str
    session_id: str
    """The project's id."""
    client: Client
    """A copy of the caller's that sends all traces: those that are stored were sampled already."""
    own: Client
    """The caller's."""
    hides: bool
    """Whether the caller's client hides or masks anything: then no text leaves."""

    @property
    def api_url(self) -> str:
        """Base address of the server."""
        return str(self.client.api_url)


def place_of(project: str, client: Client | None, waits: Callable[[str], None]) -> Place:
    """Look the project up.

    Args:
        project: Its name or id.
        client: Whose server, key and switches; None makes one from the environment.
        waits: Called with what is waited for.

    Raises:
        SettingsError: There is no such project, the key is refused, or no feedback can go through the client.
        HistoryError: The server cannot be asked.
    """
    connection = connect(client)
    own = connection.client
    if (why := objection(own)) is not None:
        raise SettingsError(f"no feedback can be given: {why}", setting="client")
    found = find_project(connection, Patience(_PATIENCE_S, waits), project)
    sender = twin(own, DeliverySettings())
    if getattr(sender, "tracing_sample_rate", None) is not None:
        sender.tracing_sample_rate = None
    return Place(found.name, found.id, sender, own, client_hides(own))
