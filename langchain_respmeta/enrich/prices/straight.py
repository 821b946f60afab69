"""One straight function for all usages with the same names: `fault` and `CompiledRates.price` without a loop.

For GPT-5 mini and the names `input_tokens`, `output_tokens`, `cache_read_tokens` it reads:

    def straight(input_tokens, output_tokens, cache_read_tokens):
        if not (type(input_tokens) is int and … and input_tokens > 0 and output_tokens >= 0
                and 0 <= cache_read_tokens <= input_tokens):
            return None
        paid_in = money(250 * input_tokens + -225 * cache_read_tokens, UNIT)
        paid_out = money(2000 * output_tokens, UNIT)
        cost = {"cost.total": add(paid_in, paid_out), "cost.input": paid_in, "cost.output": paid_out, …}
        if cache_read_tokens:
            cost["cost.cache_read"] = money(25 * cache_read_tokens, UNIT)
        …
        return cost

It knows costs only. Whatever has none, or counts of another type, is None: the general code tells the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Any, Final

from langchain_respmeta.enrich.prices.rates import (
    CACHE,
    CACHE_FIELDS,
    INNER,
    INPUT_MEDIA,
    MEDIA,
    OUTPUT_MEDIA,
    TTL,
    Band,
    Coefficients,
    CompiledRates,
    Shapes,
    Straight,
    rests,
)
from langchain_respmeta.enrich.prices.result import UNPRICED_REASONS, UnpricedReason
from langchain_respmeta.enrich.prices.units import COUNTS
from langchain_respmeta.record.exact import EXACT, exact_sum

_MOST_NAMES: Final = 64
"""A usage with more names is no record's."""

_SIGHTS: Final = 8
"""So many usages with the same names are priced before a function is made: that takes as long as pricing fifty."""

_KNOWN: Final = COUNTS | {part for part, _ in INNER}
_WRITES: Final = "cache_write_tokens"

_RANGES: Final = {
    "input_tokens": "{} > 0",
    "total_tokens": "{} == input_tokens + output_tokens",
    "reasoning_tokens": "0 <= {} <= output_tokens",
    "cache_read_tokens": "0 <= {} <= input_tokens",
    "cache_write_tokens": "0 <= {} <= input_tokens",
}
"""Name of a count → its range; any other is 0 or more."""


def shapes_of(rates: CompiledRates | UnpricedReason) -> Shapes:
    """The functions of rates; those of a reason know whether its words are the answer."""
    return _of_reason(rates) if isinstance(rates, str) else rates.shapes


@lru_cache(maxsize=len(UNPRICED_REASONS))
def _of_reason(reason: UnpricedReason) -> Shapes:  # noqa: ARG001 - a table for each
    return Shapes()


def learn(rates: CompiledRates | UnpricedReason, names: tuple[str, ...], *, parts: bool) -> None:
    """Note that a usage with these names was priced by the general code; make the function when there were enough."""
    shapes, key = shapes_of(rates), (parts, names)
    sights = shapes.sights.get(key, 0) + 1
    shapes.sights.keep(key, sights)
    if not sights % _SIGHTS and (made := straight_of(rates, names, parts=parts)) is not None:
        (shapes.whole if parts else shapes.bare).keep(names, made)


def straight_of(
    rates: CompiledRates | UnpricedReason, names: tuple[str, ...], *, parts: bool
) -> Straight | None:
    """The function for usages with exactly these names, in this order; None where all of them are the general code's."""
    needed = () if isinstance(rates, str) else rates.needed
    if not {"input_tokens", "output_tokens", *needed} <= set(names) or len(names) > _MOST_NAMES:
        return None
    if isinstance(rates, str):
        return _made(_Writer(names).source([f"return {{'cost.unpriced_reason': {rates!r}}}"]), 0)
    writer = _PriceWriter(names, rates)
    return _made(writer.source(writer.bands(parts=parts)), rates.exponent)


@lru_cache(maxsize=1024)  # the same prices are found by many keys: a model's names, its addresses
def _made(source: str, exponent: int) -> Straight:
    found: dict[str, Straight] = {}
    exec(source, _globals(exponent), found)  # noqa: S102 - of our own names and numbers
    return found["straight"]


@lru_cache(maxsize=256)
def _globals(exponent: int) -> dict[str, Any]:
    return {"money": EXACT.multiply, "add": exact_sum, "UNIT": Decimal((0, (1,), exponent))}


class _Writer:
    """Writes a function that checks what `fault` checks."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.told = {name for name in names if name in _KNOWN}
        self.counts = [name for name in names if name in COUNTS]
        self.unused: set[str] = set()
        """Counts that must be 0 for there to be a price."""
        self.sums_writes = False
        """Whether cache writes are told by their lifetimes only."""
        self.lifetimes: list[str] = []

    def source(self, last: Iterable[str]) -> str:
        """The function's text; `last` are the lines after the checks."""
        arguments = (
            name if name in self.told else f"unused_{place}" for place, name in enumerate(self.names)
        )
        return "\n ".join((f"def straight({', '.join(arguments)}):", *self.checks(), *last))

    def checks(self) -> Iterator[str]:
        """Lines that return None unless everything holds."""
        yield _unless([*(f"type({name}) is int" for name in self.counts), *map(self._range, self.counts)])
        if self.sums_writes:
            yield f"{_WRITES} = {' + '.join(self.lifetimes)}"
        if sums := list(self.sums()):
            yield _unless(sums)

    def _range(self, name: str) -> str:
        return f"not {name}" if name in self.unused else _RANGES.get(name, "{} >= 0").format(name)

    def sums(self) -> Iterator[str]:
        """What holds between counts, beyond the range of each."""
        if self.told.issuperset(CACHE_FIELDS):
            yield f"{' + '.join(CACHE_FIELDS)} <= input_tokens"
        for part, whole in INNER:
            if part in self.told:
                yield f"(type({part}) is not int or {part} <= {whole})"


def _unless(conditions: Iterable[str]) -> str:
    return f"if not ({' and '.join(conditions)}): return None"


class _PriceWriter(_Writer):
    """Writes a function that checks and computes what `CompiledRates.price` does."""

    def __init__(self, names: tuple[str, ...], rates: CompiledRates) -> None:
        super().__init__(names)
        self.rates = rates
        self.lifetimes = [name for name in TTL if name in self.told]
        self.sums_writes = bool(self.lifetimes) and _WRITES not in self.told
        known = {*self.counts, _WRITES} if self.sums_writes else {*self.counts}
        self.unused = known & rates.unpriced_fields
        self.used = known - self.unused
        """Counts that may have a cost."""

    def sums(self) -> Iterator[str]:
        """`_rare_fault`, too."""
        yield from super().sums()
        if self.sums_writes:
            yield self._within(CACHE_FIELDS, "input_tokens")
            yield from map(self._range, self.unused & {_WRITES})
        if self.lifetimes and not self.sums_writes:
            both = " + ".join(self.lifetimes)
            told = len(self.lifetimes) == len(TTL)
            yield f"({both} == {_WRITES} or {both} == 0)" if told else f"{both} <= {_WRITES}"
        if media := self._some(MEDIA):
            yield f"(not ({' | '.join(media)}) or {' and '.join(self._media())})"

    def _media(self) -> Iterator[str]:
        """`_media_fault`."""
        yield self._within(INPUT_MEDIA, "input_tokens")
        yield self._within(OUTPUT_MEDIA, "output_tokens")
        yield self._within(("citation_tokens",), "output_tokens")
        yield from self._joins()
        yield from self._rests()

    def _joins(self) -> Iterator[str]:
        """An overlap that has a rate and is not told: one of both must be unused."""
        units = [unit for unit in self.rates.units if unit.field in self.used]
        media = [unit for unit in units if unit.side == "input" and unit.parts and not unit.parts & CACHE]
        cache = [unit for unit in units if unit.parts & CACHE and len(unit.parts) == 1]
        untold = {unit.parts for unit in self.rates.units if unit.field not in self.told}
        for left, right in product(media, cache):
            if left.parts | right.parts in untold:
                yield f"not ({left.field} and {right.field})"

    def _rests(self) -> Iterator[str]:
        """No rest is below 0."""
        units = self.rates.units
        told = [unit.field for unit in units if unit.field in self.used]
        moved = {name: rests(units, {name: 1}) for name in told}
        for unit in units:
            form = tuple((name, moved[name][unit.field]) for name in told if moved[name][unit.field])
            if any(times < 0 for _, times in form):
                yield f"{self._sum(form)} >= 0"

    def bands(self, *, parts: bool) -> Iterator[str]:
        """Lines that return the cost, by the size of the input."""
        for start, band in zip(self.rates.starts, self.rates.bands, strict=False):
            yield f"if input_tokens <= {start}:"
            yield from (f" {line}" for line in self._cost(band, parts=parts))
        yield from self._cost(self.rates.bands[-1], parts=parts)

    def _cost(self, band: Band, *, parts: bool) -> Iterator[str]:
        tools = self._sum(band.tool)
        yield f"paid_in = money({self._sum(band.input)}, UNIT)"
        yield f"paid_out = money({self._sum(band.output)}, UNIT)"
        total = "add(paid_in, paid_out)"
        if tools != "0":
            yield f"paid_tools = money({tools}, UNIT)"
            total = f"add({total}, paid_tools)"
        result = (
            f"{{'cost.total': {total}, 'cost.input': paid_in, 'cost.output': paid_out, "
            f"'cost.currency': 'USD', 'cost.source': 'computed', 'cost.price_version': {self.rates.version!r}}}"
        )
        if not parts:
            yield f"return {result}"
            return
        yield f"cost = {result}"
        if tools != "0":
            yield "if paid_tools: cost['cost.tools'] = paid_tools"
        for key, field, coefficients in band.parts:
            if field in self.used:
                yield f"if {field}: cost[{key!r}] = money({self._sum(coefficients)}, UNIT)"
        if cached := self._some(CACHE_FIELDS):
            saved = f"money(-({self._sum(band.cache)}), UNIT)"
            yield f"if {' or '.join(cached)}: cost['cost.cache_discount'] = {saved}"
        yield "return cost"

    def _sum(self, coefficients: Coefficients) -> str:
        terms = (f"{times} * {name}" for name, times in coefficients if name in self.used)
        return " + ".join(terms) or "0"

    def _within(self, parts: Iterable[str], whole: str) -> str:
        return f"{' + '.join(self._some(parts)) or '0'} <= {whole}"

    def _some(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.used]
