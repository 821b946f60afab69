"""Words that LangChain glued together when it merged the chunks of a stream, taken apart again."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal, TypeAlias, get_args

from langchain_respmeta.providers.engine.scratch import ReadDraft

_Repeated: TypeAlias = Literal[
    "model",
    "native_finish_reason",
    "_told_finish_reason",
    "service_tier",
    "system_fingerprint",
    "routing.upstream_provider",
]
"""Texts that LangChain concatenates when more than one chunk of a stream carries them.

A whole message may hold them too: `invoke` streams by itself where somebody listens (LangGraph), and its answer is no
chunk any more.
"""

_REPEATED: Final[tuple[_Repeated, ...]] = get_args(_Repeated)


def undo_repetitions(draft: ReadDraft, *, is_chunk: bool) -> None:
    """Write each glued text as the one text that it repeats, or as the one of them that counts."""
    if is_chunk:
        _undouble_names(draft)
    for key in _REPEATED:
        text = draft.get(key)
        if isinstance(text, str):
            draft[key] = one_of(once(text)) if (one_of := _GLUED.get(key)) is not None else once(text)
    fingerprint = draft.get("system_fingerprint")
    if isinstance(fingerprint, str) and (match := _SHORT_VERSION.fullmatch(fingerprint)):
        draft["system_fingerprint"] = match[1]


def _undouble_names(draft: ReadDraft) -> None:
    if response_id := draft.get("response_id"):
        draft["response_id"] = one_id(response_id)
    for call in draft.get("tool_calls", ()):
        if name := call.get("name"):
            call["name"] = once(name)


_SHORT_VERSION: Final = re.compile(r"(v\d+)\1+")  # Writer's

_SHORT_UNIT: Final = re.compile(r"eos|o[1-9]")

_SHORTEST: Final = 4
"""Characters of a unit that is not one of those."""


def once(text: str) -> str:
    """`text` without its repetitions: `stopstop` → `stop`. Short units stay: they may be intended."""
    unit = (text + text).find(text, 1)
    if unit >= len(text):
        return text
    if _SHORT_UNIT.fullmatch(text[:unit]):
        return text[:unit]
    times = len(text) // unit
    # The smallest whole number of units that is long enough and still repeated.
    for some in range(1, _SHORTEST + 1):
        if some < times and times % some == 0 and some * unit >= _SHORTEST:
            return text[: some * unit]
    return text


def words_in(text: str, known: Collection[str]) -> list[str]:
    """The known words that `text` was glued together from; empty where it was not.

    From the end to the beginning: for each place the longest word that leads on from it to the end.
    """
    words = sorted(filter(None, known), key=len, reverse=True)
    if not words or len(text) > _LONGEST_GLUED:
        return []
    leads: list[str | None] = [None] * len(text)
    for place in range(len(text) - 1, -1, -1):
        for word in words:
            end = place + len(word)
            if text.startswith(word, place) and (end == len(text) or leads[end] is not None):
                leads[place] = word
                break
    found: list[str] = []
    place = 0
    while place < len(text) and (word_here := leads[place]) is not None:
        found.append(word_here)
        place += len(word_here)
    return found


_LONGEST_GLUED: Final = 20_000
"""Characters: no stream's finish words are as long, glued together."""

_LONGEST_NAME: Final = 512
"""Characters of what is looked at for names that were glued together."""


def _one_model(text: str) -> str:
    """One of the names of a model that chunks gave in several ways: the dated one of `gpt-5-mini-2025-08-07gpt-5-mini`.

    They must be the same name, longer and shorter: a vendor's name before a model's (`qwen/qwen3`) is none of the two.
    """
    head = text[:_SHORTEST]
    if len(text) > _LONGEST_NAME or (place := text.find(head, _SHORTEST)) < 0:
        return text
    places = [0]
    while place > 0:
        places.append(place)
        place = text.find(head, place + 1)
    for cuts in (places, *([0, one] for one in places[1:])):
        names = {once(text[at:end]) for at, end in zip(cuts, [*cuts[1:], len(text)], strict=True)}
        longest = max(names, key=len)
        if all(name == longest or _is_shorter(name, longest) for name in names):
            return longest
    return text


def _is_shorter(name: str, longer: str) -> bool:
    """Whether `longer` is `name` with a date or version behind it."""
    return longer.startswith(name) and name[-1:].isalnum() and longer[len(name)] in "-@:."


def _one_tier(text: str) -> str:
    """The last of several tiers: the first chunks may name the one that was asked for."""
    words = words_in(text, _TIERS) if text not in _TIERS else []
    return words[-1] if words else text


_TIERS: Final = frozenset(
    {
        "auto",
        "default",
        "flex",
        "priority",
        "scale",
        "standard",
        "batch",
        "on_demand",
        "performance",
        "reserved",
    }
)


def _one_fingerprint(text: str) -> str:
    """The last of several: OpenAI's, and those that are like it."""
    place = text.rfind("fp_")
    return text[place:] if place > 0 and text.startswith("fp_") else text


_ID_HEAD: Final = re.compile(r"[A-Za-z]{2,12}[-_]")


def one_id(text: str) -> str:
    """The first of several ids of one kind and length."""
    text = once(text)
    head = _ID_HEAD.match(text)
    place = text.find(head[0], 1) if head is not None else -1
    return text[:place] if place > 0 and len(text) % place == 0 else text


_GLUED: Final[Mapping[str, Callable[[str], str]]] = {
    "model": _one_model,
    "service_tier": _one_tier,
    "system_fingerprint": _one_fingerprint,
}
"""Field → the choice among several different texts that were glued together."""
