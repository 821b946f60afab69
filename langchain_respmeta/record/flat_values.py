"""The scalars of a record as flat values, without texts and secrets: to filter and chart by, on runs and in tables."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, Final

from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.derived import COUNTED, DERIVED
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.secrets import texts_without_secrets
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

MAX_TEXT: Final = 500
"""Characters of a flat value."""


def flat_keys(draft: Draft, prefix: str) -> dict[str, Any]:
    """The scalars of a run: `respmeta_…`; what was not reported is left out."""
    return flat_of(without_content(draft), prefix)


def flat_of(facts: Draft, prefix: str) -> dict[str, Any]:
    """The same of a draft that is `without_content`."""
    keys = prefixed(prefix)
    found: dict[str, Any] = {keys["schema_version"]: SCHEMA_VERSION}
    for path, value in facts.items():
        key = keys.get(path)
        if key is not None and value is not None:
            found[key] = len(value) if isinstance(value, list) else value
    for name, derived in DERIVED.items():
        value = derived.told_of(facts)
        if value is not None:
            found[keys[name]] = value
    return _plain(texts_without_secrets(found))


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """What LangSmith can filter by: short texts, and numbers that JSON has."""
    for key, value in found.items():
        kind = value.__class__
        if kind is str:
            found[key] = value[:MAX_TEXT]
        elif kind is Decimal:
            found[key] = float(value)
    return found


@cache
def prefixed(prefix: str) -> dict[str, str]:
    """Path in the record (or name of what is computed) → key on the run."""
    names = {path: key for key, path in FLAT.items()}
    names |= {name: name for name in ("schema_version", *COUNTED, *DERIVED)}
    return {path: f"{prefix}_{name}" for path, name in names.items()}
