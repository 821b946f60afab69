"""The JSON of many records at once: a template for their shape, filled with what differs from one to the next.

The fields stand in the order in which `to_dict` writes them, so that the general code gives the same bytes. For drafts of a
small shape, all of one provider, each `…` is filled in:

    {"schema_version":"1.1","run_id":"…","provider":"openai","finish_reason":null,"usage":{"input_tokens":…}}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import repeat
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from langchain_respmeta.record.build import PARTS, UNJUDGED
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.json_codec import ALWAYS_WRITTEN
from langchain_respmeta.table.items import OddError
from langchain_respmeta.table.kinds import default_of

_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
"""What JSON lacks raises: the general code says it."""


class _Path(str):
    """What is to be filled in, among pieces of text in bytes."""

    __slots__ = ()


_Piece: TypeAlias = bytes | _Path


class Template:
    """How records of drafts with the same paths are written."""

    def __init__(self, kinds: Mapping[str, type], empty: frozenset[str]) -> None:
        """Plan the text.

        Args:
            kinds: Path of what stands in the record → its class.
            empty: Which of them hold nothing in any of the drafts.

        Raises:
            OddError: There is no such record.
        """
        if not kinds.keys() <= _known_paths():
            raise OddError
        self._kinds = kinds
        self._pieces = _object([_field(spec, kinds, empty) for spec in fields(RecordFields)])

    def texts(
        self, columns: Mapping[str, Sequence[Any]], count: int, constant: Collection[str]
    ) -> list[bytes]:
        """The records of some drafts.

        Args:
            columns: Path → values in the record; those of decimals are texts.
            count: How many drafts there are.
            constant: Paths of which all values are written the same.

        Raises:
            Exception: a value of one of them is none that JSON has.
        """
        parts: list[Iterable[bytes]] = []
        before = b""
        for piece in self._pieces:
            if isinstance(piece, bytes):
                before += piece
                continue
            column = columns[piece]
            if piece in constant:
                before += orjson.dumps(column[0], option=_OPTIONS)
            else:
                mark, write = _WRITERS[self._kinds[piece]]
                parts += (repeat(before + mark), write(column))
                before = mark
        return [*map(b"".join, zip(*parts, repeat(before, count), strict=False))]


# --- the plan --------------------------------------------------------------------------------------------------------


def _object(items: Sequence[Sequence[_Piece]]) -> list[_Piece]:
    """`{…}` of its fields; those without a piece are left out."""
    pieces: list[_Piece] = []
    for item in filter(None, items):
        pieces += (b"," if pieces else b"{", *item)
    return [*pieces, b"}"] if pieces else [b"{}"]


def _field(spec: Field[Any], kinds: Mapping[str, type], empty: frozenset[str]) -> list[_Piece]:
    """`"name": value`; nothing where `to_dict` leaves it out."""
    name = spec.name
    part = PARTS.get(name)
    if part is not None and any(path.startswith(f"{name}.") for path in kinds):
        inner = [_scalar(one, f"{name}.{one.name}", kinds, empty) for one in fields(part)]
        return [_key(name), *_object(inner)]
    return _scalar(spec, name, kinds, empty)


def _scalar(spec: Field[Any], path: str, kinds: Mapping[str, type], empty: frozenset[str]) -> list[_Piece]:
    default = UNJUDGED.get(path, default_of(spec))
    if path in kinds:
        return [] if path in empty and default in ((), {}) else [_key(spec.name), _Path(path)]
    if default is MISSING:
        raise OddError
    is_written = spec.name in ALWAYS_WRITTEN or path in UNJUDGED or default not in (None, (), {})
    return [_key(spec.name) + orjson.dumps(default)] if is_written else []


def _key(name: str) -> bytes:
    return orjson.dumps(name) + b":"


@cache
def _known_paths() -> frozenset[str]:
    inner = {f"{name}.{one.name}" for name, part in PARTS.items() for one in fields(part)}
    return frozenset(inner | ({one.name for one in fields(RecordFields)} - PARTS.keys()))


# --- values ----------------------------------------------------------------------------------------------------------


def _quoted(column: Sequence[Any]) -> list[bytes]:
    """What JSON writes between quotes; no text has an unescaped one within."""
    return orjson.dumps(column, option=_OPTIONS)[2:-2].split(b'","')


def _bare(column: Sequence[Any]) -> list[bytes]:
    return orjson.dumps(column, option=_OPTIONS)[1:-1].split(b",")


def _each(column: Sequence[Any]) -> list[bytes]:
    return [orjson.dumps(value, option=_OPTIONS) for value in column]


class _Writer(NamedTuple):
    mark: bytes
    """What stands before and behind a value."""
    write: Callable[[Sequence[Any]], Sequence[bytes]]


_WRITERS: Final[Mapping[type, _Writer]] = {
    **dict.fromkeys((str, Decimal, datetime), _Writer(b'"', _quoted)),
    **dict.fromkeys((int, float, bool), _Writer(b"", _bare)),
    **dict.fromkeys((dict, list), _Writer(b"", _each)),
}
