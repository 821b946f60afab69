"""Pull the runs of a project into a folder, and go on where an earlier pull stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.pull.connection import connect
from langchain_respmeta.history.pull.folder import project_folder
from langchain_respmeta.history.pull.lock import folder_lock
from langchain_respmeta.history.pull.manifest import Entry, Identity, Manifest
from langchain_respmeta.history.pull.moments import DAY, Moment, iso, micros_of, read_moment
from langchain_respmeta.history.pull.parts import PartLimits
from langchain_respmeta.history.pull.patience import Patience
from langchain_respmeta.history.pull.project import Project, find_project
from langchain_respmeta.history.pull.query import RunQuery, Selection
from langchain_respmeta.history.pull.report import PullProgress, PullReport
from langchain_respmeta.history.pull.windows import Window
from langchain_respmeta.history.pull.work import Done, FolderPull

if TYPE_CHECKING:
    from langsmith import Client

logger = logging.getLogger(__name__)

KEPT: Final = 400 * DAY
"""LangSmith keeps traces no longer than this: where a pull begins, when nobody says."""
HOUR: Final = timedelta(hours=1)


def pull_runs(
    project: str,
    output: str | Path,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    filter: str | None = None,  # noqa: A002 - LangSmith's own word
    all_types: bool = False,
    inputs: bool = True,
    grace: timedelta = HOUR,
    patience_s: float = 900.0,
    client: Client | None = None,
    progress: Callable[[PullProgress], None] | None = None,
) -> PullReport:
    """Write the runs of a project as Parquet to `output/<project>/day=YYYY-MM-DD/`, oldest first.

    Windows of time that an earlier call has finished are not asked for again: the same call goes on after a crash,
    and brings what is new.

    Args:
        project: Its name or id.
        output: A local folder. Runs may hold secrets: what is made here is for its owner alone.
        since: The first start time; by default the project's first run, at most 400 days ago.
        until: Where to stop, excluded; by default now.
        filter: LangSmith's filter language.
        all_types: Take tools, chains and all others, too, not only model calls.
        inputs: Take the prompts; without them nothing is known of sound in them.
        grace: A window that ends later than this ago is pulled again by the next call.
        patience_s: Seconds of waiting for a server that fails or limits, after which the pull gives up.
        client: Whose server, key and workspace to use. Default: those of LANGSMITH_*.
        progress: Called after each page and before each wait.

    Raises:
        SettingsError: The project is missing, the key or the filter refused, the folder another pull's.
        HistoryError: The server cannot be asked. What was pulled is kept.
        OSError: The folder cannot be written. What was pulled is kept.
        MissingExtraError: pyarrow is not installed.
    """
    _need_arrow()
    began = time.monotonic()
    teller = _Teller(progress)
    patience = Patience(patience_s, teller.wait)
    with closing(connect(client)) as connection:
        found = find_project(connection, patience, project)
        selection = Selection(found.id, filter, None if all_types else "LLM", inputs)
        query = RunQuery(connection, patience, selection)
        span = _span(found, query, since, until)
        folder = project_folder(output, found.name)
        with folder_lock(folder):
            identity = Identity(found.id, found.name, filter, selection.run_type, inputs)
            manifest = Manifest(folder, identity)
            pull = FolderPull(folder, manifest, query, micros_of(grace), teller.far, PartLimits())
            pull.bring(span)
    return _report(found, folder, span, pull.done, manifest.entries(), patience, time.monotonic() - began)


def _need_arrow() -> None:
    with needing("Pulling runs", extra="history", package="pyarrow"):
        import pyarrow as pa  # noqa: F401 - whether it is here


def _span(project: Project, query: RunQuery, since: Moment | None, until: Moment | None) -> Window:
    """The times to pull.

    Raises:
        SettingsError: They are no times, or in the wrong order.
    """
    now_us = time.time_ns() // 1_000
    end = now_us if until is None else min(now_us, read_moment(until, now_us, "until"))
    start = _first(project, query, now_us) if since is None else read_moment(since, now_us, "since")
    if start >= end:
        raise SettingsError(f"since ({iso(start)}) is not before until ({iso(end)})", setting="since")
    return Window(start, end)


def _first(project: Project, query: RunQuery, now_us: int) -> int:
    """Where the project's runs begin: when it was made, unless it has older ones, which were sent later."""
    earliest = now_us - KEPT
    if project.start_us is None or not earliest < project.start_us < now_us:
        return earliest
    return earliest if query.has_any(Window(earliest, project.start_us)) else project.start_us


def _report(
    project: Project,
    folder: Path,
    span: Window,
    done: Done,
    entries: list[Entry],
    patience: Patience,
    seconds: float,
) -> PullReport:
    return PullReport(
        project=project.name,
        project_id=project.id,
        folder=str(folder),
        since=iso(span.start),
        until=iso(span.end),
        runs=done.runs,
        runs_in_folder=sum(entry.rows for entry in entries),
        windows=done.windows,
        parts=done.parts,
        bytes=done.bytes,
        again=sum(entry.state != "done" for entry in entries),
        unreadable=done.unreadable,
        requests=patience.requests,
        retries=patience.retries,
        waited_s=round(patience.waited_s, 3),
        seconds=round(seconds, 3),
    )


class _Teller:
    """Tells how far it is, and what is waited for."""

    def __init__(self, progress: Callable[[PullProgress], None] | None) -> None:
        self._progress = progress
        self._last = PullProgress(0.0, 0, "")

    def far(self, state: PullProgress) -> None:
        self._last = state
        if self._progress is not None:
            self._progress(state)

    def wait(self, note: str) -> None:
        logger.info("LangSmith: %s", note)
        last = self._last
        if self._progress is not None:
            self._progress(PullProgress(last.done, last.runs, last.at, note))
