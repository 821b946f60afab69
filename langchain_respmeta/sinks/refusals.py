"""`refusal_log`: a file with one JSON line for each answer that was declined or withheld."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.secrets import texts_without_secrets
from langchain_respmeta.sinks.line_files import append_line, open_lines, trouble_of
from langchain_respmeta.sinks.repeats import Repeats

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

logger: Final = logging.getLogger("langchain_respmeta")

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
        self._written: Final = Repeats[bool]()
        try:
            os.close(open_lines(self.path))
        except OSError as error:
            raise SettingsError(f"refusal_log: {self.path}: {trouble_of(error)}", setting="path") from None

    def __call__(self, record: RecordFields, /) -> None:
        """Append a line, if the record was refused and has none yet."""
        if not record.refused:
            return
        if self._written.before(record, True):  # noqa: FBT003 - an enricher found out more about it
            return
        try:
            self._append(json.dumps(_line(record)))
        except OSError as error:
            self._written.forget(record)
            warn_once(
                logger,
                ("refusal_log", str(self.path)),
                "refusals cannot be written to %s: %s. Later ones are lost, too, until that ends.",
                self.path,
                trouble_of(error),
            )

    def _append(self, line: str) -> None:
        file = open_lines(self.path)
        try:
            append_line(file, f"{line}\n".encode())
        finally:
            os.close(file)

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
