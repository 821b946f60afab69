"""What a model costs where it is sold: found once, and kept for as long as it holds.

An `Offer` belongs to one key. What it found holds until the user sets a price, the price data is replaced, or the price
changes by date or hour; each call checks that with three comparisons. Then a usage with the names of many before it
is priced by one straight function, and every other one by the general code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from weakref import ref

from langchain_respmeta._process.faults import report
from langchain_respmeta.enrich.prices.loader import Loader
from langchain_respmeta.enrich.prices.price_key import KeyParts
from langchain_respmeta.enrich.prices.rates import CompiledRates, Straight, fault
from langchain_respmeta.enrich.prices.result import PricedCost, UnpricedReason
from langchain_respmeta.enrich.prices.straight import learn, shapes_of
from langchain_respmeta.enrich.prices.user import UserPrices

LOADER: Final = Loader()
USERS: Final = UserPrices()

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def _nothing() -> None:
    """The price data that the user's own prices depend on."""


class _Known:
    """What an offer found, and what must be as it was for it to hold."""

    __slots__ = ("bare", "changes", "current", "rates", "since", "snapshot", "until", "users", "whole")

    def __init__(
        self,
        rates: CompiledRates | UnpricedReason,
        users: object,
        current: Callable[[], object],
        snapshot: Callable[[], object] = _nothing,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self.rates: Final = rates
        shapes = shapes_of(rates)
        self.bare: Final = shapes.bare
        self.whole: Final = shapes.whole
        self.users: Final = users
        """The table of the user's prices: another one after each change."""
        self.current: Final = current
        """Gives the price data of now."""
        self.snapshot: Final = snapshot
        """Gives the price data of then: by a weak reference, for they are large."""
        self.changes: Final = since is not None
        self.since: Final = since or _NEVER
        self.until: Final = until or _NEVER

    def holds(self, at: datetime | None) -> bool:
        """Whether it would be found again for a call at a time (None: now)."""
        return (
            self.users is USERS.rates
            and self.snapshot() is self.current()
            and (not self.changes or self._covers(at))
        )

    def _covers(self, at: datetime | None) -> bool:
        """Whether the rates, which change, are those of a time; of one without a zone the book knows it."""
        try:
            return self.since <= (datetime.now(UTC) if at is None else at) < self.until
        except Exception:  # noqa: BLE001 - whatever else it is, what follows is decided where rates are found
            return False


_UNKNOWN: Final = _Known("prices_unavailable", None, _nothing)


class Offer:
    """Prices calls of one key. Thread-safe: what it found is replaced as a whole."""

    __slots__ = ("_key", "_known")

    def __init__(self, key: KeyParts) -> None:
        self._key: Final = key
        self._known = _UNKNOWN

    def price(
        self, usage: Any, at: datetime | None = None, *, parts: bool = False, wait: bool = True
    ) -> PricedCost | None:
        """What `price.price` returns for this key. Never raises."""
        known = self._known
        if (
            type(usage) is dict
            and (straight := (known.whole if parts else known.bare).get(tuple(usage))) is not None
            and (cost := straight(*usage.values())) is not None
            and known.holds(at)
        ):
            return cost
        return self._in_general(usage, at, parts=parts, wait=wait)

    def straight(
        self, names: tuple[str, ...], at: datetime | None = None, *, parts: bool = False
    ) -> Straight | None:
        """The function that prices usages with these names at a time, for callers that have counts and no mapping yet.

        Where it is None, or returns None, `price` has the answer. It holds for this call: ask again for the next one.
        """
        known = self._known
        found = (known.whole if parts else known.bare).get(names)
        return found if found is not None and known.holds(at) else None

    def _in_general(self, usage: Any, at: datetime | None, *, parts: bool, wait: bool) -> PricedCost | None:
        if type(usage) is not dict and not isinstance(usage, Mapping):  # the second check is slow
            return {"cost.unpriced_reason": "no_usage"}
        if reason := fault(usage):
            return {"cost.unpriced_reason": reason}
        try:
            rates = self._find(at, wait=wait)
            if rates is None:
                return None
            cost = rates.price(usage, parts=parts) if isinstance(rates, CompiledRates) else rates
            if cost is rates or not isinstance(cost, str):
                learn(rates, tuple(usage), parts=parts)
        except Exception as error:  # noqa: BLE001 - the data is another package's and may change its shape
            report("pricing a call", error)
            cost = "prices_unavailable"
        return {"cost.unpriced_reason": cost} if isinstance(cost, str) else cost

    def _find(self, at: datetime | None, *, wait: bool) -> CompiledRates | UnpricedReason | None:
        """The rates at a time; None where the price data is not loaded, and nobody waits for it."""
        known, users = self._known, USERS.rates
        if known.holds(at):
            return known.rates
        rates = USERS.find(self._key) if users else None
        if rates is not None:
            self._known = _Known(rates, users, _nothing)
            return rates
        if not LOADER.ready:
            if not wait:
                LOADER.start()
                return None
            LOADER.load()
        book = LOADER.book()
        if book is None:
            return "prices_unavailable"
        spell = book.find(self._key, at)
        if (current := LOADER.snapshots) is not None:
            with suppress(TypeError):  # data of another shape, to which there is no weak reference
                data = ref(book.snapshot)
                self._known = _Known(spell.rates, users, current, data, spell.since, spell.until)
        return spell.rates
