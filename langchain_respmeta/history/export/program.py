"""`export_records`: records of any of their files into one file of Parquet, lines of JSON or comma-separated values."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_respmeta.charts.files import files_of
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.export.reading import LastVersions, batches_of
from langchain_respmeta.history.export.report import ExportProgress, ExportReport, Listener
from langchain_respmeta.history.pull.moments import Moment, moment_of, read_moment
from langchain_respmeta.table.files import FORMATS, Format, whole_file
from langchain_respmeta.table.schema import arrow, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa


def export_records(
    inputs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    progress: Listener | None = None,
) -> ExportReport:
    """Write records into one file, with the columns of the table of records, in bounded memory.

    Args:
        inputs: Files (`.parquet`, `.jsonl`, `.json`) or folders: what the sinks, `handler.records`, `respmeta normalize` and
            `ResponseMetadata.to_dict` write.
        output: The file: `.parquet`, `.jsonl` or `.csv`. One that is there is replaced when the new one is whole.
        since: Only calls that ended at or after this time.
        until: Only calls that ended before this time.
        progress: Is told now and then how far it is.

    Returns:
        Counts of what was written and of what was left out.

    Raises:
        SettingsError: There is nothing to read, an input is something else, or an argument is wrong.
        OSError: The file cannot be written; the one before is still there.
        MissingExtraError: pyarrow is not installed.
    """
    began = time.monotonic()
    path, form = Path(output), format_of(output)
    period = _Period(since, until)
    named = [inputs] if isinstance(inputs, str | os.PathLike) else [*inputs]
    files = [file for one in named for file in files_of(Path(one).expanduser())]
    report = ExportReport(output=str(path))
    with whole_file(path) as target, form(target) as write:
        for batch in _batches(files, report, progress):
            kept = period.of(batch)
            report.outside += batch.num_rows - kept.num_rows
            report.rows += kept.num_rows
            report.problems += kept.num_rows - kept.column("problem").null_count
            write(kept)
        _check(report, named)
    report.bytes, report.seconds = path.stat().st_size, round(time.monotonic() - began, 3)
    return report


def format_of(output: str | os.PathLike[str]) -> Format:
    """Return how a file of this name is written.

    Raises:
        SettingsError: No form has this ending.
    """
    path = Path(output)
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise SettingsError(f"{path}: give a file that ends in {', '.join(FORMATS)}", setting="output")
    return form


def _batches(files: list[Path], report: ExportReport, listener: Listener | None) -> Iterable[pa.RecordBatch]:
    last = LastVersions(files)
    sizes = [file.stat().st_size for file in files]
    done, whole = 0, max(1, sum(sizes))
    for file, size in zip(files, sizes, strict=True):
        for batch in batches_of(file, last, report):
            yield batch
            if listener is not None:
                listener(ExportProgress(done / whole, report.rows))
        done += size


def _check(report: ExportReport, named: list[str | os.PathLike[str]]) -> None:
    """See that there was a record.

    Raises:
        SettingsError: There were only lines of something else.
    """
    if report.skipped and not report.rows + report.outside:
        raise SettingsError(
            f"{', '.join(map(str, named))} holds no records: give what the sinks, `handler.records.to_…` or"
            " `respmeta normalize` wrote",
            setting="input",
        )


class _Period:
    """Rows of calls that ended in a period."""

    def __init__(self, since: Moment | None, until: Moment | None) -> None:
        now = time.time_ns() // 1_000
        self._since = None if since is None else read_moment(since, now, "since")
        self._until = None if until is None else read_moment(until, now, "until")

    def of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of a batch that are in it; without bounds all, with and without a time."""
        pa = arrow()
        for at, compare in (
            (self._since, pa.compute.greater_equal),
            (self._until, pa.compute.less),
        ):
            if at is not None:
                times = pa.compute.coalesce(batch.column("end_time"), batch.column("start_time"))
                bound = pa.scalar(moment_of(at), arrow_type("timestamp"))
                batch = batch.filter(compare(times, bound))
        return batch
