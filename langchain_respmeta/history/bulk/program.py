"""`normalize_files`: files of runs into a table in files."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import uuid4

from langchain_respmeta._reading.normalize import with_provider
from langchain_respmeta.errors import HistoryError, SettingsError
from langchain_respmeta.history.bulk.engines import Engine, engine_of
from langchain_respmeta.history.bulk.inputs import Sources, find_sources
from langchain_respmeta.history.bulk.job import Job, UnitDone
from langchain_respmeta.history.bulk.ledger import claim, clean, done_units, forget
from langchain_respmeta.history.bulk.lock import sole_writer
from langchain_respmeta.history.bulk.output import ASIDE, OutputError, writing
from langchain_respmeta.history.bulk.places import Place, delete_quietly, place_of
from langchain_respmeta.history.bulk.plan import plan
from langchain_respmeta.history.bulk.progress import Listener, Meter
from langchain_respmeta.history.bulk.report import NormalizeReport, sums
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.record.allowed_facts import names_of

REPORT: Final = "_report.json"
"""The last report, in the output."""


def normalize_files(
    inputs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    engine: str = "local",
    workers: int | None = None,
    provider: str | None = None,
    include_content: bool = True,
    prices: bool = True,
    by: Sequence[str] = (),
    progress: Listener | None = None,
) -> NormalizeReport:
    """Read files of runs into a table of records, in files by day. What is done already is not done again.

    Args:
        inputs: Files, folders (read with all below them, without names that begin with `_` or `.`) or patterns (`*`, `**`)
            of Parquet or JSON Lines, as paths or URLs of any file system that Arrow or fsspec has.
        output: Folder of the table, as a path or URL: `day=YYYY-MM-DD/part-*.parquet`. Where an earlier run was ended,
            this one goes on.
        engine: `local` (processes of this machine), `ray` or `spark`.
        workers: How many units at a time; by default as many as there are cores, or as the cluster has.
        provider: Who answered, where the runs do not show it: a provider's name, or the address that was called.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the table.
        prices: Whether the cost is computed where the provider did not report it, by the list prices of the run's time.
        by: Keys of the runs' own metadata that the table carries, such as `("user_id",)`; `"tags"` carries their tags.
        progress: Is told now and then how far it is, on the caller's thread.

    Returns:
        Counts of all that was named and is now in the table, and what could not be read.

    Raises:
        SettingsError: An argument is wrong, nothing is to be read, or the output was made with other options.
        ProviderError: Nobody is known by the name of `provider`.
        HistoryError: The output cannot be written, or another program writes into it.
        MissingExtraError: A package is not installed.
    """
    run_units = engine_of(engine)
    if workers is not None and workers < 1:
        raise SettingsError(f"workers is 1 or more, not {workers}", setting="workers")
    if provider is not None:
        with_provider(RunStart(), provider)
    folder = place_of(output)
    sources = find_sources([inputs] if isinstance(inputs, str | os.PathLike) else inputs, folder)
    job = Job(str(folder), uuid4().hex, provider, include_content, prices, names_of(by))
    with writing(str(folder)):
        claim(folder, job, is_held=False)
        folder.make_folder()
        with sole_writer(folder, job.attempt):
            claim(folder, job)
            report = _Run(folder, job, sources).to_the_end(run_units, workers, progress)
            (folder / REPORT).write(json.dumps(report.to_dict(), indent=2).encode())
            return report


class _Run:
    """One run of the program, with what is known so far."""

    def __init__(self, folder: Place, job: Job, sources: Sources) -> None:
        self.folder, self.job, self.sources = folder, job, sources
        self.urls = {source.url for source in sources.files}
        self.done = done_units(folder)
        self.plan = plan(sources.files, self.done)
        self.failed = dict(self.plan.failed)

    def to_the_end(
        self, run_units: Engine, workers: int | None, listener: Listener | None
    ) -> NormalizeReport:
        """Do what is left to do."""
        began = time.monotonic()
        self._clean()
        rows_before = sums(self._named())["rows"]
        try:
            if self.plan.units:
                self._do(run_units, workers, Meter(self.plan.units, listener))
        finally:
            delete_quietly(self.folder / ASIDE)
        return NormalizeReport(
            output=str(self.folder),
            files=len(self.urls),
            done=len(self.urls) - len(self.failed),
            failed=self.failed,
            ignored=self.sources.ignored,
            changed=self.plan.changed,
            **sums(self._named()),
            rows_before=rows_before,
            seconds=round(time.monotonic() - began, 3),
        )

    def _clean(self) -> None:
        forget(self.folder, self.plan.stale)
        for unit in self.plan.stale:
            del self.done[unit]
        clean(self.folder, self.done)

    def _do(self, run_units: Engine, workers: int | None, meter: Meter) -> None:
        left = {unit.id for unit in self.plan.units}
        for done in run_units(self.plan.units, self.job, workers=workers, tick=meter.tick):
            if done.is_fatal:
                raise OutputError(
                    f"{done.failure} ({meter.progress.done} of {meter.progress.units} units are done)"
                )
            left.remove(done.unit)
            if done.failure is None:
                self.done[done.unit] = done
            else:
                self.failed.setdefault(done.source, done.failure)
            meter.finish(done)
        if left:
            raise HistoryError(
                f"the engine did not do {len(left)} of {meter.progress.units} units: run the same command again"
            )

    def _named(self) -> list[UnitDone]:
        return [unit for unit in self.done.values() if unit.source in self.urls]
