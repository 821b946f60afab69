"""Where the feedback goes: a project of a server, looked up once, and a client that reaches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from langchain_respmeta._delivery.request import Reply, ReplyKind, find_project
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.twin import objection, twin
from langchain_respmeta.errors import HistoryError, RespMetaError, SettingsError
from langchain_respmeta.langsmith.hiding import client_hides
from langchain_respmeta.record.secrets import text_without_secrets, url_without_secrets

if TYPE_CHECKING:
    from langsmith import Client


@dataclass(frozen=True, slots=True)
class Place:
    """A project on a server."""

    project: str
    session_id: str
    """The project's id."""
    client: Client
    """A copy of the caller's that sends all traces: those that are stored were sampled already."""
    hides: bool
    """Whether the caller's client hides or masks anything: then no text leaves."""

    @property
    def api_url(self) -> str:
        """Base address of the server."""
        return str(self.client.api_url)


def place_of(project: str, client: Client | None) -> Place:
    """Look the project up.

    Args:
        project: Its name.
        client: Whose server, key and switches; None makes one from the environment.

    Raises:
        SettingsError: There is no such project, or no feedback can go through the client.
        HistoryError: The server cannot be asked, or refuses the key.
    """
    own = _from_environment() if client is None else client
    if (why := objection(own)) is not None:
        raise SettingsError(f"no feedback can be given: {why}", setting="client")
    sender = twin(own, DeliverySettings())
    if getattr(sender, "tracing_sample_rate", None) is not None:
        sender.tracing_sample_rate = None
    found = find_project(sender, project)
    if isinstance(found, Reply):
        raise _fault(found, project, url_without_secrets(str(own.api_url)))
    return Place(project, found, sender, client_hides(own))


def _from_environment() -> Client:
    from langsmith import Client, utils

    try:
        return Client(auto_batch_tracing=False)
    except utils.LangSmithError as error:
        raise SettingsError(f"LangSmith: {text_without_secrets(str(error))}", setting="client") from None


def _fault(reply: Reply, project: str, url: str) -> RespMetaError:
    if reply.status in REFUSED_KEY:
        return HistoryError(
            f"LangSmith at {url} refuses the key (HTTP {reply.status}): set LANGSMITH_API_KEY to one that may write"
            f" feedback in the workspace of {project!r}"
        )
    return _FAULTS.get(reply.kind, _unasked)(reply, project, url)


REFUSED_KEY: Final = frozenset({401, 403})
"""What a server answers to a key that it does not accept."""


def _missing(_: Reply, project: str, url: str) -> RespMetaError:
    return SettingsError(f"LangSmith at {url} has no project {project!r}", setting="project")


def _unasked(reply: Reply, project: str, url: str) -> RespMetaError:
    return HistoryError(f"LangSmith at {url} could not be asked for the project {project!r} ({reply.said})")


_FAULTS: Final[Mapping[ReplyKind, Callable[[Reply, str, str], RespMetaError]]] = {
    ReplyKind.NOT_FOUND: _missing
}
