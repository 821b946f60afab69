"""What the seeds hold, by the keys it stands under: a word of another answer is the likeliest to be taken for known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from random import Random
from typing import Any

from tests.speed.case import Case, copied
from tests.speed.changes.places import places

MOST = 200
"""Values kept of one key."""


class Pools:
    """Values of all seeds by their keys, and all starts."""

    def __init__(self, seeds: Iterable[Case]) -> None:
        self.words: dict[Any, list[str]] = defaultdict(list)
        self.values: dict[Any, list[Any]] = defaultdict(list)
        self.starts: list[dict[str, Any]] = []
        self.cases: list[Case] = []
        for seed in seeds:
            self.cases.append(seed)
            if seed.start not in self.starts and len(self.starts) < MOST:
                self.starts.append(seed.start)
            for place in places(seed):
                if type(place.key) is str:
                    self._keep(place.key, place.value)
        self.keys = list(self.values)
        self.all_words = sorted({word for words in self.words.values() for word in words})

    def _keep(self, key: str, value: Any) -> None:
        if type(value) is str and len(self.words[key]) < MOST and value not in self.words[key]:
            self.words[key].append(value)
        if len(self.values[key]) < MOST // 10:
            self.values[key].append(value)

    def word_like(self, key: Any, random: Random) -> str | None:
        """A word that some seed has under the same key."""
        words = self.words.get(key)
        return random.choice(words) if words else None

    def entry(self, random: Random) -> tuple[str, Any]:
        """A key and a value of some seed."""
        key = random.choice(self.keys)
        return key, copied(random.choice(self.values[key]))
