"""What one shape lacks of another: found, kept beside it, and laid over it again.

Both are JSON data. A difference has the form of what it is laid over: a mapping of the keys that differ; for a list of
objects of the same length a mapping of the places that differ (`{"0": {…}}`); else the whole value. None stands for
a key that is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SAME: Final = object()
"""No difference."""


def difference(wanted: Any, have: Any) -> Any:
    """What has to be laid over `have` to get `wanted`; `SAME` where that is nothing."""
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


def laid_over(have: Any, found: Any) -> Any:
    """`have` with a difference laid over it. Neither is changed."""
    if isinstance(found, Mapping):
        if isinstance(have, Mapping):
            return {**have, **{key: laid_over(have.get(key), item) for key, item in found.items()}}
        if isinstance(have, list):
            return [laid_over(item, found.get(str(place), SAME)) for place, item in enumerate(have)]
    return have if found is SAME else found
