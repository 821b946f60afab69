"""Charts of two sides beside each other: the same colours for the same names, and the same scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_HIGH: Final = "high"
"""Field where the bars of `charts` end."""

Spec = Mapping[str, Any]


def alike(first: Spec, second: Spec) -> tuple[Spec, Spec]:
    """Return two drawings of one chart with the first one's colours, and one scale for heights."""
    known = dict(_colours(first))
    top = max((*_heights(first), *_heights(second)), default=None)
    return _scaled(first, top), _scaled(_coloured(second, known), top)


def _is_scale(part: Any) -> bool:
    return (
        isinstance(part, Mapping)
        and isinstance(part.get("domain"), list)
        and isinstance(part.get("range"), list)
        and len(part["domain"]) == len(part["range"])
    )


def _colours(part: Any) -> Iterator[tuple[str, str]]:
    """Yield name and colour of each scale of colours."""
    if _is_scale(part):
        yield from zip(part["domain"], part["range"], strict=True)
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from _colours(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _colours(inner)


def _coloured(part: Any, known: Mapping[str, str]) -> Any:
    """Return a part with the known colours; names that only it has take those that are left."""
    if _is_scale(part):
        return {**part, "range": _taken(part["domain"], part["range"], known)}
    if isinstance(part, Mapping):
        return {key: _coloured(inner, known) for key, inner in part.items()}
    return [_coloured(inner, known) for inner in part] if isinstance(part, list) else part


def _taken(names: Sequence[str], own: Sequence[str], known: Mapping[str, str]) -> list[str]:
    used = {known[name] for name in names if name in known}
    left = iter([colour for colour in dict.fromkeys((*own, *known.values())) if colour not in used])
    return [
        known[name] if name in known else next(left, colour) for name, colour in zip(names, own, strict=True)
    ]


def _heights(spec: Spec) -> Iterator[float]:
    """Yield where the bars of a chart end; nothing of a chart of another kind."""
    if "y2" not in spec.get("encoding", {}):
        return
    for rows in (spec.get("data", {}).get("values", ()), *spec.get("datasets", {}).values()):
        yield from (row[_HIGH] for row in rows if isinstance(row.get(_HIGH), int | float))


def _scaled(spec: Spec, top: float | None) -> Spec:
    if top is None or "y2" not in spec.get("encoding", {}):
        return spec
    y = spec["encoding"]["y"]
    return {
        **spec,
        "encoding": {**spec["encoding"], "y": {**y, "scale": {**(y.get("scale") or {}), "domainMax": top}}},
    }
