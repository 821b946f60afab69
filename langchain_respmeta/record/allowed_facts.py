"""The facts of a run's own that a record carries: which ones always, and which ones the user allows.

Apart from `own_facts`, as a handler is made without loading what reads its runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.errors import SettingsError

NAMES: Final = ("run_name", "thread_id", "agent_name", "graph_node", "graph_step")
"""Fields that are always carried."""

TAGS: Final = "tags"
METADATA: Final = "metadata"

OWN_FACTS: Final = frozenset({*NAMES, TAGS, METADATA})
"""All fields of a run's own."""

MAX_KEYS: Final = 32
"""Keys of metadata that may be allowed."""

MAX_KEY: Final = 128
"""Characters of one of them."""


class Allowed(NamedTuple):
    """What else of a run its record may carry."""

    keys: tuple[str, ...] = ()
    """Keys of the run's metadata."""
    tags: bool = False
    """Whether its tags."""


def names_of(by: Any, setting: str = "by") -> tuple[str, ...]:
    """The names in a `by` argument: a sequence of texts, or one text with commas between them.

    Args:
        by: What was given.
        setting: What it was given as: the argument, or its variable.

    Raises:
        SettingsError: It is neither, has too many names or one that is too long, or one that stands over a secret.
    """
    names = by.split(",") if isinstance(by, str) else by
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise SettingsError(
            f'{setting} must be names of keys of the runs\' metadata, such as ("user_id", "tags"), got {by!r}',
            setting=setting,
        )
    found = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not found:
        return found
    if len(found) > MAX_KEYS:
        raise SettingsError(f"{setting} must be at most {MAX_KEYS} names, got {len(found)}", setting=setting)
    with loading:
        from langchain_respmeta.record.secrets import is_secret_name
    for name in found:
        if len(name) > MAX_KEY or is_secret_name(name):
            why = f"has more than {MAX_KEY} characters" if len(name) > MAX_KEY else "names a secret"
            raise SettingsError(
                f"{setting}: {name[:MAX_KEY]!r} {why}: leave it out, records do not carry it", setting=setting
            )
    return found


NO_MORE: Final = Allowed()
"""What a handler allows that is told nothing; compared by identity, as most runs have it."""


@lru_cache(maxsize=256)
def allowed(*names: str) -> Allowed:
    """What these names allow; a field that is always carried needs no key."""
    keys = tuple(name for name in names if name not in OWN_FACTS)
    return Allowed(keys, TAGS in names) if keys or TAGS in names else NO_MORE
