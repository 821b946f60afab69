"""The output folder between two runs of the program: what it was made with, what is done, what is left of a killed one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from langchain_respmeta.errors import HistoryError, SettingsError
from langchain_respmeta.history.bulk.job import Job, UnitDone
from langchain_respmeta.history.bulk.output import ASIDE, BAD, DONE
from langchain_respmeta.history.bulk.places import UNFINISHED, Place, is_hidden
from langchain_respmeta.history.bulk.units import CUTS

MANIFEST: Final = "_normalize.json"
_READERS: Final = 16
"""Threads that read markers: on an object store each is a request."""
_OPTIONS: Final = {
    "provider": "--provider",
    "include_content": "--include-content",
    "prices": "--prices",
    "by": "--by",
}


def claim(output: Place, job: Job, *, is_held: bool = True) -> None:
    """Say in the folder what the table is made with, or see that it is made with the same; unless it is held, only look.

    Raises:
        SettingsError: It holds other files, or a table that was made otherwise; the message says what to do.
        OSError: It cannot be written.
    """
    manifest = output / MANIFEST
    wanted = _settings(job)
    if manifest.kind() == "file":
        _compare(output, _json(manifest), wanted)
        return
    strange = next((e.place for e in output.files() if not is_hidden(e.place, output)), None)
    if strange is not None:
        raise SettingsError(
            f"{output} holds files that are not of this table ({strange}): choose an empty or new folder",
            setting="output",
        )
    if is_held:
        manifest.write(json.dumps(wanted, indent=2).encode())


def _settings(job: Job) -> dict[str, Any]:
    from langchain_respmeta.table.schema import TABLE_VERSION

    told = job.to_dict()
    return {"table_version": TABLE_VERSION, "cuts": CUTS, **{name: told[name] for name in _OPTIONS}}


def _compare(output: Place, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    other = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
    options = [f"{_OPTIONS[name]} was {_word(value)}" for name, value in other.items() if name in _OPTIONS]
    if options:
        raise SettingsError(
            f"{output} was made otherwise ({', '.join(options)}): use the same options, or another folder",
            setting="output",
        )
    if other:
        raise SettingsError(
            f"{output} was made by another version of langchain-respmeta (table version {found.get('table_version')}): "
            "go on with that version, or use another folder",
            setting="output",
        )


def _word(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or "not given"
    return {True: "on", False: "off", None: "not given"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]


def _json(place: Place) -> Any:
    try:
        return json.loads(place.read())
    except ValueError:
        raise HistoryError(f"{place} is no JSON: delete it, and the folder, to begin anew") from None


def done_units(output: Place) -> dict[str, UnitDone]:
    """Return what earlier runs of the program finished, by the units' ids."""
    places = [entry.place for entry in (output / DONE).files() if entry.place.path.endswith(".json")]
    with ThreadPoolExecutor(_READERS) as pool:
        found = [UnitDone.from_dict(told) for told in pool.map(_json, places)]
    return {done.unit: done for done in found}


def forget(output: Place, units: Iterable[str]) -> None:
    """Forget that units are done. `clean` then deletes what they became."""
    for unit in units:
        (output / DONE / f"{unit}.json").delete()


def clean(output: Place, done: Iterable[str]) -> None:
    """Delete what belongs to no unit that is done: left by a program that was killed, or of a file that has changed."""
    (output / ASIDE).delete()
    whole = set(done)
    for entry in output.files():
        below = entry.place.path[len(output.path) :].strip("/")
        unit = _unit_of(below)
        is_unfinished = below.startswith("_") and below.endswith(UNFINISHED)
        if is_unfinished or (unit is not None and unit not in whole):
            entry.place.delete()


def _unit_of(below: str) -> str | None:
    """The unit that a file of the output is of; None for other files."""
    folder, _, name = below.rpartition("/")
    if folder.startswith("day=") and name.startswith("part-"):
        return name.removeprefix("part-").rpartition("-")[0]
    if folder == BAD:
        return name.removesuffix(".jsonl")
    return None
