"""`respmeta purge`: stored runs of the embedded server, removed for good."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from langchain_respmeta.cli.exit_codes import DONE, INCOMPLETE
from langchain_respmeta.cli.output import say, say_json
from langchain_respmeta.cli.progress_bar import ProgressBar, Step
from langchain_respmeta.cli.questions import require_yes
from langchain_respmeta.cli.stopping import Stopped
from langchain_respmeta.errors import SettingsError

if TYPE_CHECKING:
    from langchain_respmeta.local import Store
    from langchain_respmeta.local.store.purge import Purge
    from langchain_respmeta.local.store.removal import PurgeCounts

_WAL: Final = ("", "-wal")
_IN_USE: Final = "the file is in use, so it keeps the room of what was removed; the same command gives it back when the server is not busy"

_STOPPED: Final = "stopped. What was removed is gone; the same command goes on"


def purge(
    older_than: Annotated[
        str | None,
        typer.Option(
            help="Traces of which no run has started since: 30d, 12h, a date or a time; 0d for all of them."
        ),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            "--project", "-p", help="Only this project's runs; without --older-than the project itself, too."
        ),
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(help="The oldest traces, until the file has at most this size: 500MB, 2GB."),
    ] = None,
    db: Annotated[
        Path | None,
        typer.Option(help="The server's SQLite file; by default the one in your state directory."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be removed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Remove stored runs of the embedded server for good, with their feedback and files. It may run meanwhile."""
    size = _most(max_size)
    if (older_than is None and project is None) == (size is None):
        raise SettingsError(
            "name what to remove: --older-than 30d, --project NAME, or both; or --max-size 2GB alone",
            setting="older_than",
        )
    with closing(_store(db)) as store:
        if size is None:
            done = _purge(store, older_than, project, yes=yes, dry_run=dry_run)
        else:
            done = _purge_to(store, size, yes=yes, dry_run=dry_run)
    if as_json:
        say_json(done.to_dict())
    else:
        say(done.describe())
    if not done.gave_back:
        sys.stderr.write(f"respmeta: {_IN_USE}\n")
    raise typer.Exit(DONE if done.gave_back else INCOMPLETE)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was removed, or would be."""

    db: str
    dry_run: bool
    counts: PurgeCounts
    bytes_before: int
    bytes_after: int
    gave_back: bool
    about: bool = False
    """The counts are an estimate."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "db": self.db,
            "dry_run": self.dry_run,
            **self.counts.to_dict(),
            "bytes_before": self.bytes_before,
            "bytes_after": self.bytes_after,
        }

    def describe(self) -> str:
        told = f"{'would be removed' if self.dry_run else 'removed'}: {'about ' if self.about else ''}{_counted(self.counts)}"
        sizes = (
            ""
            if self.dry_run
            else f"\n{self.db}: {_mb(self.bytes_before)} before, {_mb(self.bytes_after)} now"
        )
        return f"{told}{sizes}"


def _store(db: Path | None) -> Store:
    from langchain_respmeta.local import Store, default_db

    path = default_db() if db is None else db.expanduser()
    if not path.is_file():
        raise SettingsError(f"there is no database {path}; name the server's with --db", setting="db")
    return Store(path)


def _purge(store: Store, older_than: str | None, project: str | None, *, yes: bool, dry_run: bool) -> _Done:
    from langchain_respmeta.local.store.purge import count, remove

    what = _what(store, older_than, project)
    found, before = count(store, what), _size(store.path)
    if dry_run:
        return _Done(str(store.path), dry_run, found, before, before, gave_back=True)
    if found.is_any:
        require_yes(f"Remove {_counted(found)} of {store.path} for good?", given=yes)
    bar = ProgressBar()

    def show(now: PurgeCounts) -> None:
        bar.show(Step("purge", now.runs / max(found.runs, 1), now.runs, "runs"))

    try:
        with bar:
            counts = remove(store, what, show)
            gave_back = store.give_back_space()
    except KeyboardInterrupt:
        raise Stopped(_STOPPED) from None
    return _Done(str(store.path), dry_run, counts, before, _size(store.path), gave_back)


def _purge_to(store: Store, size: int, *, yes: bool, dry_run: bool) -> _Done:
    """Remove the oldest traces until the file has this size."""
    from langchain_respmeta.local.store.retention import remove_oldest

    before, found = _size(store.path), _share_beyond(store, size)
    if dry_run:
        return _Done(str(store.path), dry_run, found, before, before, gave_back=True, about=True)
    if found.is_any:
        require_yes(f"Remove about {_counted(found)} of {store.path} for good?", given=yes)
    bar = ProgressBar()

    def show(now: PurgeCounts) -> None:
        bar.show(Step("purge", min(1.0, now.runs / max(found.runs, 1)), now.runs, "runs"))

    try:
        with bar:
            counts = remove_oldest(store, size, show)
            gave_back = store.give_back_space()
    except KeyboardInterrupt:
        raise Stopped(_STOPPED) from None
    return _Done(str(store.path), dry_run, counts, before, _size(store.path), gave_back)


def _share_beyond(store: Store, size: int) -> PurgeCounts:
    """About how much is beyond a size, if all runs have the same one."""
    from langchain_respmeta.local.store.removal import PurgeCounts
    from langchain_respmeta.local.store.space import space_of

    with store.read() as connection:
        used = space_of(store, connection).used
        traces, runs = connection.execute("SELECT COUNT(DISTINCT trace_id), COUNT(*) FROM runs").fetchone()
    share = max(0.0, 1 - size / used)
    return PurgeCounts(traces=ceil(traces * share), runs=ceil(runs * share))


def _most(max_size: str | None) -> int | None:
    from langchain_respmeta._process.settings import SERVER, read_text

    if max_size is None:
        return None
    size: int | None = read_text(SERVER["max_size"], max_size, "--max-size")
    return size


def _what(store: Store, older_than: str | None, project: str | None) -> Purge:
    from langchain_respmeta.history.pull.moments import read_moment
    from langchain_respmeta.local.store.purge import Purge

    before = None if older_than is None else read_moment(older_than, time.time_ns() // 1_000, "--older-than")
    return Purge(before, None if project is None else _project_id(store, project))


def _project_id(store: Store, name: str) -> str:
    with store.read() as connection:
        found = dict(connection.execute("SELECT name, id FROM sessions ORDER BY start_us DESC").fetchall())
    if name not in found:
        others = ", ".join(map(repr, list(found)[:5])) or "none"
        raise SettingsError(f"{store.path} has no project {name!r}; there are {others}", setting="project")
    return str(found[name])


def _counted(counts: PurgeCounts) -> str:
    return ", ".join(
        f"{number:,} {name if number != 1 or name == 'feedback' else name.removesuffix('s')}"
        for name, number in counts.to_dict().items()
        if number or name == "runs"
    )


def _size(path: Path) -> int:
    return sum(file.stat().st_size for end in _WAL if (file := Path(f"{path}{end}")).exists())


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
