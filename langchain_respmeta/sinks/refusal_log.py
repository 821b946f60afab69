"""`refusal_log`: a file with one JSON line for each answer that was declined or withheld."""

from __future__ import annotations

import errno
import json
import logging
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.secrets import texts_without_secrets

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

logger: Final = logging.getLogger("langchain_respmeta")

MOST_REMEMBERED: Final = 10_000
"""Runs whose lines are not written again when their records come again."""

_OPEN: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_MODE: Final = 0o600  # like the outbox: reasons may be private
_IDS: Final = ("run_id", "trace_id", "response_id", "request_id", "provider", "model", "finish_reason")


def refusal_log(path: str | os.PathLike[str]) -> RefusalLog:
    """Make a sink that appends one JSON line for each refused record to a file.

    A line holds `timestamp`, the ids (`run_id`, `trace_id`, `response_id`, `request_id`), `provider`, `model`, `finish_reason`, and
    the refusal's `source`, `category` and `reason`, as far as they are known. The reason is there only if the record holds it
    (`include_content=True`), and without what looks like a key.

    Threads, processes and forked children may write to one file: each line is one write to its end. A full disk, or a file that
    cannot be written any more, is told once in the log of this package, and raises nothing.

    Args:
        path: The file. It is made if it is not there, for this user alone; its directory must be there.

    Raises:
        SettingsError: The file cannot be written.

    Examples:
        >>> RespMetaHandler(sinks=[refusal_log("refusals.jsonl")])  # doctest: +SKIP
        >>> refusal_log("refusals.jsonl")(normalize(response))  # doctest: +SKIP
    """
    return RefusalLog(path)


class RefusalLog:
    """The sink that `refusal_log` makes. Holds no file open and no lock, so it can be copied, pickled and forked."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path: Final = Path(path).absolute()
        self._written: Bounded[tuple[str, int | None], None] = Bounded(MOST_REMEMBERED)
        try:
            file = os.open(self.path, _OPEN, _MODE)
            try:
                self._is_cut = _ends_open(file)
            finally:
                os.close(file)
        except OSError as error:
            raise SettingsError(f"refusal_log: {self.path}: {_trouble(error)}", setting="path") from None

    def __call__(self, record: RecordFields, /) -> None:
        """Append a line, if the record was refused and has none yet."""
        if not record.refused:
            return
        key = (record.run_id, record.candidate_index) if record.run_id is not None else None
        if key is not None:
            if key in self._written:  # an enricher found out more about it
                return
            self._written.keep(key, None)
        try:
            self._append(json.dumps(_line(record)))
        except OSError as error:
            if key is not None:
                self._written.pop(key, None)
            warn_once(
                logger,
                ("refusal_log", str(self.path)),
                "refusals cannot be written to %s: %s. Later ones are lost, too, until that ends.",
                self.path,
                _trouble(error),
            )

    def _append(self, line: str) -> None:
        """Write a line with one write to the file's end, which no other writer's can come into.

        Raises:
            OSError: It could not be written whole.
        """
        data = f"{line}\n".encode()
        file = os.open(self.path, _OPEN, _MODE)
        try:
            if self._is_cut:
                data = b"\n" + data
            written = os.write(file, data)
        finally:
            os.close(file)
        self._is_cut = 0 < written < len(data)
        if written < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def __repr__(self) -> str:
        return f"refusal_log({str(self.path)!r})"


def _line(record: RecordFields) -> dict[str, Any]:
    refusal = record.refusal
    told = {
        "timestamp": (record.received_at or datetime.now(UTC)).isoformat(),
        **{name: getattr(record, name) for name in _IDS},
        "source": refusal.source if refusal else None,
        "category": refusal.category if refusal else None,
        "reason": refusal.reason if refusal else None,
    }
    return texts_without_secrets({name: value for name, value in told.items() if value is not None})


def _ends_open(file: int) -> bool:
    """Whether the file's last line has no end: a full disk cut it."""
    if not stat.S_ISREG(os.fstat(file).st_mode) or not os.lseek(file, 0, os.SEEK_END):
        return False
    os.lseek(file, -1, os.SEEK_END)
    return os.read(file, 1) != b"\n"


def _trouble(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "its directory is not there; make it, or name another file"
    return error.strerror or type(error).__name__
