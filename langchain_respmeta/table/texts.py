"""Texts of one column, shown without content and without secrets: what repeats is looked at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.record import content
from langchain_respmeta.record.flat_values import MAX_TEXT
from langchain_respmeta.record.plain import writable
from langchain_respmeta.record.secrets import holds_head, text_without_secrets
from langchain_respmeta.record.shown_texts import LONGEST

Texts: TypeAlias = Callable[[Sequence[str]], Sequence[str]]
"""A column of texts → what stands in their places."""

_MAX_KEPT: Final = 2_048
"""Texts kept of each field."""

IDS: Final = frozenset({"response_id", "request_id", "routing.upstream_id"})
"""Other in each call: they are looked at together."""


class _Shown(Bounded[str, str]):
    """Text → what stands in its place. Kept is what may leave as it is: nobody's words, and no secret, stay in memory."""

    def __init__(self, show: Callable[[str], str]) -> None:
        super().__init__(_MAX_KEPT)
        self._show = show

    def __missing__(self, text: str) -> str:
        shown = self._show(text)
        if shown == text and len(text) <= LONGEST and text_without_secrets(text) == text:
            self.keep(text, text)
        return shown


@cache
def facts_of(path: str) -> Texts | None:
    """How the texts of a field are shown in a record without content; None where they stand as they are."""
    may = content.FIELDS.get(path)
    return None if may is None else _texts(path, may)


@cache
def flat_of(path: str) -> Texts:
    """The same for a flat column: without secrets, too, and cut."""
    return _texts(path, partial(_flat, content.FIELDS.get(path, str)))


def _flat(may: Callable[[str], str], text: str) -> str:
    return writable(text_without_secrets(may(text))[:MAX_TEXT])


def _texts(path: str, show: Callable[[str], str]) -> Texts:
    table = _Shown(show)

    def repeating(column: Sequence[str]) -> Sequence[str]:
        return [table[text] for text in column]

    def ids(column: Sequence[str]) -> Sequence[str]:
        return column if _are_plain_ids(column) else [show(text) for text in column]

    return ids if path in IDS else repeating


_PLAIN_IDS: Final = re.compile(r"[A-Za-z0-9_\-]+(?:\n[A-Za-z0-9_\-]+)*")


def _are_plain_ids(column: Sequence[str]) -> bool:
    """Whether each is a `shown_texts.is_plain_id`: as it stands anywhere."""
    joined = "\n".join(column)
    return (
        _PLAIN_IDS.fullmatch(joined) is not None
        and joined.count("\n") == len(column) - 1
        and max(map(len, column)) <= LONGEST
        and not holds_head(joined)
    )
