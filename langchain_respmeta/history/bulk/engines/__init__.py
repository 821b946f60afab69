"""Who does the units: processes of this machine, Ray, or Spark. Each is a thin way to call `work.do_unit` elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Final, Protocol, cast

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone

Tick = Callable[[int], None]
"""Is told how many more rows were read, now and then, on the thread that iterates. Optional: for the progress bar only."""


class Engine(Protocol):
    """The function `run_units` of a module of this folder."""

    def __call__(
        self, units: Sequence[Unit], job: Job, *, workers: int | None = None, tick: Tick | None = None
    ) -> Iterator[UnitDone]:
        """Do all units, each by `work.do_unit(unit, job)`, and give what became of each as soon as it is known.

        Any order; each unit once. A unit that is done twice (a task that was tried again) is harmless. `do_unit` does not
        raise for what is wrong with a file or with the output: it says so in `UnitDone.failure`.

        Args:
            units: Parts of files, the largest first.
            job: What all units share.
            workers: How many at a time; None: what the machine or the cluster has.
            tick: See `Tick`.

        Raises:
            MissingExtraError: The engine's package is not installed.
            HistoryError: The engine itself failed.
        """
        ...


ENGINES: Final[Mapping[str, str]] = {name: f"{__name__}.{name}" for name in ("local", "ray", "spark")}
"""Name → module with a function `run_units`."""


def engine_of(name: str) -> Engine:
    """Return the engine of a name.

    Raises:
        SettingsError: There is none.
    """
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise SettingsError(f"engine is one of {known}, not {name!r}", setting="engine")
    return cast("Engine", import_module(ENGINES[name]).run_units)
