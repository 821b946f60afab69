"""What is left to do: the units of all files, without those that are done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.inputs import Source
from langchain_respmeta.history.bulk.job import Unit, UnitDone
from langchain_respmeta.history.bulk.units import cut

_READERS: Final = 8
"""Threads that read footers: on an object store each is a request or two."""


@dataclass(slots=True)
class Plan:
    """What is to be done."""

    units: list[Unit] = field(default_factory=list)
    """The largest first, so that all workers end at about the same time."""
    stale: list[str] = field(default_factory=list)
    """Units that are done, of files as they were before they changed."""
    changed: list[str] = field(default_factory=list)
    """Those files."""
    failed: dict[str, str] = field(default_factory=dict)
    """File → why it cannot be cut into units."""


def plan(sources: Iterable[Source], done: Mapping[str, UnitDone]) -> Plan:
    """Cut what is not done as a whole."""
    found = Plan()
    before: dict[str, list[UnitDone]] = {}
    for unit in done.values():
        before.setdefault(unit.source, []).append(unit)
    left = [source for source in sources if not _is_whole(source, before.get(source.url, []))]
    with ThreadPoolExecutor(_READERS) as pool:
        for source, units in zip(left, pool.map(_cut, left), strict=True):
            if isinstance(units, str):
                found.failed[source.url] = units
                continue
            stale = [unit.unit for unit in before.get(source.url, []) if unit.stamp != source.entry.stamp]
            if stale:
                found.stale += stale
                found.changed.append(source.url)
            found.units += [unit for unit in units if unit.id not in done or unit.id in stale]
    found.units.sort(key=lambda unit: -unit.weight)
    return found


def _is_whole(source: Source, done: list[UnitDone]) -> bool:
    return bool(done) and len(done) == done[0].of and all(unit.stamp == source.entry.stamp for unit in done)


def _cut(source: Source) -> list[Unit] | str:
    try:
        return cut(source)
    except HistoryError as fault:
        return str(fault)
    except (OSError, ValueError) as fault:  # Arrow's errors are either
        return f"cannot be read: {(str(fault).splitlines() or [type(fault).__name__])[0]}"
