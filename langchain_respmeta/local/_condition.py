"""A piece of SQL with what stands for its marks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL text with `?` marks, and what stands for them."""

    sql: str
    parameters: tuple[object, ...] = ()
