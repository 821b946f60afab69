"""Look-ups that wait to be asked, in memory, each with a time when it is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import monotonic

from langchain_respmeta.enrich.openrouter.ask import QueryReply


@dataclass(slots=True)
class Query:
    """One generation that is looked for."""

    response_id: str
    done: Callable[[QueryReply | None], None]
    until: float
    """When it is given up."""
    tries: int = 0


@dataclass(order=True, slots=True)
class _Entry:
    due: float
    number: int
    query: Query = field(compare=False)


class Pending:
    """A heap of queries by due time. Its user holds a lock."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, query: Query, wait_s: float) -> None:
        """Add a query that is due after `wait_s`."""
        heapq.heappush(self._entries, _Entry(monotonic() + wait_s, next(self._numbers), query))

    def pop(self) -> Query:
        """Take out the query that is due first."""
        return heapq.heappop(self._entries).query

    def wait_s(self, now: float) -> float:
        """Seconds until the first query is due."""
        return self._entries[0].due - now

    def take_expired(self, now: float) -> list[Query]:
        """Take out the queries that have waited for too long."""
        old = [entry.query for entry in self._entries if entry.query.until <= now]
        if old:
            self._entries = [entry for entry in self._entries if entry.query.until > now]
            heapq.heapify(self._entries)
        return old

    def take_all(self) -> list[Query]:
        """Take out all queries."""
        entries, self._entries = self._entries, []
        return [entry.query for entry in entries]
