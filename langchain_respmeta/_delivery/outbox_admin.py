"""What `respmeta outbox status | retry | export | purge` do."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.file_faults import file_trouble
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.state_dir import outbox_path
from langchain_respmeta.errors import SettingsError

__all__ = ["outbox_export", "outbox_purge", "outbox_retry", "outbox_status"]

_DAY_S: Final = 86_400
_EMPTY: Final = {"rows": 0, "bytes": 0, "sent": 0, "dropped_full": 0, "dropped_old": 0}


def outbox_status() -> dict[str, Any]:
    """Return where the outbox is and what waits in it, JSON-safe.

    Returns:
        `path`, `exists`, `rows`, `bytes`, over the life of the file `sent`, `dropped_full` and `dropped_old`,
        `limits` (rows, bytes, age_s), `damaged` (files moved aside), and `servers`: for each address `waiting`,
        `failed`, `not_due` (waiting for a later attempt), `oldest` (ISO time), `attempts` (most of any item) and
        `errors` (`said`, `rows`).
    """
    path = _path()
    settings = DeliverySettings.from_environment()
    found: dict[str, Any] = {
        "path": str(path),
        "exists": path.exists(),
        **_EMPTY,
        "limits": {"rows": settings.max_rows, "bytes": settings.max_bytes, "age_s": settings.max_age_s},
        "servers": [],
        "damaged": sorted(str(aside) for aside in path.parent.glob(f"{path.name}.damaged-*[0-9]")),
    }
    if path.exists():
        with _opened(path) as box:
            found |= {**box.tallies(), "servers": _servers(box)}
    return found


def _servers(box: Outbox) -> list[dict[str, Any]]:
    servers: dict[str, dict[str, Any]] = {}
    for url, state, rows, oldest, attempts, not_due in box.groups():
        server = servers.setdefault(
            url, {"api_url": url, "waiting": 0, "failed": 0, "not_due": 0, "attempts": 0}
        )
        server[state] = rows
        server["attempts"] = max(server["attempts"], attempts)
        server["oldest"] = min(server.get("oldest", "9"), datetime.fromtimestamp(oldest, UTC).isoformat())
        if state == "waiting":
            server["not_due"] = not_due
    for url, said, rows in box.errors():
        servers[url].setdefault("errors", []).append({"said": said, "rows": rows})
    return list(servers.values())


def outbox_retry(wait_s: float = 10.0) -> dict[str, int]:
    """Have failed items wait again, make every item due now, and deliver what the environment's client can reach.

    Args:
        wait_s: How long to wait for delivery; 0 only changes the rows, for running processes to deliver.

    Returns:
        `requeued` (had failed), `sent`, `failed` and `waiting` (afterwards; also those of other servers or processes).

    Raises:
        SettingsError: `wait_s` is no number of seconds from 0 to a day.
    """
    if not 0 <= wait_s <= _DAY_S:
        raise SettingsError(
            f"the seconds to wait (--wait) must be 0 to {_DAY_S:,}, not {wait_s}", setting="wait_s"
        )
    path = _path()
    if not path.exists():
        return {"requeued": 0, "sent": 0, "failed": 0, "waiting": 0}
    with _opened(path) as box:
        before = box.tallies()["sent"]
        requeued = box.retry_failed()
        if wait_s > 0:
            service.resume()
        until = time.monotonic() + wait_s
        while (states := _states(box))["waiting"] and time.monotonic() < until:
            time.sleep(0.05)
        return {"requeued": requeued, "sent": box.tallies()["sent"] - before, **states}


def _states(box: Outbox) -> dict[str, int]:
    found = {"failed": 0, "waiting": 0}
    for _, state, rows, *_ in box.groups():
        found[state] += rows
    return found


def outbox_export(path: str | Path) -> int:
    """Write every item, with state, attempts and last error, to `path` as JSON Lines (mode 0600). Returns how many.

    Raises:
        SettingsError: The outbox cannot be read, or `path` cannot be written.
    """
    source = _path()
    if not source.exists():
        return _write(path, ())
    with _opened(source) as box:
        return _write(path, box.export())


def _write(path: str | Path, rows: Iterable[dict[str, object]]) -> int:
    written = 0
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as target:
            for row in rows:
                target.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
                written += 1
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}", setting="path") from error
    return written


def outbox_purge(state: Literal["waiting", "failed"] | None = None, api_url: str | None = None) -> int:
    """Delete items for good, all or those of one state or server, and overwrite their bytes. Returns how many."""
    path = _path()
    if not path.exists():
        return 0
    with _opened(path) as box:
        return box.purge(state, api_url)


def _path() -> Path:
    try:
        path = outbox_path()
    except OSError as error:
        raise SettingsError(f"The outbox: {file_trouble(error)}", setting="RESPMETA_STATE_DIR") from error
    with _reported(path, "looked for"):
        path.exists()  # raises where the directory is closed to this user
    return path


@contextmanager
def _opened(path: Path) -> Iterator[Outbox]:
    settings = DeliverySettings.from_environment()
    with _reported(path, "opened"):
        box = Outbox(path, settings)
    try:
        with _reported(path, "used"):
            yield box
    finally:
        box.close()


@contextmanager
def _reported(path: Path, done: str) -> Iterator[None]:
    """Report a fault of a file in one line."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"The outbox {path} cannot be {done}: {file_trouble(error)}", setting="RESPMETA_STATE_DIR"
        ) from error
