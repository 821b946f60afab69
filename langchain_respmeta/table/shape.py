"""The quick way: drafts of one shape become columns together, value by value of one path.

What the general code would tell otherwise (`general.values_of`) raises `OddError`, or whatever Python raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, Final, TypeAlias, cast

import orjson

from langchain_respmeta.record import content, plain_parts
from langchain_respmeta.record.build import LISTS
from langchain_respmeta.record.derived import DERIVED
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.json_codec import decimal_text
from langchain_respmeta.record.shown_texts import NotPlainError
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION
from langchain_respmeta.table import texts
from langchain_respmeta.table.items import OddError, item_of
from langchain_respmeta.table.kinds import CLASSES, classes_of_paths
from langchain_respmeta.table.record_text import Template
from langchain_respmeta.table.schema import IDS, OWN_METADATA, PREFIX, TAGS, flat_columns

Values: TypeAlias = Sequence[Any]
_Of: TypeAlias = Callable[[Values], Values]

_AS_TOLD: Final = (*IDS, TAGS, "tool_calls", "citations", "safety")
"""Paths whose values stand in a column of their name as they do in the record."""


class Shape:
    """What is known of all drafts with the same paths, of which the same ones hold nothing."""

    def __init__(self, paths: tuple[str, ...], empty: frozenset[str], *, include_content: bool) -> None:
        kinds = classes_of_paths()
        self.paths = paths
        self.kinds = {path: kinds.get(path, object) for path in paths}
        self.told = [path for path in paths if include_content or path not in content.CONTENT]
        self.template = _template({path: self.kinds[path] for path in self.told}, empty)
        self.is_whole = self.template is not None
        """Whether others than the general code can tell such drafts."""
        self._plan = [(path, kind, CLASSES[kind]) for path, kind in self.kinds.items() if kind in CLASSES]
        self.of = {
            path: of
            for path in self.told
            if (of := _of_record(path, self.kinds[path], include_content=include_content))
        }
        self._as_told = [name for name in _AS_TOLD if name in self.told and name not in empty & {TAGS}]
        self._has_metadata = OWN_METADATA.name in self.told and OWN_METADATA.name not in empty
        self.flat = [
            (column.name, column.path, _of_flat(column.path, self.kinds[column.path]))
            for column in flat_columns()
            if column.path in self.kinds
        ]
        self.derived = [
            (f"{PREFIX}_{name}", derived)
            for name, derived in DERIVED.items()
            if self.kinds.keys() >= {*derived.paths}
        ]

    def columns(self, drafts: Sequence[Draft]) -> dict[str, Values]:
        """Column of the table → its values for these drafts; what is null for all of them is left out.

        Raises:
            Exception: a value of one of them is no usual one.
        """
        if self.template is None:
            raise OddError
        columns = zip(*map(dict.values, cast("Sequence[dict[str, Any]]", drafts)), strict=True)
        values = dict(zip(self.paths, columns, strict=True))
        constant = self._checked(values)
        told = {path: self.of[path](values[path]) if path in self.of else values[path] for path in self.told}
        found: dict[str, Values] = {
            "record": self.template.texts(told, len(drafts), constant),
            f"{PREFIX}_schema_version": [SCHEMA_VERSION] * len(drafts),
        }
        for name, path, of in self.flat:
            column = told[path] if self.kinds[path] is Decimal else values[path]
            if of is not None:
                column = [*of(column[:1])] * len(column) if path in constant else of(column)
            found[name] = column
        for name, derived in self.derived:
            found[name] = list(map(derived.of, *[values[path] for path in derived.paths]))
        found |= {name: told[name] for name in self._as_told}
        if self._has_metadata:
            found[OWN_METADATA.name] = list(map(orjson.dumps, told[OWN_METADATA.name]))
        return found

    def _checked(self, values: Mapping[str, Values]) -> list[str]:
        """See that each value is of its path's class, and each number one that JSON has; return the paths of equal values."""
        constant = []
        for path, kind, classes in self._plan:
            column = values[path]
            if kind in _COMPARED and is_constant(column):
                constant.append(path)
                if kind is str:
                    column = column[:1]  # what is equal to a text is one
            if not classes.issuperset(map(type, column)):
                raise OddError
            if kind is float and not all(map(isfinite, column)):
                raise OddError
        return constant


def is_constant(column: Values) -> bool:
    """Whether all values are equal."""
    first = column[0]
    return bool(first == column[-1]) and column.count(first) == len(column)


_COMPARED: Final = frozenset({str, bool, int})
"""Classes whose equal values are written the same; a float may be an int, or -0.0, and a decimal may have more digits."""


def _template(kinds: Mapping[str, type], empty: frozenset[str]) -> Template | None:
    try:
        return None if "schema_version" in kinds else Template(kinds, empty)
    except OddError:
        return None


# --- in the record ---------------------------------------------------------------------------------------------------


def _of_record(path: str, kind: type, *, include_content: bool) -> _Of | None:
    """How the values of a path stand in the record; None where they do as they are."""
    if kind is Decimal:
        return _decimals
    if path in LISTS:
        return _items(path, include_content=include_content)
    if include_content:
        return None
    if kind is str:
        return texts.facts_of(path)
    if path == "updated_session_state":
        return _states
    return _facts if path in content.MAPPINGS else None


def _decimals(column: Values) -> Values:
    told = list(map(str, column))
    joined = "".join(told)
    if "N" in joined or "I" in joined:  # no number, or one without end
        raise OddError
    if "E" not in joined:
        return told
    fixed = {text: decimal_text(Decimal(text)) for text in set(told) if "E" in text}
    return [fixed.get(text, text) for text in told]


def _items(name: str, *, include_content: bool) -> _Of | None:
    item, show = item_of(name), None if include_content else content.LISTS.get(name)
    if item is None:
        return None if show is None else lambda column: [[show(one) for one in items] for items in column]
    if show is None:
        return lambda column: [[item(one) for one in items] for items in column]
    return lambda column: [[item(show(one)) for one in items] for items in column]


def _facts(column: Values) -> Values:
    return [_fact(value) for value in column]


def _fact(value: dict[str, Any]) -> Any:
    try:
        return plain_parts.facts(value)
    except NotPlainError:  # a secret, which stands in a record
        return content.facts_of(value)


def _states(column: Values) -> Values:
    return [content.state_facts(value) for value in column]


# --- flat ------------------------------------------------------------------------------------------------------------


def _of_flat(path: str, kind: type) -> _Of | None:
    if kind is str:
        return texts.flat_of(path)
    return _FLAT.get(kind)


def _floats(column: Values) -> Values:
    found = list(map(float, column))  # of texts: that is faster than of decimals
    if not all(map(isfinite, found)):
        raise OddError
    return found


def _lengths(column: Values) -> Values:
    return list(map(len, column))


_FLAT: Final[Mapping[type, _Of]] = {Decimal: _floats, list: _lengths}
