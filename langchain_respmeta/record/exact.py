"""Exact decimal arithmetic for money, whatever the caller's decimal context is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final

EXACT: Final = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Of our own, because the caller's decimal context may round."""


exact_sum: Final[Callable[[Decimal, Decimal], Decimal]] = EXACT.add
"""`left + right`, whatever precision the caller's decimal context has."""

exact_product: Final[Callable[[Decimal, Decimal], Decimal]] = EXACT.multiply
"""`left * right`, whatever precision the caller's decimal context has."""
