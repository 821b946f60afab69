"""Colours of charts on a page: by name, so that one drawing is right in both themes and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, Final

from langchain_respmeta.charts.theme import THEMES, ThemeName

_PREFIX: Final = "--chart"
DATA: Final = frozenset({"datasets", "data", "domain", "sort"})
"""Parts of a specification whose texts are of strangers."""


def by_name(spec: Any) -> Any:
    """Return a specification that was drawn in the light theme, with names for its colours; data stay as they are."""
    if isinstance(spec, Mapping):
        if tuple(spec.get("range") or ()) == THEMES["light"].ramp:
            return {**spec, "type": "quantize", "range": [*_STEPS]}
        return {key: value if key in DATA else by_name(value) for key, value in spec.items()}
    if isinstance(spec, str):
        return _names().get(spec, spec)
    return [by_name(one) for one in spec] if isinstance(spec, Sequence) else spec


_STEPS: Final = tuple(
    f"color-mix(in oklab, var({_PREFIX}-ramp-1) {part}%, var({_PREFIX}-ramp-0))" for part in range(0, 101, 20)
)
"""From few to many: between colours with names only the browser can find others."""


@cache
def _names() -> Mapping[str, str]:
    return {colour: f"var({name})" for name, colour in _flat("light")}


@cache
def css() -> str:
    """Return the style that says what the names are in each theme."""
    light, dark = (" ".join(f"{name}: {colour};" for name, colour in _flat(theme)) for theme in THEMES)
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _flat(theme: ThemeName) -> Iterator[tuple[str, str]]:
    """Yield name and colour of all that a theme holds."""
    for role, held in asdict(THEMES[theme]).items():
        if isinstance(held, str):
            yield f"{_PREFIX}-{role}", held
        elif isinstance(held, Mapping):
            yield from (
                (f"{_PREFIX}-{role}-{name.replace('_', '-')}", colour) for name, colour in held.items()
            )
        else:
            yield from ((f"{_PREFIX}-{role}-{number}", colour) for number, colour in enumerate(held))
