"""Numbers where comparisons turn: sums that no longer add up, parts above their wholes, thresholds, and what is no count."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from random import Random
from typing import Any

from tests.speed.case import Case
from tests.speed.changes.places import is_number, pick, places
from tests.speed.changes.pools import Pools


class Own(int):
    """A number of a class of somebody's own."""


class Named(IntEnum):
    """A number with a name."""

    TWELVE = 12


THRESHOLDS = (
    *(base + step for base in (128_000, 200_000, 256_000, 272_000, 1_000_000) for step in (-1, 0, 1)),
    *(1024, 2048, 4096, 1000, 1001, 50_000, 10**10, 10**12 - 1, 10**12, 10**13),
    *(2**31 - 1, 2**31, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30),
    *(-1, -(2**63), -(2**63) - 1, -9999, 1_700_000_000, 1_700_000_000_000, 253_402_300_800),
)
"""Sizes of context windows and of the smallest cache, bounds of the readers, and times in seconds and milliseconds."""

ODD = (math.nan, math.inf, -math.inf, -0.0, 0.0, 1e308, 5e-324, 1e-7, 0.1, 12.0, 12.5, 2.0**63, 1e15, -1.5)

NEAR: tuple[Callable[[Any], Any], ...] = (
    lambda _: 0,
    lambda _: 1,
    lambda n: n + 1,
    lambda n: n - 1,
    lambda n: n * 2,
    lambda n: n * 7,
    lambda n: -n,
    lambda n: n // 2 if type(n) is int else n / 2,
)

RETYPED: tuple[Callable[[Any], Any], ...] = (
    float,
    lambda n: n + 0.5,
    str,
    lambda n: f" {n} ",
    lambda n: f"{n}.0",
    lambda n: f"{n}e0",
    lambda n: f"+{n}",
    lambda _: "1_000",
    lambda _: "٣",
    lambda _: "9" * 31,
    bool,
    lambda _: True,
    lambda _: False,
    lambda _: None,
    lambda n: [n],
    lambda n: {"value": n},
    lambda _: {},
    lambda n: Decimal(repr(n)) if math.isfinite(n) else Decimal("NaN"),
    lambda _: Decimal("1E+3"),
    lambda _: Fraction(1, 3),
    lambda _: Own(12),
    lambda _: Named.TWELVE,
)


def near(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_number)
    return place and place.put(random.choice(NEAR)(place.value))


def threshold(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_number)
    return place and place.put(random.choice(THRESHOLDS))


def odd(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_number)
    return place and place.put(random.choice(ODD))


def retyped(case: Case, _: Pools, random: Random) -> str | None:
    place = pick(case, random, is_number)
    try:
        return place and place.put(random.choice(RETYPED)(place.value))
    except (OverflowError, ValueError):  # a number too large to be another kind
        return None


def swapped(case: Case, _: Pools, random: Random) -> str | None:
    """Two numbers of one answer change their places, or one becomes the other."""
    one, other = pick(case, random, is_number), pick(case, random, is_number)
    if one is None or other is None or one == other:
        return None
    first, second = one.value, other.value
    if random.random() < 0.5:
        other.put(first)
    return one.put(second)


def sum_of_two(case: Case, _: Pools, random: Random) -> str | None:
    """A number becomes what two others are together, which may prove that it holds both."""
    found = [pick(case, random, is_number) for _ in range(3)]
    if None in found:
        return None
    one, left, right = (place for place in found if place is not None)
    return one.put(left.value + right.value)


def all_of_them(case: Case, _: Pools, random: Random) -> str | None:
    """Every number at once: all equal, all zero, all larger."""
    change = random.choice(
        (lambda _: 0, lambda _: 1, lambda n: n * 3, lambda n: n + 1, lambda _: random.randint(0, 9))
    )
    found = [place for place in places(case) if is_number(place)]
    for place in found:
        place.put(change(place.value))
    return f"all {len(found)} numbers, as {found[0].path}: {found[0].value}" if found else None


def large(case: Case, _: Pools, random: Random) -> str | None:
    """A prompt above the size from which it costs more: all counts of one dict times one factor."""
    place = pick(case, random, lambda place: type(place.value) is int and 0 < place.value < 10**6)
    if place is None:
        return None
    factor = random.choice((200_000, 200_001, 272_000, 272_001, 128_001)) // place.value + 1
    for key, value in place.holder.items() if type(place.holder) is dict else ():
        if type(value) is int:
            place.holder[key] = value * factor
    return f"{place.path} and those beside it times {factor}"


_TOTALS = (
    ("input_tokens", "output_tokens", "total_tokens"),
    ("prompt_tokens", "completion_tokens", "total_tokens"),
    ("prompt_token_count", "candidates_token_count", "total_token_count"),
    ("promptTokenCount", "candidatesTokenCount", "totalTokenCount"),
    ("inputTokens", "outputTokens", "totalTokens"),
)


def relation(case: Case, _: Pools, random: Random) -> str | None:
    """Between counts: the total more or less than its sum, a detail as large as its whole, or a little larger."""
    found = [
        (place, names)
        for place in places(case)
        if type(place.value) is dict
        for names in _TOTALS
        if type(place.value.get(names[0])) is int
    ]
    if not found:
        return None
    place, names = random.choice(found)
    usage = place.value
    given, made = usage.get(names[0]), usage.get(names[1])
    details = [
        (inner, key, inner[key])
        for inner in (usage, *(one for one in usage.values() if type(one) is dict))
        for key, count in inner.items()
        if type(count) is int and key not in names
    ]
    if details and random.random() < 0.7:
        holder, key, count = random.choice(details)
        whole = random.choice((given, made))
        if type(whole) is int:
            holder[key] = random.choice((whole, whole + 1, whole - 1, whole - count, whole // 2, whole * 2))
            if random.random() < 0.4:
                usage[names[2]] = _sum(given, made, holder[key])
            return f"{place.path}…{key} = {holder[key]}, whole {whole}, total {usage.get(names[2])}"
    usage[names[2]] = _sum(given, made) + random.choice((-1, 0, 1, 7, *(count for _, _, count in details)))
    return f"{place.path}.{names[2]} = {usage[names[2]]} of {given} and {made}"


def _sum(*counts: Any) -> int:
    return sum(count for count in counts if type(count) is int)


KEPT_KIND = (
    near,
    near,
    near,
    threshold,
    odd,
    swapped,
    sum_of_two,
    all_of_them,
    large,
    relation,
    relation,
    relation,
)
"""A number stays one, mostly of its own kind."""

NUMBERS = (*KEPT_KIND, retyped, retyped)
