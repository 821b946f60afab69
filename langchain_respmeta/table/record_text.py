"""One function for each shape of a draft, which writes the record's JSON of a whole column of drafts.

A shape is the draft's paths, in the order of the draft, and which of its holders are empty. The function is written as
text and compiled, as `dataclasses` does it. For a small draft it looks like this:

    def texts(c0, c1, c2):
        return [dumps({'schema_version': '1.0', 'run_id': v0, 'provider': v1, 'finish_reason': None, 'truncated': None,
                       'refused': None, 'usage': {'input_tokens': v2}, 'event': 'assistant_response'})
                for v0, v1, v2 in zip(c0, c1, c2)]

The fields stand in the order in which `to_dict` writes them, so that both ways give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import partial
from typing import Any, Final, TypeAlias

import orjson

from langchain_respmeta.record.build import PARTS, UNJUDGED
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.json_codec import ALWAYS_WRITTEN
from langchain_respmeta.table.kinds import default_of

Texts: TypeAlias = Callable[..., list[bytes]]
"""One column for each path that is written → the records' JSON."""

_DUMPS: Final = partial(
    orjson.dumps,
    option=orjson.OPT_NAIVE_UTC | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS,
)
"""What JSON lacks raises: the general code says it."""


def texts_function(paths: Sequence[str], empty: frozenset[str]) -> Texts | None:
    """The function of a shape; None where only the general code will do.

    Args:
        paths: What stands in the record, each with a value of its own class; of several parts in any order.
        empty: Which of them hold nothing in any of the drafts.
    """
    values = {path: f"v{number}" for number, path in enumerate(paths)}
    written = [_field(spec, values, empty) for spec in fields(RecordFields)]
    if None in written or not values.keys() <= _known_paths():
        return None
    names = ", ".join(values.values())
    columns = ", ".join(f"c{number}" for number in range(len(paths)))
    source = (
        f"def texts({columns}):\n"
        f"    return [dumps({{{', '.join(filter(None, written))}}}) for ({names},) in zip({columns})]\n"
    )
    names_of_it: dict[str, Any] = {"dumps": _DUMPS}
    exec(compile(source, "<texts of records>", "exec"), names_of_it)  # noqa: S102 - our own text: names come in as `repr`
    texts: Texts = names_of_it["texts"]
    return texts


def _field(spec: Field[Any], values: Mapping[str, str], empty: frozenset[str]) -> str | None:
    """`'name': value`; nothing where `to_dict` leaves it out; None where the record cannot be built."""
    name = spec.name
    part = PARTS.get(name)
    if part is not None and any(path.startswith(f"{name}.") for path in values):
        inner = [_scalar(one, f"{name}.{one.name}", values, empty) for one in fields(part)]
        return None if None in inner else f"{name!r}: {{{', '.join(filter(None, inner))}}}"
    return _scalar(spec, name, values, empty)


def _scalar(spec: Field[Any], path: str, values: Mapping[str, str], empty: frozenset[str]) -> str | None:
    default = UNJUDGED.get(path, default_of(spec))
    if path in values:
        is_left_out = path in empty and default_of(spec) in ((), {})
        return "" if is_left_out else f"{spec.name!r}: {values[path]}"
    if default is MISSING:
        return None
    is_written = spec.name in ALWAYS_WRITTEN or path in UNJUDGED or default not in (None, (), {})
    return f"{spec.name!r}: {default!r}" if is_written else ""


def _known_paths() -> frozenset[str]:
    inner = {f"{name}.{one.name}" for name, part in PARTS.items() for one in fields(part)}
    return frozenset(inner | ({one.name for one in fields(RecordFields)} - PARTS.keys()))
