"""Exact decimal arithmetic for money, whatever the caller's decimal context is."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final

EXACT: Final = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Of our own, because the caller's decimal context may round."""


def exact_sum(left: Decimal, right: Decimal) -> Decimal:
    """`left + right`, whatever precision the caller's decimal context has."""
    return EXACT.add(left, right)


def exact_product(left: Decimal, right: Decimal) -> Decimal:
    """`left * right`, whatever precision the caller's decimal context has."""
    return EXACT.multiply(left, right)
