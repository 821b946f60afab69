"""The arithmetic: compiled rates times counts, exact.

The price of a unit's rest is distributed over the fields when rates are compiled: with rates `i` for input and `r` for cache
reads, `i*(input - read) + r*read` is `i*input + (r - i)*read`. So a call costs one multiplication a field, in
integers of one small power of ten, and the result equals genai-prices' own, digit by digit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.enrich.prices.result import PricedCost, UnpricedReason
from langchain_respmeta.enrich.prices.units import COUNTS, PARTS, CostPart, Side, Unit
from langchain_respmeta.record.exact import EXACT, exact_sum

TTL: Final = ("cache_write_5m_tokens", "cache_write_1h_tokens")
INPUT_MEDIA: Final = ("input_audio_tokens", "input_image_tokens", "input_video_tokens")
OUTPUT_MEDIA: Final = ("output_audio_tokens", "output_image_tokens", "output_video_tokens")
MEDIA: Final = (
    *INPUT_MEDIA,
    *OUTPUT_MEDIA,
    "cache_audio_read_tokens",
    "cache_image_read_tokens",
    "citation_tokens",
)
_RARE: Final = frozenset({*TTL, *MEDIA})
CACHE: Final = frozenset({"read", "write"})
CACHE_FIELDS: Final = ("cache_read_tokens", "cache_write_tokens")
INNER: Final = (
    ("accepted_prediction_tokens", "output_tokens"),
    ("rejected_prediction_tokens", "output_tokens"),
    ("tool_use_prompt_tokens", "input_tokens"),
)
"""Parts without a rate of their own, and their wholes."""


class Steps(NamedTuple):
    """A price that changes with the size of the whole input, for all of it: `base` below the first step."""

    base: Decimal
    steps: tuple[tuple[int, Decimal], ...]
    """(input tokens above which it holds, price), rising."""

    def at(self, size: int) -> Decimal:
        """The price for an input of more than `size` tokens."""
        return next((price for start, price in reversed(self.steps) if size >= start), self.base)


Price = Decimal | Steps


Coefficients: TypeAlias = tuple[tuple[str, int], ...]


class Band(NamedTuple):
    """What one more of each field adds, in the rates' smallest unit of money, by part of the cost."""

    input: Coefficients
    output: Coefficients
    tool: Coefficients
    cache: Coefficients
    """Those of `input` that are the cache's: what reading and writing it changes in the price of the same tokens."""
    parts: tuple[tuple[CostPart, str, Coefficients], ...]
    """What the sides are made of: draft key, the field that must be used for it, and its coefficients."""


Straight: TypeAlias = Callable[..., PricedCost | None]
"""A function of the counts of a usage: see `straight`."""

_SHAPES: Final = 16
"""Functions that are kept for each rates, with and without parts: a vendor tells a handful of usages."""


class Shapes:
    """Straight functions by the names of a usage, and how often names were seen that have none."""

    __slots__ = ("bare", "sights", "whole")

    def __init__(self) -> None:
        self.bare: Final = Bounded[tuple[str, ...], Straight](_SHAPES)
        self.whole: Final = Bounded[tuple[str, ...], Straight](_SHAPES)
        """With parts."""
        self.sights: Final = Bounded[tuple[bool, tuple[str, ...]], int](4 * _SHAPES)


@dataclass(frozen=True, slots=True)
class CompiledRates:
    """The rates of one model in one tier at one time."""

    version: str
    units: tuple[Unit, ...]
    starts: tuple[int, ...]
    """Input sizes above which the next band of rates holds."""
    bands: tuple[Band, ...]
    exponent: int
    unpriced: Mapping[str, UnpricedReason]
    """Fields without a known rate → the reason to give when they were used."""
    unpriced_fields: frozenset[str]
    needed: tuple[str, ...]
    """Fields that the answer must report, since 0 would be a guess (images of an image model)."""
    shapes: Shapes = field(default_factory=Shapes, compare=False, repr=False)

    def price(self, usage: Mapping[str, Any], *, parts: bool = False) -> PricedCost | UnpricedReason:
        """The cost of `usage`, which passed `fault`; with `parts` also of each part that was used."""
        if not _RARE.isdisjoint(usage):
            if any(map(usage.get, TTL)):
                usage = _with_writes(usage)
            if reason := self._rare_fault(usage):
                return reason
        if reason := self._gap(usage):
            return reason
        band = self.bands[bisect_left(self.starts, usage["input_tokens"])] if self.starts else self.bands[0]
        get, exponent = usage.get, self.exponent
        paid_in = paid_out = 0
        for name, coefficient in band.input:
            paid_in += coefficient * (get(name) or 0)
        for name, coefficient in band.output:
            paid_out += coefficient * (get(name) or 0)
        paid_tools = 0
        for name, coefficient in band.tool:
            paid_tools += coefficient * (get(name) or 0)
        cost: PricedCost = {
            "cost.total": EXACT.scaleb(paid_in + paid_out + paid_tools, exponent),
            "cost.input": EXACT.scaleb(paid_in, exponent),
            "cost.output": EXACT.scaleb(paid_out, exponent),
            "cost.currency": "USD",
            "cost.source": "computed",
            "cost.price_version": self.version,
        }
        if parts:
            if paid_tools:
                cost["cost.tools"] = EXACT.scaleb(paid_tools, exponent)
            _add_parts(cost, band, usage, exponent)
        return cost

    def _gap(self, usage: Mapping[str, object]) -> UnpricedReason | None:
        """What the answer does not report, or the price list lacks."""
        for name in self.needed:
            if usage.get(name) is None:
                return "usage_incomplete"
        if self.unpriced_fields.isdisjoint(usage):
            return None
        return next((reason for name, reason in self.unpriced.items() if usage.get(name)), None)

    def _rare_fault(self, usage: Mapping[str, Any]) -> UnpricedReason | None:
        """Check cache writes by lifetime, and media, which may overlap the cache."""
        get = usage.get
        written = get("cache_write_tokens") or 0
        short, long = get(TTL[0]), get(TTL[1])
        halves = (short or 0) + (long or 0)
        whole_is_told = short is not None and long is not None and halves > 0
        if halves > written or (whole_is_told and halves != written):
            return "usage_inconsistent"
        if (get("cache_read_tokens") or 0) + written > usage["input_tokens"]:
            return "usage_inconsistent"
        return self._media_fault(usage) if any(map(get, MEDIA)) else None

    def _media_fault(self, usage: Mapping[str, object]) -> UnpricedReason | None:
        if _exceeds(usage, INPUT_MEDIA, "input_tokens") or _exceeds(usage, OUTPUT_MEDIA, "output_tokens"):
            return "usage_inconsistent"
        if _exceeds(usage, ("citation_tokens",), "output_tokens"):
            return "usage_inconsistent"
        used = [unit for unit in self.units if usage.get(unit.field)]
        if any(usage.get(join.field) is None for join in _joins(used, self.units)):
            return "usage_incomplete"
        return "usage_inconsistent" if min(rests(self.units, usage).values(), default=0) < 0 else None


def added(left: PricedCost, right: PricedCost) -> PricedCost:
    """Add two costs; other keys of the second win."""
    whole: dict[str, object] = {**left, **right}
    for name, amount in left.items():
        if isinstance(amount, Decimal) and isinstance(more := right.get(name), Decimal):
            whole[name] = exact_sum(amount, more)
    return whole  # type: ignore[return-value]


def _add_parts(cost: PricedCost, band: Band, usage: Mapping[str, Any], exponent: int) -> None:
    for key, part, coefficients in band.parts:
        if usage.get(part):
            paid = sum([coefficient * (usage.get(name) or 0) for name, coefficient in coefficients])
            cost[key] = EXACT.scaleb(paid, exponent)
    if any(map(usage.get, CACHE_FIELDS)):
        saved = -sum([coefficient * (usage.get(name) or 0) for name, coefficient in band.cache])
        cost["cost.cache_discount"] = EXACT.scaleb(saved, exponent)


def _with_writes(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the sum of cache writes that are reported only by lifetime."""
    if usage.get("cache_write_tokens") is not None:
        return usage
    return {**usage, "cache_write_tokens": sum(usage.get(name) or 0 for name in TTL)}


def _exceeds(usage: Mapping[str, Any], parts: Iterable[str], whole: str) -> bool:
    return sum(usage.get(name) or 0 for name in parts) > (usage.get(whole) or 0)


def fault(usage: Mapping[str, Any]) -> UnpricedReason | None:  # noqa: PLR0911 - one after another
    """Why no price of any model fits these counts, or None."""
    for name, count in usage.items():
        if (type(count) is not int or count < 0) and count is not None and name in COUNTS:
            return "usage_inconsistent"
    get = usage.get
    total_in, total_out, total = get("input_tokens"), get("output_tokens"), get("total_tokens")
    if not total_in:
        # No call has an empty prompt: with output, 0 input means the count was lost (Anthropic's streams).
        return "usage_incomplete" if total_out else "no_usage"
    written = get("cache_write_tokens") or 0
    if (get("cache_read_tokens") or 0) + written > total_in:
        return "usage_inconsistent"
    if total_out is None:
        return None
    if any(type(count := get(part)) is int and count > (get(whole) or 0) for part, whole in INNER):
        return "usage_inconsistent"
    if (get("reasoning_tokens") or 0) > total_out or (total is not None and total != total_in + total_out):
        return "usage_inconsistent"
    return None


def _joins(used: Iterable[Unit], priced: Iterable[Unit]) -> Iterable[Unit]:
    """Overlaps that matter: cached audio, if audio and cache reads both occur and each has a rate."""
    used = list(used)
    media = [unit for unit in used if unit.side == "input" and unit.parts and not unit.parts & CACHE]
    cache = [unit for unit in used if unit.parts & CACHE and len(unit.parts) == 1]
    wanted = {left.parts | right.parts for left in media for right in cache}
    return [unit for unit in priced if unit.parts in wanted]


def rests(units: Iterable[Unit], usage: Mapping[str, Any]) -> dict[str, int]:
    """Each unit's count without those of its priced parts."""
    left: dict[str, int] = {}
    ordered = sorted(units, key=lambda unit: -len(unit.parts))
    for unit in ordered:
        inner = sum(left[part.field] for part in ordered if unit.holds(part))
        left[unit.field] = (usage.get(unit.field) or 0) - inner
    return left


def _band(units: tuple[Unit, ...], rates: Mapping[str, int]) -> Band:
    """Turn rates of rests into rates of fields: what one more of a field adds to all rests that include it."""
    found: dict[Side, list[tuple[str, int]]] = {"input": [], "output": [], "tool": []}
    moved = {unit.field: rests(units, {unit.field: 1}) for unit in units}
    for unit in units:
        added = sum(rest * rates[name] for name, rest in moved[unit.field].items())
        if added:
            found[unit.side].append((unit.field, added))
    parts: tuple[tuple[CostPart, str, Coefficients], ...] = tuple(
        (key, part.field, coefficients)
        for key, part in PARTS
        if (coefficients := _of_part(part, units, rates, moved))
    )
    cached = {unit.field for unit in units if unit.parts & CACHE}
    cache = tuple(pair for pair in found["input"] if pair[0] in cached)
    return Band(tuple(found["input"]), tuple(found["output"]), tuple(found["tool"]), cache, parts)


def _of_part(
    part: Unit, units: tuple[Unit, ...], rates: Mapping[str, int], moved: Mapping[str, Mapping[str, int]]
) -> Coefficients:
    """The same for one part; where it has no rate, the smallest whole with a rate counts."""
    inside = [unit for unit in units if unit is part or part.holds(unit)]
    whole = max((unit for unit in units if unit.holds(part)), key=lambda unit: len(unit.parts), default=None)
    rate = rates[whole.field] if whole is not None and part not in inside else 0
    found = {part.field: rate} if rate else {}
    for unit in inside:
        added = sum((rates[one.field] - rate) * moved[unit.field][one.field] for one in inside)
        found[unit.field] = found.get(unit.field, 0) + added
    return tuple(found.items())


def compile_rates(
    prices: Mapping[Unit, Price],
    version: str,
    *,
    unpriced: Mapping[str, UnpricedReason] = MappingProxyType({}),
    needed: Iterable[str] = (),
) -> CompiledRates:
    """Compile prices (US dollars per `unit.per`) into rates of fields."""
    units = tuple(prices)
    starts = tuple(
        sorted({start for price in prices.values() if isinstance(price, Steps) for start, _ in price.steps})
    )
    sizes = (-1, *starts)
    table = [
        {
            unit.field: _of(price, size).scaleb(-len(str(unit.per)) + 1, EXACT)
            for unit, price in prices.items()
        }
        for size in sizes
    ]
    exponents = (int(rate.as_tuple().exponent) for band in table for rate in band.values())
    exponent = min((0, *exponents))
    bands = tuple(
        _band(units, {name: int(rate.scaleb(-exponent, EXACT)) for name, rate in band.items()})
        for band in table
    )
    return CompiledRates(
        version, units, starts, bands, exponent, unpriced, frozenset(unpriced), tuple(needed)
    )


def _of(price: Price, size: int) -> Decimal:
    return price.at(size) if isinstance(price, Steps) else price
