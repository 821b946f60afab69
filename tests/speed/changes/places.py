"""Where a case can be changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from tests.speed.case import HOLDERS, Case

MOST = 3_000
"""Places of one case that are looked at."""


class Place(NamedTuple):
    """A value inside a case: `holder[key]`."""

    holder: Any
    key: Any
    path: str

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    def put(self, value: Any) -> str:
        """Put another value here; return what was done."""
        shown = f"{self.path}: {self.value!r:.60} → {value!r:.60} ({type(value).__name__})"
        self.holder[self.key] = value
        return shown


def places(case: Case, parts: Iterable[str] = (*HOLDERS, "message_id")) -> Iterator[Place]:
    """The places of all values of a case's parts, the parts' own included."""
    waiting = [Place(case.parts, name, name) for name in parts if case.parts.get(name) is not None]
    seen = 0
    while waiting and seen < MOST:
        place = waiting.pop()
        seen += 1
        yield place
        value = place.value
        if type(value) is dict:
            waiting.extend(Place(value, key, f"{place.path}.{key}") for key in value)
        elif type(value) is list:
            waiting.extend(Place(value, index, f"{place.path}[]") for index in range(len(value)))


def pick(case: Case, random: Random, fits: Callable[[Place], bool]) -> Place | None:
    """One place that fits, each path as likely as any other, however often a list repeats it."""
    by_path: dict[str, list[Place]] = defaultdict(list)
    for place in places(case):
        if fits(place):
            by_path[place.path].append(place)
    return random.choice(by_path[random.choice(list(by_path))]) if by_path else None


def is_number(place: Place) -> bool:
    return type(place.value) in {int, float}


def is_text(place: Place) -> bool:
    return type(place.value) is str


def is_dict(place: Place) -> bool:
    return type(place.value) is dict


def is_list(place: Place) -> bool:
    return type(place.value) is list
