"""The calls of a project as a table in files, in one go: pulled and read, into a folder that the caller throws away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.bulk.program import normalize_files
from langchain_respmeta.history.bulk.progress import Listener
from langchain_respmeta.history.pull.connection import connect
from langchain_respmeta.history.pull.moments import Moment
from langchain_respmeta.history.pull.program import pull_runs
from langchain_respmeta.history.pull.report import PullProgress

if TYPE_CHECKING:
    from langsmith import Client

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """The calls of a project.

    Attributes:
        folder: The table's files.
        project: The project's name.
        links: Address of a call's page, with `{run_id}` in it; None where nobody knows it.
        unreadable: Runs that are no row of the table.
    """

    folder: Path
    project: str
    links: str | None
    unreadable: int


def table_of_project(
    project: str,
    folder: Path,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    client: Client | None = None,
    pulling: Callable[[PullProgress], None] | None = None,
    reading: Listener | None = None,
    **options: Any,
) -> ProjectTable:
    """Pull the model calls of a project, and read them into a table below `folder`.

    Args:
        project: Its name or id.
        folder: An empty folder for the runs and the table.
        since: First start time; by default the project's first run.
        until: Where to stop, excluded; by default now.
        client: Whose server and key to use. Default: those of LANGSMITH_*.
        pulling: Told how far the pull is.
        reading: Told how far the reading is.
        options: Of `normalize_files`.

    Raises:
        SettingsError: The project is missing or holds no call, the key is refused, or an option is wrong.
        HistoryError: The server cannot be asked, or the folder not be written.
        MissingExtraError: pyarrow is not installed.
    """
    pulled = pull_runs(project, folder / "runs", since=since, until=until, client=client, progress=pulling)
    if not pulled.runs:
        raise SettingsError(
            f"project {pulled.project!r} has no call of a model from {pulled.since} to {pulled.until}",
            setting="project",
        )
    table = folder / "table"
    normalize_files(pulled.folder, table, progress=reading, **options)
    return ProjectTable(table, pulled.project, _links(pulled.project, client), pulled.unreadable)


def _links(project: str, client: Client | None) -> str | None:
    """Return the address of a run's page: of the embedded server, which has no path, or of LangSmith."""
    with closing(connect(client)) as connection:
        api = urlsplit(connection.url)
        if api.hostname in _LOOPBACK and api.path in {"", "/"}:
            return f"{connection.url.rstrip('/')}/run/{{run_id}}"
        page = connection.client.read_project(project_name=project).url
    return f"{page}/r/{{run_id}}" if page else None
