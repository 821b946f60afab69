"""The calls of a project as a command's input: pulled and read into a folder that goes away after it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_respmeta.cli.progress_bar import ProgressBar, Step

if TYPE_CHECKING:
    from langchain_respmeta.history.bulk.progress import NormalizeProgress
    from langchain_respmeta.history.project_table import ProjectTable
    from langchain_respmeta.history.pull.report import PullProgress


@contextmanager
def pulled(
    project: str, *, since: datetime | None, until: datetime | None, by: Sequence[str] = ()
) -> Iterator[ProjectTable]:
    """Give the table of a project's calls, with a bar where a person looks on; it is gone at the end.

    Args:
        project: Its name or id.
        since: First start time.
        until: Where to stop, excluded.
        by: Keys to group by; those of the runs' own metadata are carried by the table.

    Raises:
        SettingsError: The project is missing or has no calls, or the key is refused.
        HistoryError: The server cannot be asked.
        MissingExtraError: A package is not installed.
    """
    from langchain_respmeta.charts.keys import TAGS, names
    from langchain_respmeta.history.project_table import table_of_project

    bar = ProgressBar()

    def pulling(now: PullProgress) -> None:
        bar.show(Step("pull", now.done, now.runs, "runs", now.at, now.note))

    def reading(now: NormalizeProgress) -> None:
        bar.show(Step("read", now.share, now.rows, "rows"))

    own = [key for key in by if key == TAGS or key not in names()]
    with tempfile.TemporaryDirectory(prefix="respmeta-") as folder:
        with bar:
            found = table_of_project(
                project, Path(folder), since=since, until=until, pulling=pulling, reading=reading, by=own
            )
        yield found
