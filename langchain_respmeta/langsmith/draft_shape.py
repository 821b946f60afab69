"""The shape of a draft: what is known of it before its values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from langchain_respmeta.record.allowed_facts import OWN_FACTS
from langchain_respmeta.record.flat_values import prefixed
from langchain_respmeta.record.secrets import is_secret_name, text_without_secrets

NUMBERS: Final = frozenset({int, float, bool})
HOLDERS: Final = frozenset({dict, list})
_KNOWN: Final = NUMBERS | HOLDERS | {str, Decimal, datetime, type(None)}
_NEVER_FLAT: Final = frozenset({dict, datetime})


class Shape:
    """What is known of a draft before its values: paths, types, and how its run is stamped.

    The run's own facts have no types here: the run has them already.
    """

    def __init__(
        self,
        paths: Sequence[str],
        kinds: Sequence[type],
        prefix: str,
        *,
        include_content: bool,
        hidden: bool,
        own_ids: bool = False,
    ) -> None:
        self.kinds = {path: kind for path, kind in zip(paths, kinds, strict=True) if path not in OWN_FACTS}
        self.index = {path: number for number, path in enumerate(paths)}
        self.prefix = prefix
        self.include_content = include_content
        self.hidden = hidden
        self.own_ids = own_ids
        self.names: dict[str, Any] = {}
        """What the function's text refers to."""

    def of(self, *kinds: type) -> list[str]:
        """Paths of values of these types, in the draft's order."""
        return [path for path, kind in self.kinds.items() if kind in kinds]

    def value(self, path: str, letter: str = "v") -> str:
        """The local name of a path's value (`v3`), of its text without content (`t3`), or as it stands in the record (`r3`)."""
        return f"{letter}{self.index[path]}"

    @property
    def is_simple(self) -> bool:
        """Whether a straight function can be made: of types that are known here, and names that nest once, none a secret's."""
        groups = {path.partition(".")[0] for path in self.kinds if "." in path}
        flat = prefixed(self.prefix)
        return (
            not (groups & self.kinds.keys())
            and "schema_version" not in self.kinds
            and all(kind in _KNOWN for kind in self.kinds.values())
            and not any(kind in _NEVER_FLAT for path, kind in self.kinds.items() if path in flat)
            and all(_is_plain_name(name) for path in self.kinds for name in (path, *path.split(".", 1)))
            and _is_plain_name(self.prefix)
        )


def _is_plain_name(name: str) -> bool:
    return not is_secret_name(name) and text_without_secrets(name) == name
