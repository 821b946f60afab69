"""Exact decimal arithmetic for money, in any decimal context of the caller."""

from __future__ import annotations

from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final

EXACT: Final = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Our own context: the caller's may round."""


exact_sum: Final[Callable[[Decimal, Decimal], Decimal]] = EXACT.add
"""`left + right`, exact."""

exact_difference: Final[Callable[[Decimal, Decimal], Decimal]] = EXACT.subtract
"""`left - right`, exact."""

exact_product: Final[Callable[[Decimal, Decimal], Decimal]] = EXACT.multiply
"""`left * right`, exact."""
