"""Small changes to an answer: other types, huge and odd values, shared, deep, wide, hostile."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any, NoReturn


class Hostile:
    """Raises on any attribute."""

    def _refuse(self, *_: Any) -> NoReturn:
        raise RuntimeError("hostile")

    __getattr__ = __bool__ = __eq__ = __str__ = __repr__ = __hash__ = __len__ = __iter__ = _refuse  # type: ignore[assignment]


class Endless(Mapping[str, Any]):
    """A mapping without an end."""

    def __iter__(self) -> Iterator[str]:
        number = 0
        while True:
            yield f"k{number}"
            number += 1

    def __getitem__(self, key: str) -> Any:
        return key

    def __len__(self) -> int:
        return 3


def _deep(levels: int) -> Any:
    value: Any = "end"
    for level in range(levels):
        value = [value] if level % 2 else {"type": "text", "text": value}
    return value


def _cycle() -> Any:
    value: dict[str, Any] = {"type": "text"}
    value["text"] = [value]
    return value


def _shared(wide: int, times: int) -> Any:
    value: Any = [{"a": 1, "type": "text", "text": "x"}]
    for _ in range(times):
        value = [value] * wide
    return value


ODD: tuple[Callable[[], Any], ...] = (
    *(
        lambda value=value: value  # type: ignore[misc]
        for value in (
            None,
            True,
            -1,
            0,
            2**63,
            2**63 - 1,
            10**5000,
            1e308,
            -1e308,
            5e-324,
            float("nan"),
            float("inf"),
            "",
            "\ud800",
            "1e999",
            "9" * 400,
            "\0\x1b\u202e",
            b"\xff",
            Decimal("1E+1000000"),
            Decimal("NaN"),
            Decimal("sNaN"),
            datetime.max.replace(tzinfo=UTC),
            {1: 2, None: 3},
            {"\udfff": "\ud800"},
            (1, 2),
            {1, 2},
            object,
            range(3),
        )
    ),
    Hostile,
    _cycle,
    lambda: {Hostile: Hostile()},
    lambda: _deep(60),
    lambda: [{"url": f"https://a.example/{number}", "title": "t"} for number in range(20)],
    lambda: {f"k{number}": number for number in range(50)},
    lambda: (number for number in iter(int, 1)),
)

LARGE: tuple[Callable[[], Any], ...] = (
    Endless,
    lambda: _deep(10_000),
    lambda: _shared(200, 3),
    lambda: list(range(300_000)),
    lambda: [{"url": f"https://a.example/{number}", "title": "t"} for number in range(2_000)],
    lambda: {f"k{number}": number for number in range(5_000)},
    lambda: "x" * 100_000,
    lambda: "stop" * 1500 + "length",
    lambda: {"k" * 50_000: 1},
)
"""What uses up a budget: up to some seconds each, so they are seldom."""

SELDOM = 2_000


def odd(random: Random) -> Any:
    """A value that no provider sends."""
    return random.choice(ODD if random.randrange(SELDOM) else LARGE)()


def places(value: Any, limit: int = 2_000) -> list[tuple[Any, Any]]:
    """(holder, key) of every value inside."""
    found: list[tuple[Any, Any]] = []
    todo = [value]
    while todo and len(found) < limit:
        holder = todo.pop()
        pairs = list(holder.items()) if type(holder) is dict else list(enumerate(holder))
        for key, item in pairs[:limit]:
            found.append((holder, key))
            if type(item) in {dict, list}:
                todo.append(item)
    return found


def mutated(answer: Any, other: Any, random: Random) -> Any:
    """A copy of `answer` with one to four changes; `other` is an answer to cross it with."""
    answer = copy.deepcopy(answer)
    for _ in range(random.randint(1, 4)):
        found = places(answer)
        if not found:
            return odd(random)
        holder, key = random.choice(found)
        random.choice(CHANGES)(holder, key, other, random)
    return answer


def _replace(holder: Any, key: Any, _: Any, random: Random) -> None:
    holder[key] = odd(random)


def _delete(holder: Any, key: Any, _: Any, __: Random) -> None:
    del holder[key]


def _rename(holder: Any, key: Any, other: Any, random: Random) -> None:
    if type(holder) is dict:
        names = [name for place, name in places(other) if type(place) is dict]
        holder[random.choice([*names, f"{key}2", "", 7])] = holder.pop(key)


def _cross(holder: Any, key: Any, other: Any, random: Random) -> None:
    if found := places(other):
        place, name = random.choice(found)
        holder[name if type(holder) is dict and type(name) is str else key] = copy.deepcopy(place[name])


def _retype(holder: Any, key: Any, _: Any, random: Random) -> None:
    value = holder[key]
    if type(value) is int and value.bit_length() > 2_000:
        holder[key] = [value]  # Python writes no more digits
    elif type(value) in {str, int, float, bool, type(None)}:
        holder[key] = random.choice((str(value)[:100], [value], {"value": value}, {str(value)[:100]: value}))
    else:
        holder[key] = random.choice(([value], {"0": value}, "text"))


def _repeat(holder: Any, key: Any, _: Any, random: Random) -> None:
    value, times = holder[key], random.choice((2, 3, 50))
    if type(value) is list:
        holder[key] = value[:100] * times
    elif type(value) is str:
        holder[key] = value[:1000] * times
    elif type(value) is int and value.bit_length() < 100:
        holder[key] = value * times


CHANGES: tuple[Callable[[Any, Any, Any, Random], None], ...] = (
    _replace,
    _replace,
    _delete,
    _rename,
    _cross,
    _cross,
    _retype,
    _repeat,
)
