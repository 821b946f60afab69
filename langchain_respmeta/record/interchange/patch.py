"""The difference of two JSON values: found, stored, and applied again.

A difference has the form of the value that it is applied to: a mapping of the keys that differ; for two lists of objects
of the same length a mapping of the indexes that differ (`{"0": {…}}`); else the whole value. None marks an absent key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SAME: Final = object()
"""No difference."""


def difference(wanted: Any, have: Any) -> Any:
    """What turns `have` into `wanted` by `patched`; `SAME` if they are equal."""
    if isinstance(wanted, Mapping) and isinstance(have, Mapping):
        return _of_mappings(wanted, have) or SAME
    if _are_alike(wanted, have):
        found = {
            str(place): difference(want, had)
            for place, (want, had) in enumerate(zip(wanted, have, strict=True))
        }
        return {place: item for place, item in found.items() if item is not SAME} or SAME
    return SAME if wanted == have else wanted


def _of_mappings(wanted: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: None for key, had in have.items() if key not in wanted and had is not None}
    for key, want in wanted.items():
        item = difference(want, have[key]) if key in have else want
        if item is not SAME:
            found[key] = item
    return found


def _are_alike(wanted: Any, have: Any) -> bool:
    if not (isinstance(wanted, list) and isinstance(have, list) and len(wanted) == len(have)):
        return False
    return all(isinstance(item, Mapping) for item in (*wanted, *have))


def patched(have: Any, found: Any) -> Any:
    """`have` with a difference applied, as a copy."""
    if isinstance(found, Mapping):
        if isinstance(have, Mapping):
            return {**have, **{key: patched(have.get(key), item) for key, item in found.items()}}
        if isinstance(have, list):
            return [patched(item, found.get(str(place), SAME)) for place, item in enumerate(have)]
    return have if found is SAME else found
