"""A project's id by its name, and which projects there are where it is not found."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.pull.connection import Connection
from langchain_respmeta.history.pull.moments import micros
from langchain_respmeta.history.pull.patience import Patience
from langchain_respmeta.history.pull.refusals import refusal
from langchain_respmeta.history.pull.server_faults import ServerFault, fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_LOOKED_AT: Final = 1_000
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Project:
    """A tracing project."""

    id: str
    name: str
    start_us: int | None
    """When it was made."""


def find_project(connection: Connection, patience: Patience, name: str) -> Project:
    """The project of this name, or of this id.

    Raises:
        SettingsError: There is none, or the key is refused.
        HistoryError: The server cannot be asked.
    """
    for how in _ways(name):
        try:
            found: Any = patience.ask(lambda how=how: connection.client.read_project(**how))  # type: ignore[misc]
        except Exception as error:
            fault = fault_of(error)
            if _is_missing(error, fault):
                continue
            if fault is None:
                raise
            raise refusal(connection, fault) from None
        start = found.start_time
        made = None if start is None else micros(start if start.tzinfo else start.replace(tzinfo=UTC))
        return Project(str(found.id), str(found.name), made)
    raise SettingsError(
        f"LangSmith at {connection.url} has no project {name!r}{_others(connection, patience, name)}",
        setting="project",
    )


def _ways(name: str) -> list[Mapping[str, Any]]:
    by_name = {"project_name": name}
    try:
        return [by_name, {"project_id": str(UUID(name))}]
    except ValueError:
        return [by_name]


def _is_missing(error: BaseException, fault: ServerFault | None) -> bool:
    """Not found: by status, or by the SDK, which got an empty list."""
    return type(error).__name__ == "LangSmithNotFoundError" or (fault is not None and fault.status == 404)


def _others(connection: Connection, patience: Patience, name: str) -> str:
    """Which names there are: the closest, else some."""
    try:
        listed = patience.ask(lambda: list(islice(connection.client.list_projects(), _MOST_LOOKED_AT)))
    except Exception as error:
        if fault_of(error) is None:
            raise
        return ""  # the missing project is what the user must know
    names = [str(one.name) for one in listed]
    close = difflib.get_close_matches(name, names, _MOST_NAMED, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(map(repr, close))}?"
    shown = ", ".join(map(repr, names[:_MOST_NAMED]))
    return f"; there are {shown}{', …' if len(names) > _MOST_NAMED else ''}" if names else "; it has none"
