"""Texts: ids of other vendors' shapes, words and models of other answers, and what is no text of its kind."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from random import Random
from typing import Any

from tests.speed.case import Case
from tests.speed.changes.places import Place, is_text, pick
from tests.speed.changes.pools import Pools


class Own(str):
    """A text of a class of somebody's own."""

    __slots__ = ()


class Named(StrEnum):
    """A text with a name."""

    STOP = "stop"


_HEX, _DIGITS, _ANY = "0123456789abcdef", "0123456789", "abcdefghijkLMNOPQRSTUVWXYZ0123456789"


def _some(signs: str, count: int, random: Random) -> str:
    return "".join(random.choices(signs, k=count))


IDS: tuple[Callable[[Random], str], ...] = (
    lambda r: f"gen-{_some(_DIGITS, 10, r)}-{_some(_ANY, 20, r)}",
    lambda r: f"gen_{_some('ABCXYZ0123456789', 26, r)}",
    lambda r: f"id-{_some(_DIGITS, 13, r)}",
    lambda r: f"msg_bdrk_{_some(_ANY, 20, r)}",
    lambda r: f"{r.choice(('chat', 'cmpl', 'chatcmpl'))}-{_some(_HEX, 32, r)}",
    lambda r: f"{_some(_HEX, 8, r)}-{_some(_HEX, 4, r)}-{_some(_HEX, 4, r)}-{_some(_HEX, 12, r)}",
    lambda r: f"chatcmpl-{_some(_HEX, 8, r)}-{_some(_HEX, 4, r)}-x",
    lambda r: f"chatcmpl-{_some(_DIGITS, 3, r)}",
    lambda r: f"chatcmpl-{_some(_HEX, 24, r)}",
    lambda r: _some(_HEX, 32, r),
    lambda r: f"chatcmpl-{_some(_ANY, 29, r)}",
    lambda r: f"resp_{_some(_HEX, 48, r)}",
    lambda r: f"msg_01{_some(_ANY, 22, r)}",
    lambda r: f"lc_run--{_some(_HEX, 8, r)}-{_some(_HEX, 4, r)}-0",
    lambda r: f"run--{_some(_HEX, 8, r)}",
    lambda r: f"run-{_some(_HEX, 8, r)}",
    lambda r: f"call_{_some(_ANY, 24, r)}",
    lambda _: "fp_ollama",
    lambda r: f"b{_some(_DIGITS, 4, r)}-{_some(_HEX, 7, r)}",
    lambda r: f"vllm-{_some(_HEX, 7, r)}",
    lambda r: f"fp_{_some(_HEX, 10, r)}",
    lambda r: f"fp_{_some(_HEX, 10, r)}" * 2,
)
"""Those that OpenAI and others give (`providers.endpoints`), LangChain's own, and fingerprints."""

_SECRETS = ("sk-", "gsk_", "hf_", "AKIA", "ghp_", "AIza")

ODD: tuple[Callable[[str, Random], Any], ...] = (
    lambda _, __: "",
    lambda _, __: " ",
    lambda text, _: text * 2,
    lambda text, _: text + text[: len(text) // 2],
    lambda text, _: text[: len(text) // 2],
    lambda text, _: text.upper(),
    lambda text, _: text.lower(),
    lambda text, _: f" {text}\n",
    lambda text, _: f"{text}é漢\u202e",
    lambda text, _: f"{text}\ud800",
    lambda text, _: f"\udfff{text}",
    lambda text, _: f"{text}\0\x1b",
    lambda text, random: f"{text}{random.choice(_SECRETS)}{_some(_ANY, 40, random)}",
    lambda _, random: f"{random.choice(_SECRETS)}{_some(_ANY, 40, random)}",
    lambda _, random: f"Bearer {_some(_ANY, 40, random)}",
    lambda text, _: text + "x" * 300,
    lambda text, _: text + "x" * 3_000,
    lambda text, _: text + "x" * 70_000,
    lambda text, _: f"vendor/{text}",
    lambda text, _: text.rpartition("/")[2],
    lambda text, _: f"{text}-2099-12-31",
    lambda text, _: f"{text}:free",
    lambda _, __: "12",
    lambda _, __: "12.5",
    lambda _, __: "nan",
    lambda _, __: "true",
    lambda _, __: "null",
    lambda _, __: "2024-05-01T12:00:00Z",
    lambda _, __: "2024-05-01T12:00:00+09:30",
    lambda _, __: '{"a": 1}',
)

RETYPED: tuple[Callable[[str], Any], ...] = (
    lambda _: None,
    lambda _: 12,
    lambda _: 1.5,
    lambda _: True,
    lambda _: False,
    lambda text: [text],
    lambda text: {"value": text},
    lambda text: {"type": text},
    lambda _: [],
    lambda _: {},
    lambda text: text.encode(errors="replace"),
    Own,
    lambda _: Named.STOP,
)


def _is_id(place: Place) -> bool:
    name = str(place.key).lower()
    return is_text(place) and (name.endswith("id") or "fingerprint" in name)


def other_id(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, _is_id)
    return place and place.put(random.choice(IDS)(random))


def id_is_word(case: Case, _: Pools, random: Random) -> str | None:
    """An id that is another text of the answer, or its key: what is noted by its value could be taken for the other."""
    place, other = pick(case, random, _is_id), pick(case, random, is_text)
    words = ("stop", "length", "assistant", "openai", "chat_completions", "response", "1", "true")
    return place and place.put(
        random.choice(words) if other is None or random.random() < 0.5 else other.value
    )


def same_kind(case: Case, _: Pools, random: Random) -> str | None:
    """Another text of the same length and signs: what two answers of one shape differ in."""
    place = pick(case, random, is_text)
    if place is None:
        return None
    mixed = list(place.value)
    for index, sign in enumerate(mixed):
        if sign.isdigit() and random.random() < 0.5:
            mixed[index] = random.choice(_DIGITS)
    return place.put("".join(mixed))


def word_like(case: Case, pools: Pools, random: Random) -> str | None:
    """What another answer has under the same key."""
    place = pick(case, random, lambda place: is_text(place) and place.key in pools.words)
    word = None if place is None else pools.word_like(place.key, random)
    return word and place and place.put(word)


def any_word(case: Case, pools: Pools, random: Random) -> str | None:
    place = pick(case, random, is_text)
    return place and place.put(random.choice(pools.all_words))


def odd(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_text)
    return place and place.put(random.choice(ODD)(place.value, random))


def retyped(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_text)
    return place and place.put(random.choice(RETYPED)(place.value))


def swapped(case: Case, _: Pools, random: Random) -> str | None:
    one, other = pick(case, random, is_text), pick(case, random, is_text)
    if one is None or other is None or one == other:
        return None
    first, second = one.value, other.value
    other.put(first)
    return one.put(second)


def same_twice(case: Case, _: Pools, random: Random) -> str | None:
    """Two texts become the same one: readers leave repetitions out."""
    one, other = pick(case, random, is_text), pick(case, random, is_text)
    return None if one is None or other is None or one == other else one.put(other.value)


def said(case: Case, _: Pools, random: Random) -> str | None:
    """Another text or value where a model's or a tool's words are."""
    place = pick(case, random, lambda place: place.key in _SAID or place.path == "content")
    if place is None or not is_text(place):
        return None
    return place.put(
        random.choice(
            ("Other words.", "x", '{"a": [1, 2]}', place.value * 3, random.choice(ODD)(place.value, random))
        )
    )


_SAID = frozenset(
    {
        "text", "thinking", "reasoning", "reasoning_content", "content", "refusal", "summary", "signature", "message",
        "arguments", "args", "input", "partial_json", "data", "date", "created_at", "explanation", "title", "url",
    }
)  # fmt: skip

KEPT_KIND = (other_id, id_is_word, same_kind, said, said)
"""What differs between two answers of one shape."""

TEXTS = (
    *KEPT_KIND,
    other_id,
    word_like,
    word_like,
    word_like,
    any_word,
    odd,
    odd,
    retyped,
    swapped,
    same_twice,
)
