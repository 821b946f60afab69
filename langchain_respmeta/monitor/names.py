"""Messages about names that are not known."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


def unknown(setting: str, name: str, known: Collection[str], hint: str = "") -> str:
    """Return what to tell about a name that is not `known`: names that are near it, else all, and what else can be done."""
    near = get_close_matches(name, known, 3)
    told = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known are {', '.join(known)}"
    return f"{setting}: {name!r} is unknown; {told}" + (f" Or {hint}" if hint else "")
