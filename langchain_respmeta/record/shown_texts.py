"""Texts of a record as they stand on a run, checked for content and for secrets once.

Models, tiers and finish words repeat from call to call. What is kept is only what may leave as it is: nobody's words and no
secret stay in memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.record import content
from langchain_respmeta.record.secrets import holds_head, is_secret_name, text_without_secrets
from langchain_respmeta.record.words import fact, length_of

LONGEST: Final = 256
"""Characters of a text that is kept."""

_MAX_KEPT: Final = 2_048
"""Texts kept of each table."""


class NotPlainError(Exception):
    """Only the general code can show this value."""


def clean(text: str) -> str:
    """`text`, which holds no secret.

    Raises:
        NotPlainError: it holds one.
    """
    if text_without_secrets(text) != text:
        raise NotPlainError
    return text


def is_plain_id(text: str) -> bool:
    """Whether `text`, or several ids in one, stands anywhere as it is: quicker to tell than by the patterns.

    Up to `LONGEST` letters, digits, `-` and `_` are a token (`record.words.TOKEN`), and JSON writes them as they are.
    """
    return match_token(text) is not None and not holds_head(text)


match_token: Final = re.compile(rf"[A-Za-z0-9_\-]{{1,{LONGEST}}}").fullmatch
"""None of a text that is no token."""


class ShownTexts(Bounded[str, str]):
    """Text → what stands in its place, of printable ASCII and at most `LONGEST` characters.

    `table[text]` raises `NotPlainError` for any other.
    """

    def __init__(self, may: Callable[[str], str] | None) -> None:
        super().__init__(_MAX_KEPT)
        self._may = may

    def __missing__(self, text: str) -> str:
        shown = clean(text if self._may is None else self._may(text))
        if len(shown) > LONGEST or not (shown.isascii() and shown.isprintable()):
            raise NotPlainError
        if shown == text:
            self.keep(text, text)
        return shown


class _ShownNames(Bounded[str, str]):
    """Key of the provider's → what stands in its place."""

    def __missing__(self, name: str) -> str:
        if type(name) is not str:
            raise NotPlainError
        shown = plain_name(content.key_name(name))
        if shown == name:
            self.keep(name, name)
        return shown


def plain_name(name: str) -> str:
    """A key under which no secret stands.

    Raises:
        NotPlainError: one may.
    """
    if is_secret_name(name):
        raise NotPlainError
    return clean(name)


class _ShownFacts(Bounded[tuple[str, str], str]):
    """Key and text of what the provider sent besides → what stands in the text's place."""

    def __missing__(self, place: tuple[str, str]) -> str:
        key, text = place
        if key in content.TEXT_KEYS:
            return length_of(text)
        shown = clean(fact(text, key))
        if shown == text and len(text) <= LONGEST:
            self.keep(place, shown)
        return shown


NAMES: Final = _ShownNames(_MAX_KEPT)
FACTS: Final = _ShownFacts(_MAX_KEPT)

_TABLES: Final[dict[Callable[[str], str] | None, ShownTexts]] = {}


def texts_of(may: Callable[[str], str] | None) -> ShownTexts:
    """Return the table of a field's texts, by what may stand in the field; None for fields of our own words."""
    return _TABLES.get(may) or _TABLES.setdefault(may, ShownTexts(may))
