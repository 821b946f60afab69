"""Another answer of the same kind, as the next call of the same program gets it: other counts, ids, times and words."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from tests.speed.case import Case

_COUNTED = re.compile(r"usage|token|metrics|billed|counts?$|passes|iterations", re.IGNORECASE)
"""Keys below which whole numbers are counts: all grow by one factor, so that sums stay true."""

_TIMES = frozenset({"created", "created_at", "createTime", "create_time", "timestamp", "date", "Date"})
_DURATIONS = re.compile(r"time|duration|latency|_ms$|speed|per_second", re.IGNORECASE)
_ID_KEY = re.compile(r"(^|[_-])(id|uuid|trace|ray)$|[a-z]I[dD]$|requestid$", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{24,}|[\w.:]*[-_][\w.:-]*", re.IGNORECASE)
_SAID = frozenset(
    {
        "text", "thinking", "reasoning", "reasoning_content", "content", "refusal", "summary", "cited_text", "quote",
        "arguments", "args", "input", "partial_json", "signature", "thought_signature", "encrypted_content", "data",
        "title", "snippet",
    }
)  # fmt: skip
_OTHER = str.maketrans("oiOIxyXY", "ioIOyxYX")
"""Other words of the same length, the same everywhere: quotes stay quotes, and JSON stays JSON."""

FACTOR = 3


_VALUE = re.compile(r'(?<=[:\[,]")[^"]*(?="[,}\]])|(?<=[:,] ")[^"]*(?="[,}\]])')
"""A text in JSON that is no key."""

_ARGUMENTS = frozenset({"args", "arguments", "input"})


def varied(case: Case, random: Random) -> Case:
    """A copy of the same shape in which everything differs that differs from call to call."""
    made = case.copy()
    _Varied(random).part(made.parts)
    return made


class _Varied:
    """Changes one answer; what was equal stays equal."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._ids: dict[str, str] = {}

    def part(self, parts: dict[str, Any]) -> None:
        for name, value in parts.items():
            if name == "message_id" and type(value) is str:
                parts[name] = self._other_id(value)
            elif name == "content" and type(value) is str:
                parts[name] = value.translate(_OTHER)
            elif type(value) in {dict, list} and name != "faults":
                self._below(value, name, counted=name == "usage", said=False)

    def _below(self, holder: Any, above: str, *, counted: bool, said: bool) -> None:
        for key, value in list(holder.items() if type(holder) is dict else enumerate(holder)):
            name = key if type(key) is str else above
            kind = type(value)
            is_counted = counted or _COUNTED.search(name) is not None
            if kind in {dict, list}:
                self._below(value, name, counted=is_counted, said=said or name in _ARGUMENTS)
            elif kind in {int, float} and name in _TIMES:
                holder[key] = value + 1_000
            elif kind is int and is_counted:
                holder[key] = value * FACTOR
            elif kind is float or (kind is int and _DURATIONS.search(name)):
                holder[key] = value * 2
            elif kind is str:
                holder[key] = self._other_text(name, value, said=said)

    def _other_text(self, name: str, text: str, *, said: bool) -> str:
        if _ID_KEY.search(name) and _ID.fullmatch(text) and "model" not in name:
            return self._other_id(text)
        if name in _TIMES:
            return re.sub(r"\d(?=\D*$)", "5", text)
        if not said and name not in _SAID:
            return text
        if text.startswith("{"):  # a tool's arguments, whose names stay
            return _VALUE.sub(lambda found: found[0].translate(_OTHER), text)
        return text.translate(_OTHER)

    def _other_id(self, text: str) -> str:
        """Another id of the same kind: its last part in other letters and digits, of the same sorts."""
        if text not in self._ids:
            place = max(text.rfind("-"), text.rfind("_")) + 1
            self._ids[text] = text[:place] + "".join(map(self._other_sign, text[place:]))
        return self._ids[text]

    def _other_sign(self, sign: str) -> str:
        return next((self._random.choice(sort) for sort in _SORTS if sign in sort), sign)


_SORTS = ("0123456789", "abcdef", "ABCDEF", "ghijklmnopqrstuvwxyz", "GHIJKLMNOPQRSTUVWXYZ")
