"""Run ids as UUIDs: callbacks receive whatever the caller gave as `run_id`, the tracer's runs have UUIDs."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

_KEPT: Final = 4_096
"""Texts whose UUIDs are remembered: a stream repeats its run's id with each token."""


class WordId(UUID):
    """An id that is no UUID, as langchain-core's own counting handlers accept it: a number to find it by, and its text."""

    __slots__ = ("words",)
    words: str

    def __init__(self, words: str) -> None:
        super().__init__(bytes=blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        object.__setattr__(self, "words", words)

    def __str__(self) -> str:
        return self.words

    def __reduce__(self) -> tuple[Any, ...]:
        return WordId, (self.words,)


def id_of(given: Any) -> UUID:
    """Return the id as UUID: from a UUID, its text in any usual form, its bytes, or any other text."""
    if type(given) is UUID:
        return given
    if isinstance(given, bytes | bytearray):
        return _from_bytes(bytes(given))
    if isinstance(given, UUID):
        return given if isinstance(given, WordId) else UUID(int=given.int)
    return _from_text(str(given))


def parent_of(given: Any) -> UUID | None:
    """Return the parent's id as UUID; most model calls of a script have none."""
    return None if given is None else id_of(given)


def _from_bytes(given: bytes) -> UUID:
    """Read a UUID's text or its 16 bytes, as pydantic and so the tracer's run do."""
    found = _from_text(given.decode("utf-8", "replace"))
    return UUID(bytes=given) if isinstance(found, WordId) and len(given) == 16 else found


@lru_cache(_KEPT)
def _from_text(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        return WordId(text)
