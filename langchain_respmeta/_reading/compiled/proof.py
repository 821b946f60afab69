"""A compiled reader is used only if it reads as the general one does: the answer it was made of, and others of its shape."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from langchain_respmeta._reading.compiled.holes import id_kind
from langchain_respmeta._reading.compiled.shape import Hole, Shape
from langchain_respmeta._reading.compiled.trace import Read

_SCALES: Final = (3, 2, 7)
"""Counts keep their sums and their order when all are multiplied."""


def is_proven(
    shape: Shape, values: tuple[Any, ...], read: Read, general: Callable[..., dict[str, Any]]
) -> bool:
    """Whether `read` gives what the general reader gives, for these values and for others."""
    if not _agree(shape, values, read, general):
        return False
    others = (
        tuple(_other(hole, value, scale, shape) for hole, value in zip(shape.holes, values, strict=True))
        for scale in _SCALES
    )
    judged = [_agree(shape, other, read, general) for other in others if read(*other) is not None]
    return bool(judged) and all(judged)


def _agree(shape: Shape, values: tuple[Any, ...], read: Read, general: Callable[..., dict[str, Any]]) -> bool:
    found = read(*values)
    return found is not None and is_same(found, general(shape.filled(values)))


def _other(hole: Hole, value: Any, scale: int, shape: Shape) -> Any:
    if hole.kind == "number":
        return value * scale if math.isfinite(value * scale) else value
    if hole.kind == "id":
        return _other_id(value, scale, shape)
    if type(value) is str:
        return _other_text(value, scale)
    if hole.kind == "value" and type(value) is dict:
        return {**value, "more": "x" * scale}
    return value


def _other_text(text: str, scale: int) -> str:
    """A text with another last digit, so that a number or a time stays one; a longer text where it has none."""
    place = max(map(text.rfind, _DIGITS))
    if place < 0:
        return text + " " * scale
    return f"{text[:place]}{(int(text[place]) + scale) % 10}{text[place + 1 :]}"


_DIGITS: Final = "0123456789"


def _other_id(text: str, scale: int, shape: Shape) -> str:
    """An id of the same kind with other letters and digits; equal ids stay equal."""
    is_chunk = shape.flags["is_chunk"]
    kind = id_kind(text, is_chunk=is_chunk)
    for signs in _SIGNS:
        turned = text.translate(str.maketrans(signs, signs[scale:] + signs[:scale]))
        if id_kind(turned, is_chunk=is_chunk) == kind:
            return turned
    return text


_SIGNS: Final = ("0123456789abcdef", "0123456789GHJKMNPQRSTVWXYZ", "0123456789")
"""Signs that take each other's place, so that an id changes and its kind stays."""


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal in kind, too: `True` is not 1, and 1 is not 1.0."""
    if type(one) is not type(other):
        return False
    if type(one) is dict:
        return one.keys() == other.keys() and all(is_same(item, other[key]) for key, item in one.items())
    if type(one) is list:
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other and str(one) == str(other))
