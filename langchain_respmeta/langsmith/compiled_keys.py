"""One straight function for each shape of a draft: it makes all that `langsmith.metadata` would, in one pass.

A shape is the draft's keys and the type of each value. At `COMPILE_AT` sights the function is written as text and compiled,
as `dataclasses` does it. For a small draft it looks like this:

    def emit(draft, traced):
        v0, v1, v2, v3 = draft.values()
        if token(v0) is None or head(v0) is not None:
            v0 = show_id(may0, v0)
        if not 0 <= (v2) < 9223372036854775808:
            raise NotPlainError
        t1 = texts1[v1]
        s3 = str(v3)
        keys = {'respmeta_schema_version': '1.1', 'respmeta_model': t1, 'respmeta_input_tokens': v2,
                'respmeta_cost_usd': float(s3)}
        keys['respmeta'] = {'run_id': v0, 'model': t1, 'usage': {'input_tokens': v2}, 'cost': {'total': s3},
                            'schema_version': '1.1'}
        return keys, usage_metadata(draft, traced), {'model': t1, 'usage.input_tokens': v2, 'cost.total': v3}

What it cannot say raises, and the general code says it: `keys_of_run`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import orjson

from langchain_respmeta.langsmith import compiled_usage, metadata
from langchain_respmeta.langsmith.call_sums import READ
from langchain_respmeta.langsmith.compiled_usage import usage_lines
from langchain_respmeta.langsmith.draft_shape import HOLDERS, Shape
from langchain_respmeta.record import content, plain_parts
from langchain_respmeta.record.derived import DERIVED
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.flat_values import MAX_TEXT, prefixed
from langchain_respmeta.record.plain import INT64
from langchain_respmeta.record.secrets import find_head
from langchain_respmeta.record.shown_texts import (
    LONGEST,
    NotPlainError,
    clean,
    is_plain_id,
    match_token,
    texts_of,
)
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

Emitted: TypeAlias = tuple[dict[str, Any], dict[str, Any] | None, Draft]
"""The run's keys, its `usage_metadata`, and what a roll-up reads of the draft."""
Emit: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any] | None], Emitted]

_IDS: Final = frozenset(
    {
        "run_id",
        "trace_id",
        "parent_run_id",
        "previous_run_id",
        "response_id",
        "request_id",
        "routing.upstream_id",
    }
)
"""Other in each call: they are looked at together."""
_OWN_IDS: Final = frozenset({"run_id", "trace_id", "parent_run_id"})

_WORDS: Final = frozenset(
    {
        "api", "cost.currency", "cost.price_version", "cost.source", "cost.unpriced_reason", "error.code", "error.type",
        "event", "finish_reason", "integration", "model", "model_source", "native_finish_reason", "provider",
        "refusal.category", "refusal.source", "requested_model", "role", "routing.origin", "routing.upstream_provider",
        "service_tier", "structured_output.error", "structured_output.source", "structured_output.type_name",
        "system_fingerprint",
    }
)  # fmt: skip
"""The same in many calls: each is checked once. Texts in any other field are checked in each call."""

_IN_FLOATS: Final = frozenset({*FLAT.values(), *compiled_usage.COSTS})
"""Sums of money that stand somewhere as floats, too: made of their texts, as `float` of a decimal itself does."""
_BYTES_OF_TEXT: Final = 2 * LONGEST + 2
"""Of a word: printable ASCII, quoted, each character escaped at most once."""
_BYTES_OF_NUMBER: Final = 40
"""Of a number, a time, a key's marks. Decimals of a price list have fewer digits; longer ones are measured."""
_LONGEST_DECIMAL: Final = 30


def compiled(shape: Shape) -> Emit | None:
    """The function of a shape; None where only the general code will do."""
    if not shape.is_simple:
        return None
    text = source(shape)
    shape.names |= _GLOBALS
    exec(compile(text, "<keys of a run>", "exec"), shape.names)  # noqa: S102 - our own text: names come in as `repr`
    emit: Emit = shape.names["emit"]
    return emit


def source(shape: Shape) -> str:
    """The text of the function."""
    body = [
        f"({''.join(f'v{number}, ' for number in shape.index.values())}) = draft.values()",
        *_checked_ids(shape),
        *_told_texts(shape),
        *([] if shape.hidden else _record_values(shape)),
        *(f"s{shape.index[path]} = str({shape.value(path)})" for path in shape.of(Decimal)),
        *(
            f"f{shape.index[path]} = float({shape.value(path, 's')})"
            for path in shape.of(Decimal)
            if path in _IN_FLOATS
        ),
        f"keys = {{{_flat_items(shape)}}}",
        *_derived(shape),
        *([] if shape.hidden else _record(shape)),
        *usage_lines(shape),
        f"return keys, usage, {{{_items({path: _shown(shape, path) for path in shape.kinds if path in READ})}}}",
    ]
    lines = "".join(f"    {line}\n" for line in body)
    return f"def emit(draft, traced):\n{lines}"


def _items(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name!r}: {value}" for name, value in fields.items())


# --- texts -----------------------------------------------------------------------------------------------------------


def _checked_ids(shape: Shape) -> list[str]:
    """All ids at once, where they are plain; else each by its own rule."""
    ids = [path for path in shape.of(str) if path in _IDS and not (shape.own_ids and path in _OWN_IDS)]
    if not ids:
        return []
    joined = " + ".join(map(shape.value, ids))
    told = [f"    {shape.value(path)} = show_id({_rule(shape, path)}, {shape.value(path)})" for path in ids]
    return [f"if token({joined}) is None or head({joined}) is not None:", *told]


def _rule(shape: Shape, path: str) -> str:
    name = f"may{shape.index[path]}"
    shape.names[name] = content.FIELDS.get(path)
    return name


def _show_id(may: Callable[[str], str] | None, text: str) -> str:
    if is_plain_id(text):
        return text
    if len(text) > LONGEST or not (text.isascii() and text.isprintable()):
        raise NotPlainError
    if may is not None and may(text) != text:
        raise NotPlainError
    return clean(text)


def _told_texts(shape: Shape) -> list[str]:
    """`t…`: each text as it stands without content."""
    lines = []
    for path in shape.of(str):
        if path in _IDS or path in content.CONTENT:
            continue
        number, may = shape.index[path], content.FIELDS.get(path)
        if path in _WORDS:
            shape.names[f"texts{number}"] = texts_of(may)
            lines.append(f"t{number} = texts{number}[v{number}]")
        else:
            told = f"v{number}" if may is None else f"{_rule(shape, path)}(v{number})"
            lines.append(f"t{number} = clean({told})")
    return lines


def _shown(shape: Shape, path: str) -> str:
    is_told = shape.kinds[path] is str and path not in _IDS
    return shape.value(path, "t" if is_told else "v")


# --- the record ------------------------------------------------------------------------------------------------------


def _record_values(shape: Shape) -> list[str]:
    """Checks of what JSON would change, and `r…`: values that stand otherwise in the record than in the draft."""
    lines = []
    if whole := shape.of(int):
        lines.append(f"if not 0 <= ({' | '.join(map(shape.value, whole))}) < {INT64}:")
        lines.append("    raise NotPlainError")
    if broken := shape.of(float):
        lines.append(f"if (sum_ := {' + '.join(map(shape.value, broken))}) - sum_:")
        lines.append("    raise NotPlainError")
    lines += [
        f"r{shape.index[path]} = dumps({shape.value(path)})[1:-1].decode()" for path in shape.of(datetime)
    ]
    lines += [f"r{shape.index[path]} = {_holder(shape, path)}" for path in shape.of(dict, list)]
    if shape.include_content:
        lines += [
            f"r{shape.index[path]} = {_with_content(shape, path)}"
            for path in shape.of(str)
            if path not in _IDS
        ]
    return lines


def _holder(shape: Shape, path: str) -> str:
    number = shape.index[path]
    table = plain_parts.LIST_FACTS if shape.kinds[path] is list else plain_parts.MAPPING_FACTS
    told = None if shape.include_content else table.get(path)
    if told is None:
        return f"raw(v{number})"
    shape.names[f"part{number}"] = told
    return f"part{number}(v{number})"


def _with_content(shape: Shape, path: str) -> str:
    number = shape.index[path]
    return (
        f"clean(v{number})"
        if path in content.CONTENT
        else f"v{number} if t{number} == v{number} else clean(v{number})"
    )


def _record(shape: Shape) -> list[str]:
    groups: dict[str, dict[str, str]] = {}
    fields: dict[str, str | dict[str, str]] = {}
    for path, kind in shape.kinds.items():
        if path in content.CONTENT and not shape.include_content:
            continue
        group, dot, name = path.partition(".")
        value = _in_record(shape, path, kind)
        if dot:
            fields[group] = groups.setdefault(group, {})
            groups[group][name] = value
        else:
            fields[group] = value
    told = {
        name: value if isinstance(value, str) else f"{{{_items(value)}}}"
        for name, value in {**fields, "schema_version": repr(SCHEMA_VERSION)}.items()
    }
    lines = [f"keys[{shape.prefix!r}] = record = {{{_items(told)}}}"]
    if is_measured := _is_measured(shape):
        lines.append(f"if len(dumps(record)) > {metadata.MAX_RECORD_BYTES}:")
    elif decimals := shape.of(Decimal):
        lines.append(
            f"if len({' + '.join(shape.value(path, 's') for path in decimals)}) > {_LONGEST_DECIMAL * len(decimals)}:"
        )
    return [*lines, "    raise NotPlainError"] if is_measured or shape.of(Decimal) else lines


def _in_record(shape: Shape, path: str, kind: type) -> str:
    if kind is Decimal:
        return shape.value(path, "s")
    if kind is str:
        letter = "v" if path in _IDS else "r" if shape.include_content else "t"
        return shape.value(path, letter)
    return shape.value(path, "r" if kind is datetime or kind in HOLDERS else "v")


def _is_measured(shape: Shape) -> bool:
    """Whether the record's size is to be looked at; the longest of what else it may be made of fits."""
    texts = shape.of(str)
    is_open = (
        shape.include_content
        or shape.of(dict, list)
        or any(path not in _WORDS and path not in _IDS for path in texts)
    )
    most = len(texts) * _BYTES_OF_TEXT + sum(_BYTES_OF_NUMBER + len(path) for path in shape.kinds)
    return bool(is_open) or most > metadata.MAX_RECORD_BYTES


# --- flat keys -------------------------------------------------------------------------------------------------------


def _flat_items(shape: Shape) -> str:
    keys = prefixed(shape.prefix)
    found = {keys["schema_version"]: repr(SCHEMA_VERSION)}
    for path, kind in shape.kinds.items():
        if path in keys and kind is not type(None):
            found[keys[path]] = _flat(shape, path, kind)
    return _items(found)


def _flat(shape: Shape, path: str, kind: type) -> str:
    if kind is list:
        return f"len({shape.value(path)})"
    if kind is Decimal:
        return shape.value(path, "f")
    text = _shown(shape, path)
    return text if kind is not str or path in _WORDS or path in _IDS else f"{text}[:{MAX_TEXT}]"


def _derived(shape: Shape) -> list[str]:
    """What is computed of the record; each only where what it reads is there."""
    lines = []
    for name, derived in DERIVED.items():
        if shape.kinds.keys() >= {*derived.paths}:
            shape.names[f"derive_{name}"] = derived.of
            lines.append(
                f"if (found := derive_{name}({', '.join(map(shape.value, derived.paths))})) is not None:"
            )
            lines.append(f"    keys[{prefixed(shape.prefix)[name]!r}] = found")
    return lines


_GLOBALS: Final[Mapping[str, Any]] = {
    **compiled_usage.GLOBALS,
    "NotPlainError": NotPlainError,
    "clean": clean,
    "dumps": orjson.dumps,
    "head": find_head,
    "raw": plain_parts.raw,
    "show_id": _show_id,
    "token": match_token,
    "usage_metadata": metadata.usage_metadata,
}
