"""The user's own prices, which win over every list."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from langchain_respmeta._process.locks import ProcessLock
from langchain_respmeta.enrich.prices.price_key import KeyParts, PriceKey
from langchain_respmeta.enrich.prices.rates import CompiledRates, compile_rates
from langchain_respmeta.enrich.prices.tiers import tier_of
from langchain_respmeta.enrich.prices.units import BY_FIELD, Unit

Dollars = Decimal | int | float | str
_Key = tuple[str, str, str]


def _dollars(name: str, value: Dollars) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise ValueError(f"{name} must be US dollars per million tokens, zero or more, not {value!r}.")
    return price


class UserPrices:
    """A table of rates, replaced as a whole, so readers need no lock."""

    def __init__(self) -> None:
        self._lock = ProcessLock()
        self.rates: dict[_Key, CompiledRates] = {}
        """By provider, model and tier; empty where the user set none."""

    def set(
        self, provider: str, model: str, service_tier: str | None, rates: dict[str, Dollars | None]
    ) -> None:
        """Store the prices of one model; `rates` by usage field, None where the rate of the whole applies."""
        prices: dict[Unit, Decimal] = {
            BY_FIELD[field]: _dollars(field, value) for field, value in rates.items() if value is not None
        }
        tier = tier_of(PriceKey(provider, model, service_tier))
        compiled = compile_rates(prices, "user", needed=("output_tokens",))
        with self._lock:
            self.rates = {**self.rates, (provider.lower(), model.lower(), tier): compiled}

    def reset(self) -> None:
        """Forget them all."""
        with self._lock:
            self.rates = {}

    def find(self, key: KeyParts) -> CompiledRates | None:
        """The rates of the answer's model, or of the requested one (such as an Azure deployment's name)."""
        if not (asked := PriceKey(*key)).is_sound():
            return None
        provider, tier = asked.provider.lower(), tier_of(asked)
        names = (name.lower() for name in (asked.model, asked.requested_model) if name)
        found = (self.rates.get((provider, name, tier)) for name in names)
        return next((rates for rates in found if rates is not None), None)
