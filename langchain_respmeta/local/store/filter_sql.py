"""A filter tree becomes an SQL condition on `run_view`.

Some fields form pairs about one entry, so inside one `and` they become one look-up:
`and(eq(metadata_key, "tier"), eq(metadata_value, "flex"))` matches one entry with both.
Unsupported filters are answered 400, never ignored.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.filter_parse import (
    MAX_DEPTH,
    Call,
    Literal,
    Node,
    Value,
    Values,
    Word,
    parse,
)

_OPERATORS: Final = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT_FIELDS: Final = (
    *("id", "name", "run_type", "status", "error", "trace_id", "parent_run_id", "session_id"),
    *("reference_example_id", "thread_id", "dotted_order"),
)
_TIME_FIELDS: Final = {"start_time": "start_us", "end_time": "end_us", "first_token_time": "first_token_us"}
_NUMBER_FIELDS: Final = {
    "prompt_tokens": "tree_prompt_tokens",
    "completion_tokens": "tree_completion_tokens",
    "total_tokens": "tree_total_tokens",
    "prompt_cost": "tree_prompt_cost",
    "completion_cost": "tree_completion_cost",
    "total_cost": "tree_total_cost",
    "is_root": "is_root",
}
_DURATION_FIELDS: Final = ("latency", "first_token_latency")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
_SECONDS: Final = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MOST_PLANNED: Final = 100
"""Comparisons for which SQLite may search an index; its planning time grows with the third power of their number."""
_PLAIN_KEY: Final = re.compile(r'[^"\\]+')


@dataclass(frozen=True, slots=True)
class _Family:
    """Fields of one entry of a run: rows `e` of run `{r}`."""

    rows: str
    columns: dict[str, str]
    """The field's SQL expression over `e`; the first field is the entry's key."""

    @property
    def key(self) -> str:
        return next(iter(self.columns))


_FAMILIES: Final = (
    _Family(
        "run_metadata e WHERE e.run_no = {r}.no",
        {"metadata_key": "e.key", "metadata_value": "e.text"},
    ),
    _Family(
        "feedback e WHERE e.run_id = {r}.id",
        {
            "feedback_key": "e.key",
            "feedback_score": "e.score",
            "feedback_value": "json_extract(e.value, '$')",
            "feedback_comment": "e.comment",
            "feedback_source": "json_extract(e.feedback_source, '$.type')",
        },
    ),
    _Family(
        "json_each({r}.inputs) e WHERE 1",
        {"input_key": "e.key", "input_value": "CAST(e.value AS TEXT)"},
    ),
    _Family(
        "json_each({r}.outputs) e WHERE 1",
        {"output_key": "e.key", "output_value": "CAST(e.value AS TEXT)"},
    ),
    _Family("json_each({r}.tags) e WHERE 1", {"tag": "e.value"}),
)
_FAMILY_OF: Final = {name: family for family in _FAMILIES for name in family.columns}


def compile_filter(text: str, run: str = "r") -> Condition:
    """The condition that a filter puts on the row `run` of `run_view`."""
    condition = _compile(parse(text), run)
    if len(condition.parameters) > _MOST_PLANNED:
        return Condition(f"CASE WHEN {condition.sql} THEN 1 ELSE 0 END", condition.parameters)
    return condition


def _compile(node: Node, run: str) -> Condition:
    if not isinstance(node, Call):
        raise HTTPException(400, "filter: and, or and not take comparisons, not values")
    compiler = _COMPILERS.get(node.name)
    if compiler is None:
        raise _unsupported("function", node.name, _COMPILERS)
    return compiler(node, run)


def _and(node: Call, run: str) -> Condition:
    """Join comparisons of one family with the key before them; others stay single."""
    groups: list[tuple[_Family, list[Call]]] = []
    conditions: list[Condition] = []
    for argument in _some(node):
        family = _family(argument)
        if family is None or not isinstance(argument, Call):
            _refuse_split_entry(argument, groups)
            conditions.append(_compile(argument, run))
        elif _field(argument) != family.key and (group := _open_group(groups, family)) is not None:
            group.append(argument)
        else:
            groups.append((family, [argument]))
    conditions += [_entry(family, calls, run) for family, calls in groups]
    return joined("AND", conditions)


def _or(node: Call, run: str) -> Condition:
    return joined("OR", [_compile(argument, run) for argument in _some(node)])


def _not(node: Call, run: str) -> Condition:
    if len(node.arguments) != 1:
        raise HTTPException(400, "filter: not takes one comparison")
    inner = _compile(node.arguments[0], run)
    # SQL's comparison with NULL is neither true nor false; here it is false.
    return Condition(f"NOT COALESCE({inner.sql}, 0)", inner.parameters)


def _compare(node: Call, run: str) -> Condition:
    name, value = _operands(node)
    if name in _FAMILY_OF:
        return _entry(_FAMILY_OF[name], [node], run)
    if name in _TEXT_FIELDS:
        return _sql_compare(node.name, f"{run}.{name}", None if value is None else str(value))
    if name in _NUMBER_FIELDS:
        return _sql_compare(node.name, f"{run}.{_NUMBER_FIELDS[name]}", _number(name, value))
    if name in _TIME_FIELDS:
        return _sql_compare(node.name, f"{run}.{_TIME_FIELDS[name]}", _time(name, value))
    if name in _DURATION_FIELDS:
        return _sql_compare(node.name, f"{run}.{name}", _duration(name, value))
    known = (*_TEXT_FIELDS, *_NUMBER_FIELDS, *_TIME_FIELDS, *_DURATION_FIELDS, *_FAMILY_OF)
    raise _unsupported("field", name, known)


def _in(node: Call, run: str) -> Condition:
    match node.arguments:
        case (Word() as word, Values(values)) if values:
            return joined("OR", [_compare(Call("eq", (word, Value(value))), run) for value in values])
    raise HTTPException(400, "filter: in takes a field and a list, as in in(run_type, ['llm', 'tool'])")


def _has(node: Call, run: str) -> Condition:
    match node.arguments:
        case (Word("tags"), Value(str() as tag)):
            return _entry(_FAMILY_OF["tag"], [Call("eq", (Word("tag"), Value(tag)))], run)
        case (Word("metadata"), Value(str() as text)):
            return _contains(_json_object(text), run)
    raise HTTPException(400, "filter: has takes tags and a string, or metadata and the text of a JSON object")


def _search(node: Call, run: str) -> Condition:
    match node.arguments:
        case (Value(str() as text),) if text:
            like = "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"
            columns = ("name", "error", "inputs", "outputs", "extra")
            sql = " OR ".join(rf"{run}.{column} LIKE ? ESCAPE '\'" for column in columns)
            return Condition(f"({sql})", (like,) * len(columns))
    raise HTTPException(400, "filter: search takes one string")


_COMPILERS: Final[dict[str, Callable[[Call, str], Condition]]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "in": _in,
    "has": _has,
    "search": _search,
    **dict.fromkeys(_OPERATORS, _compare),
}


def _entry(family: _Family, calls: Sequence[Call], run: str) -> Condition:
    """One entry of the family that meets all the comparisons, or (`neq` of the key alone) no such entry."""
    absent = len(calls) == 1 and calls[0].name == "neq" and _field(calls[0]) == family.key
    if not absent and any(call.name == "neq" and _field(call) == family.key for call in calls):
        raise HTTPException(
            400, f"filter: neq({family.key}, …) cannot be joined with a comparison of its value"
        )
    conditions = [_entry_comparison(family, Call("eq", c.arguments) if absent else c) for c in calls]
    met = joined("AND", conditions)
    exists = f"EXISTS (SELECT 1 FROM {family.rows.format(r=run)} AND {met.sql})"
    return Condition(f"NOT {exists}" if absent else exists, met.parameters)


def _entry_comparison(family: _Family, call: Call) -> Condition:
    name, value = _operands(call)
    column = family.columns[name]
    if column == "e.text" and isinstance(value, str) and call.name in ("eq", "neq"):
        return _text_or_number(call.name, value)
    if isinstance(value, bool):
        value = str(value).lower() if column == "e.text" else int(value)
    elif isinstance(value, (int, float)) and column == "e.text":
        column = "e.number"
    elif isinstance(value, (int, float)) and "CAST" in column:
        column = "e.value"
    return _sql_compare(call.name, column, value)


def _text_or_number(operator: str, value: str) -> Condition:
    """A string also equals the number it spells, as in LangSmith, where values are compared as texts."""
    number = float(value) if _NUMBER.fullmatch(value) else None
    if operator == "neq":
        return Condition("NOT (COALESCE(e.text = ?, 0) OR COALESCE(e.number = ?, 0))", (value, number))
    return Condition("(e.text = ? OR e.number = ?)", (value, number))


def _contains(wanted: dict[str, object], run: str) -> Condition:
    """Whether metadata contains the object: scalars by the index, nested values by the JSON."""
    conditions = []
    for key, value in wanted.items():
        if isinstance(value, (str, int, float)):
            entry = [
                Call("eq", (Word("metadata_key"), Value(key))),
                Call("eq", (Word("metadata_value"), Value(value))),
            ]
            conditions.append(_entry(_FAMILY_OF["metadata_key"], entry, run))
        else:
            conditions += _nested(f'$.metadata."{_path_key(key)}"', value, run)
    return joined("AND", conditions or [Condition("1")])


def _nested(path: str, value: object, run: str, depth: int = 1) -> list[Condition]:
    if depth > MAX_DEPTH:
        raise HTTPException(400, f"filter: the metadata object is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        inside = [
            _nested(f'{path}."{_path_key(key)}"', below, run, depth + 1) for key, below in value.items()
        ]
        return [condition for conditions in inside for condition in conditions]
    if isinstance(value, list):
        raise HTTPException(400, "filter: has(metadata, …) cannot compare lists")
    if value is None:
        return [Condition(f"json_type({run}.extra, ?) = 'null'", (path,))]
    return [Condition(f"json_extract({run}.extra, ?) = ?", (path, json_text.sql_number(value)))]


def _path_key(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key) is None:
        raise HTTPException(400, f"filter: the metadata key {key!r} cannot be compared")
    return key


def _json_object(text: str) -> dict[str, object]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise HTTPException(400, f"filter: has(metadata, …) takes the text of a JSON object, not {text!r}")
    return found


def _sql_compare(operator: str, expression: str, value: object) -> Condition:
    if value is not None:
        return Condition(f"{expression} {_OPERATORS[operator]} ?", (json_text.sql_number(value),))
    if operator not in ("eq", "neq"):
        raise HTTPException(400, f"filter: {operator} cannot compare with null; use eq or neq")
    return Condition(f"{expression} IS {'NOT ' if operator == 'neq' else ''}NULL")


def _operands(call: Call) -> tuple[str, Literal]:
    match call.arguments:
        case (Word(name), Value(value)):
            return name, value
    raise HTTPException(400, f"filter: {call.name} takes a field and a value, as in {call.name}(name, 'x')")


def _number(name: str, value: Literal) -> float | None:
    if isinstance(value, str):
        raise HTTPException(400, f"filter: {name} is a number, not {value!r}")
    return value


def _time(name: str, value: Literal) -> int | None:
    try:
        return None if value is None else times.parse(value)
    except (ValueError, OverflowError, OSError) as exc:
        raise HTTPException(400, f"filter: {name} is an ISO 8601 time, not {value!r}") from exc


def _duration(name: str, value: Literal) -> float | None:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value)
    if match is None:
        raise HTTPException(400, f"filter: {name} is in seconds, as in 5, '5s' or '300ms', not {value!r}")
    return float(match[1]) * _SECONDS[match[2]]


def _some(node: Call) -> tuple[Node, ...]:
    if not node.arguments:
        raise HTTPException(400, f"filter: {node.name} needs at least one comparison")
    return node.arguments


def _field(node: Node) -> str | None:
    if isinstance(node, Call) and node.arguments and isinstance(node.arguments[0], Word):
        return node.arguments[0].name
    return None


def _family(node: Node) -> _Family | None:
    if isinstance(node, Call) and node.name in _OPERATORS:
        return _FAMILY_OF.get(_field(node) or "")
    return None


def _open_group(groups: list[tuple[_Family, list[Call]]], family: _Family) -> list[Call] | None:
    """The last group of this family that begins with a key."""
    for other, calls in reversed(groups):
        if other is family and _field(calls[0]) == family.key:
            return calls
    return None


def _refuse_split_entry(node: Node, groups: list[tuple[_Family, list[Call]]]) -> None:
    """A value in a nested `or`/`not` with its key outside: whether they belong together is ambiguous."""
    if not isinstance(node, Call) or node.name not in ("or", "not"):
        return
    for argument in node.arguments:
        family = _family(argument)
        if family is not None and _field(argument) != family.key and _open_group(groups, family) is not None:
            raise HTTPException(
                400,
                f"filter: write {family.key} and {_field(argument)} into the same and(…): "
                f"or(and(eq({family.key}, …), eq({_field(argument)}, …)), …)",
            )


def _unsupported(what: str, name: str, known: Iterable[str]) -> HTTPException:
    supported = ", ".join(sorted(known))
    return HTTPException(400, f"filter: the {what} {name!r} is not supported here; supported: {supported}")
