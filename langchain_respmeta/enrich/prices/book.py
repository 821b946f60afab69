"""Compiled rates of one snapshot of genai-prices' data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from langchain_respmeta.enrich.prices.gateways import vendor_key
from langchain_respmeta.enrich.prices.model_names import listed_names
from langchain_respmeta.enrich.prices.price_key import KeyParts, PriceKey
from langchain_respmeta.enrich.prices.price_lists import PriceListEntry, entry_of
from langchain_respmeta.enrich.prices.rates import CompiledRates, Price, Steps, compile_rates
from langchain_respmeta.enrich.prices.result import UnpricedReason
from langchain_respmeta.enrich.prices.sellers import (
    ENDED,
    PRICED_APART,
    SAME_PRICES,
    VERTEX,
    at_vertex,
    moved,
)
from langchain_respmeta.enrich.prices.tiers import (
    FACTORS,
    TIERS_VERSION,
    Factor,
    context_of,
    surcharge_of,
    tier_of,
)
from langchain_respmeta.enrich.prices.units import BY_PRICE_KEY, Unit
from langchain_respmeta.record.exact import exact_product

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import (
        ModelInfo,
        ModelPrice,
        PriceVariant,
        Provider,
        StartDateConstraint,
        TieredPrices,
        TimeOfDateConstraint,
    )

    Constraint: TypeAlias = StartDateConstraint | TimeOfDateConstraint

_MANY: Final = 4_096
"""Entries of a cache before it is emptied: names come from answers, so nothing else bounds them."""

_ONE: Final = Decimal(1)

_AUDIO_AS_TEXT: Final = frozenset({"google"})
"""Vendors whose audio input costs the same as text unless the list has a rate
(https://ai.google.dev/gemini-api/docs/pricing)."""

_CACHE_DISCOUNT_UNLISTED: Final = frozenset({"fireworks"})
"""Vendors whose cached input is cheaper even if the list has no rate for it
(https://docs.fireworks.ai/serverless/overview)."""

_FREE_OF_CHARGE: Final = frozenset({"gcp.gemini"})
"""Vendors whose empty price means free of charge (Gemma on the Gemini API), not a gap in the data."""

_BILLED_IF_USED: Final[tuple[tuple[str, str], ...]] = (
    ("web_searches_kcount", "web_search_requests"),
    ("storage_searches_kcount", "file_search_requests"),
    ("cache_write_1h_mtok", "cache_write_1h_tokens"),
    ("output_audio_mtok", "output_audio_tokens"),
    ("output_image_mtok", "output_image_tokens"),
    ("output_video_mtok", "output_video_tokens"),
)
"""(price key, usage field) of what the plain token price never includes: used but not listed means not priced."""


_ANY_DAY: Final = date(1970, 1, 1)
_ALWAYS: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Spell(NamedTuple):
    """Rates, and how long they hold: since a moment and until another, or always."""

    rates: CompiledRates | UnpricedReason
    since: datetime | None = None
    until: datetime | None = None


class Book:
    """Cache rates by price key, and by day where prices have dates.

    Thread-safe: caches are plain dictionaries, and entries are complete when they are added.
    """

    def __init__(self, snapshot: DataSnapshot, version: str) -> None:
        self.snapshot: Final = snapshot
        self.version: Final = version
        self._providers = {provider.id: provider for provider in snapshot.providers}
        self._rates: dict[KeyParts, CompiledRates | DatedRates | UnpricedReason] = {}

    def find(self, key: KeyParts, at: datetime | None) -> Spell:
        """The rates of a call at a time (None: now)."""
        try:
            rates = self._rates.get(key)
        except TypeError:  # a list where a name should be
            return Spell("unknown_model")
        if rates is None:
            rates = self._look_up(PriceKey(*key))
            if len(self._rates) >= _MANY:
                self._rates = {}
            self._rates[key] = rates
        return rates.find(at) if isinstance(rates, DatedRates) else Spell(rates)

    def _look_up(self, asked: PriceKey) -> CompiledRates | DatedRates | UnpricedReason:
        key = vendor_key(asked) if asked.is_sound() else "unknown_model"
        entry = key if isinstance(key, str) else entry_of(key)
        if isinstance(key, str) or not isinstance(entry, PriceListEntry):
            return entry  # type: ignore[return-value]
        provider = self._provider(entry, key.api_url)
        if provider is None:
            return "unknown_provider"
        candidates = listed_names(provider.id, entry.model)
        if isinstance(candidates, str):
            return candidates
        return self._of_model(key, provider, candidates)

    def _of_model(
        self, key: PriceKey, provider: Provider, names: tuple[str, ...]
    ) -> CompiledRates | DatedRates | UnpricedReason:
        apart = PRICED_APART.get(provider.id)
        same = (
            ()
            if apart and any(apart.fullmatch(name.lower()) for name in names)
            else SAME_PRICES.get(provider.id, ())
        )
        lists = [self._providers[one] for one in same if one in self._providers]
        found = ((name, provider.find_model(name, all_providers=lists)) for name in names)
        name, model = next((pair for pair in found if pair[1] is not None), ("", None))
        if model is None:
            return "unknown_model"
        if moved(provider, model, name):
            return "name_moves"
        if key.provider.lower() == VERTEX and (own := at_vertex(name)) is not None:
            return own if isinstance(own, str) else self._of_seller(key, *own)
        dated = DatedRates(key, provider, model, self.version)
        return dated if dated.changes else dated.compile(datetime.now(UTC))

    def _of_seller(
        self, key: PriceKey, rates: Mapping[Unit, Price], unpriced: Mapping[str, UnpricedReason]
    ) -> CompiledRates | UnpricedReason:
        """Rates of our own table, in the standard tier."""
        if tier_of(key):
            return "tier_not_priced"
        version = f"{self.version}, {TIERS_VERSION}"
        return compile_rates(rates, version, unpriced=unpriced, needed=("output_tokens",))

    def _provider(self, entry: PriceListEntry, api_url: str | None) -> Provider | None:
        """Find it by its exact id: genai-prices also accepts any word that contains `openai`."""
        if entry.provider is not None:
            return self._providers.get(entry.provider)
        url = api_url or ""
        url = url if "//" in url else f"https://{url}"
        try:
            provider = self.snapshot.find_provider(None, None, url)
        except LookupError:
            return None
        return provider if _is_at(provider, url) else None


def _is_at(provider: Provider, url: str) -> bool:
    """Whether the address's host is exactly the provider's: `api.openai.com.example.org` is not OpenAI's."""
    found = re.match(provider.api_pattern, url)
    return (
        found is None
        or found[0].endswith((".", "/"))
        or url[found.end() : found.end() + 1] in {"", "/", ":", "?"}
    )


class DatedRates:
    """The rates of one model in one tier, by time."""

    def __init__(self, key: PriceKey, provider: Provider, model: ModelInfo, version: str) -> None:
        self._key = key
        self._provider = provider
        self._model = model
        self._version = version
        self._tier = tier_of(key)
        self._variants = self._own_variants()
        self._constraints = tuple(self._find_constraints())
        self._ended = ENDED.get((provider.id, model.id))
        self.changes: Final = bool(self._constraints) or self._ended is not None
        self._compiled: dict[tuple[bool, ...], CompiledRates | UnpricedReason] = {}

    def find(self, at: datetime | None) -> Spell:
        """The rates at a time; a time without a zone is UTC, as in genai-prices."""
        at = datetime.now(UTC) if at is None else _utc(at)
        since, until = self._spell(at)
        if self._ended is not None and at >= self._ended:
            return Spell("price_outdated", since, until)
        key = tuple(constraint.active(at) for constraint in self._constraints)
        rates = self._compiled.get(key)
        if rates is None:
            if len(self._compiled) >= _MANY:
                self._compiled = {}
            rates = self._compiled[key] = self.compile(at)
        return Spell(rates, since, until)

    def _spell(self, at: datetime) -> tuple[datetime, datetime]:
        """The last change up to a time, and the next one after it."""
        since, until = _ALWAYS
        changes = [change for one in self._constraints for change in _changes(one, at)]
        for change in changes if self._ended is None else (*changes, self._ended):
            if change <= at:
                since = max(since, change)
            else:
                until = min(until, change)
        return since, until

    def compile(self, at: datetime) -> CompiledRates | UnpricedReason:
        """The rates as of `at`, which is in UTC."""
        surcharge = surcharge_of(self._key)
        if isinstance(surcharge, str):
            return surcharge
        if not self._tier:
            return self._priced(self._model.get_prices(at), None, surcharge.factor)
        if (prices := self._tier_prices(at)) is not None:
            return self._priced(prices, None, surcharge.factor)
        if (factor := FACTORS.get((self._provider.id, self._tier))) is not None:
            return self._priced(self._model.get_prices(at), factor, surcharge.factor)
        return "tier_not_priced"

    def _own_variants(self) -> list[PriceVariant]:
        """Tier rates apply only to the list that has them, not to one that falls back to it (Azure to OpenAI)."""
        if not self._tier or not any(self._model is model for model in self._provider.models):
            return []
        wanted = context_of(self._tier, self._provider.id)
        return [variant for variant in self._model.price_variants or () if variant.when == wanted]

    def _find_constraints(self) -> Iterable[Constraint]:
        conditional = self._model.prices if isinstance(self._model.prices, list) else []
        asked = context_of(self._tier, self._provider.id).items() if self._variants else {}.items()
        variants = [item for item in self._model.price_variants or () if item.when.items() <= asked]
        found = [item.constraint for item in conditional] + [item.constraint for item in variants]
        return (constraint for constraint in found if constraint is not None)

    def _tier_prices(self, at: datetime) -> ModelPrice | None:
        """The data's rates of the tier.

        Their date is that of verification, not of introduction, and an answer with `flex` proves that the tier existed:
        so they also apply before that date if the standard price was the same.
        """
        context = context_of(self._tier, self._provider.id)
        if any(variant.constraint is None or variant.constraint.active(at) for variant in self._variants):
            return self._model.get_prices(at, context)
        starts = [start for variant in self._variants for start in _starts(variant.constraint)]
        if not starts:
            return None
        verified = min(starts)
        unchanged = self._model.get_prices(at) == self._model.get_prices(verified)
        return self._model.get_prices(verified, context) if unchanged else None

    def _priced(
        self, prices: ModelPrice, factor: Factor | None, surcharge: Decimal
    ) -> CompiledRates | UnpricedReason:
        listed = {
            key: value for key, value in vars(prices).items() if value is not None and not key.startswith("_")
        }
        if not listed:
            return self._free()
        if not listed.keys() <= BY_PRICE_KEY.keys() or "input_mtok" not in listed:
            return "not_per_token"
        unpriced = dict(_unlisted(listed.keys(), self._provider.id))
        rates: dict[Unit, Price] = {}
        for key, value in listed.items():
            unit = BY_PRICE_KEY[key]
            if (share := _share(unit, factor)) is None:
                unpriced[unit.field] = "tier_not_priced"
            else:
                rates[unit] = _times(value, _ONE if unit.side == "tool" else exact_product(share, surcharge))
        version = self._version if factor is None and surcharge == 1 else f"{self._version}, {TIERS_VERSION}"
        needed = [unit.field for unit in rates if unit.side == "output"]
        return compile_rates(rates, version, unpriced=unpriced, needed=needed)

    def _free(self) -> CompiledRates | UnpricedReason:
        free = self._key.provider in _FREE_OF_CHARGE or self._model.id.endswith(":free")
        return compile_rates({}, self._version) if free else "unknown_model"


def _starts(constraint: object) -> tuple[datetime, ...]:
    """The first moment of a constraint that is a day, in a tuple; () for any other."""
    day = getattr(constraint, "start_date", None)
    return () if day is None else (datetime.combine(day, time.min, UTC),)


def _changes(constraint: Constraint, at: datetime) -> Iterable[datetime]:
    """Moments at which a constraint begins or ceases to hold, as far as they are next to a time."""
    if starts := _starts(constraint):
        return starts
    hours = (getattr(constraint, "start_time", None), getattr(constraint, "end_time", None))
    if not all(isinstance(hour, time) for hour in hours):  # of another kind: it may change at any moment
        return (at, _later(at, datetime.resolution))
    times = [_utc(datetime.combine(_ANY_DAY, hour)).timetz() for hour in hours if hour is not None]
    days = {_later(at, timedelta(days=day)).date() for day in (-1, 0, 1)}
    return [datetime.combine(day, hour) for day in days for hour in times]


def _later(at: datetime, by: timedelta) -> datetime:
    try:
        return at + by
    except OverflowError:  # on the first and the last day there are
        return at


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first and the last day there are
        return at.replace(tzinfo=UTC)


def _share(unit: Unit, factor: Factor | None) -> Decimal | None:
    """The tier's share of a unit's price; None where none is published."""
    if factor is None or unit.side == "tool":
        return _ONE
    return factor.cache if unit.parts & {"read", "write"} else factor.tokens


def _times(value: Decimal | TieredPrices, share: Decimal) -> Price:
    if isinstance(value, Decimal):
        return exact_product(value, share)
    steps = ((tier.start, exact_product(tier.price, share)) for tier in value.tiers)
    return Steps(exact_product(value.base, share), tuple(steps))


def _unlisted(listed: Iterable[str], provider: str) -> Iterable[tuple[str, UnpricedReason]]:
    """Fields that are billed, but have no rate in the list."""
    listed = set(listed)
    for key, field in _BILLED_IF_USED:
        if key not in listed:
            yield field, "part_not_priced"
    if "cache_read_mtok" not in listed and provider in _CACHE_DISCOUNT_UNLISTED:
        yield "cache_read_tokens", "part_not_priced"
    if "input_audio_mtok" not in listed and provider not in _AUDIO_AS_TEXT:
        yield "input_audio_tokens", "part_not_priced"
