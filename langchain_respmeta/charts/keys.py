"""What records can be grouped by: the names of their facts, their tags, and keys of the run's own metadata."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from langchain_respmeta.charts.engine import text
from langchain_respmeta.charts.facts import facts
from langchain_respmeta.charts.source import RELATION, Source
from langchain_respmeta.errors import SettingsError

TAGS: Final = "tags"
"""The key by which a call with several tags counts once in each of them."""

_MODEL: Final = "model"
_MODEL_SQL: Final = "coalesce(model, requested_model)"
"""A call that failed names no model: it counts under the one that it asked for, as in the monitor and in sums."""
_WORDS: Final = frozenset({"VARCHAR", "BOOLEAN"})
_NUMBERS: Final = frozenset({"error_status", "attempt", "graph_step"})
_NO_KEYS: Final = frozenset({"problem"})
_MOST_LISTED: Final = 40


def names() -> tuple[str, ...]:
    """Return the facts that calls can be grouped by, and `tags`."""
    return (
        *(
            one.name
            for one in facts()
            if (one.type in _WORDS or one.name in _NUMBERS) and one.name not in _NO_KEYS
        ),
        TAGS,
    )


def key_sql(source: Source, key: str) -> str:
    """Return the expression of a key's values, as texts.

    Raises:
        SettingsError: No fact is called so, and no record's own metadata has such a key.
    """
    if key == TAGS:
        return f"unnest(CASE WHEN len({TAGS}) > 0 THEN {TAGS} ELSE [NULL] END)"
    if key == _MODEL:
        return _MODEL_SQL
    if key in names():
        return f"CAST({key} AS VARCHAR)"
    own = metadata_keys(source)
    if key not in own and source.engine.asked(f"SELECT 1 FROM {source.relation} LIMIT 1"):
        raise _unknown(key, own)
    return f"json_extract_string(metadata, {text(_pointer(key))})"


def is_told(source: Source, key: str) -> bool:
    """Return whether any record has a value of a key, other than `tags`."""
    return bool(source.rows(f"SELECT 1 FROM {RELATION} WHERE {key_sql(source, key)} IS NOT NULL LIMIT 1"))


def metadata_keys(source: Source) -> list[str]:
    """Return the keys of the runs' own metadata that the records carry, those of any period."""
    found = source.engine.asked(
        f"SELECT DISTINCT unnest(json_keys(metadata)) AS key FROM {source.relation} WHERE metadata IS NOT NULL ORDER BY key"
    )
    return [key for (key,) in found]


def _pointer(key: str) -> str:
    """Return a JSON pointer: a key may have any sign in it."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _unknown(key: str, own: list[str]) -> SettingsError:
    known = [*names(), *own]
    near = get_close_matches(key, known, n=3)
    carried = (
        ", ".join(own[:_MOST_LISTED])
        if own
        else f"none: RespMetaHandler(by=[{key!r}]) makes records carry it"
    )
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return SettingsError(
        f"nothing to group by is called {key!r}.{meant} Known are {', '.join(names())},"
        f" and the keys of the runs' own metadata ({carried})",
        setting="by",
    )


def known(name: str, among: Mapping[str, Any] | Sequence[str], setting: str) -> None:
    """See that a name is one of several.

    Raises:
        SettingsError: It is not.
    """
    if name not in among:
        raise SettingsError(f"{setting} is none of {', '.join(among)}: {name!r}", setting=setting)
