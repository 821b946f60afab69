"""The part of a compiled function that makes `usage_metadata`: `metadata.usage_metadata` for one shape.

    if traced and not ((not (told := traced.get('input_token_details')) or told.keys() <= …) and …):
        usage = usage_metadata(draft, traced)
    else:
        usage = {'input_tokens': v1, 'output_tokens': v2, 'total_tokens': v3, 'input_token_details': {'cache_read': v4}}
        usage['total_cost'] = f5
        if exact_sum(v6, v7) == v5:
            usage['input_cost'] = f6
            usage['output_cost'] = f7 + 0.0
            rest = exact_difference(v6, v8)
            if rest >= 0:
                usage['input_cost_details'] = {'cache_read': f8}
                if rest:
                    usage['input_cost_details']['text'] = float(rest)
            …

What the tracer found under a name that the record has, too, is the record's; of any other name the general code decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from langchain_respmeta.langsmith import metadata
from langchain_respmeta.langsmith.draft_shape import NUMBERS, Shape
from langchain_respmeta.record.exact import exact_difference, exact_sum
from langchain_respmeta.record.usage_names import DETAILS

_IN, _OUT, _TOTAL, _TOOLS = "cost.input", "cost.output", "cost.total", "cost.tools"
COSTS: Final = frozenset(
    {_IN, _OUT, _TOTAL, *(path for paths in metadata.COST_DETAILS.values() for path in paths.values())}
)
"""Costs that stand in `usage_metadata`."""
_BY_LIFETIME: Final = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def usage_lines(shape: Shape) -> list[str]:
    """Lines that set `usage`."""
    general = "usage = usage_metadata(draft, traced)"
    details = {
        side: {name: path for name, path in paths.items() if path in shape.kinds}
        for side, paths in DETAILS.items()
    }
    if not _is_straight(shape, details):
        return [general]
    known = []
    for side, paths in details.items():
        shape.names[f"known_{side}"] = frozenset(paths)
        known.append(f"(not (told := traced.get({side!r})) or told.keys() <= known_{side})")
    has_costs = _TOTAL in shape.kinds
    straight = [
        f"usage = {{{', '.join(_counts(shape, {} if not has_costs else details))}}}",
        *(_with_costs(shape, details) if has_costs else _without_costs(shape, details)),
    ]
    return [
        f"if traced and not ({' and '.join(known)}):",
        f"    {general}",
        "else:",
        *(f"    {line}" for line in straight),
    ]


def _is_straight(shape: Shape, details: Mapping[str, Mapping[str, str]]) -> bool:
    counts = [*metadata.COUNTS, *(path for paths in details.values() for path in paths.values())]
    costs = [path for path in (*COSTS, _TOOLS) if path in shape.kinds]
    splits_by_lifetime = any(name in details["input_token_details"] for name in _BY_LIFETIME)
    return (
        all(shape.kinds.get(path) in NUMBERS for path in counts)
        and all(shape.kinds[path] is Decimal for path in costs)
        and (_TOTAL in shape.kinds or not splits_by_lifetime)
    )


def _counts(shape: Shape, details: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        *(f"{path.partition('.')[2]!r}: {shape.value(path)}" for path in metadata.COUNTS),
        *(f"{side!r}: {_values(shape, paths)}" for side, paths in details.items() if paths),
    ]


def _values(shape: Shape, paths: Mapping[str, str], letter: str = "v") -> str:
    return f"{{{', '.join(f'{name!r}: {shape.value(path, letter)}' for name, path in paths.items())}}}"


def _without_costs(shape: Shape, details: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The tracer's own details stay: LangSmith prices them."""
    lines = []
    for side, paths in details.items():
        if paths:
            media = {name: paths[name] for name in metadata.MEDIA if name in paths}
            lines += [
                f"told = traced.get({side!r}) if traced else None",
                f"usage[{side!r}] = {{**{_values(shape, media)}, **told}} if told else {_values(shape, paths)}",
            ]
    return lines


def _with_costs(shape: Shape, details: Mapping[str, Mapping[str, str]]) -> list[str]:
    lifetimes = [details["input_token_details"].get(name) for name in _BY_LIFETIME]
    split = " or ".join(shape.value(path) for path in lifetimes if path is not None)
    lines = [f"if {split}:", "    usage['input_token_details']['cache_creation'] = 0"] if split else []
    lines.append(f"usage['total_cost'] = {shape.value(_TOTAL, 'f')}")
    if _IN not in shape.kinds or _OUT not in shape.kinds:
        return lines
    paid_in, paid_out = shape.value(_IN), shape.value(_OUT)
    out_as_float = f"{shape.value(_OUT, 'f')} + 0.0"  # a sum that is -0 is 0 in the end
    if _TOOLS in shape.kinds:
        lines.append(f"paid_out = exact_sum({paid_out}, {shape.value(_TOOLS)})")
        paid_out, out_as_float = "paid_out", "float(paid_out)"
    parts = [
        f"usage['input_cost'] = {shape.value(_IN, 'f')}",
        f"usage['output_cost'] = {out_as_float}",
        *_parts(shape, "input_cost_details", paid_in),
        *_parts(shape, "output_cost_details", paid_out),
    ]
    return [
        *lines,
        f"if exact_sum({paid_in}, {paid_out}) == {shape.value(_TOTAL)}:",
        *(f"    {line}" for line in parts),
    ]


def _parts(shape: Shape, side: str, whole: str) -> list[str]:
    """What one side is made of, with what is left."""
    paths = {name: path for name, path in metadata.COST_DETAILS[side].items() if path in shape.kinds}
    rest = whole
    for path in paths.values():
        rest = f"exact_difference({rest}, {shape.value(path)})"
    media = " or ".join(shape.value(path) for path in metadata.MEDIA_COUNTS[side] if path in shape.kinds)
    word = f"'other' if {media} else {metadata.REST!r}" if media else repr(metadata.REST)
    if not paths:
        return [f"if {whole} > 0:", f"    usage[{side!r}] = {{{word}: float({whole})}}"]
    return [
        f"rest = {rest}",
        "if rest >= 0:",
        f"    usage[{side!r}] = {_values(shape, paths, 'f')}",
        "    if rest:",
        f"        usage[{side!r}][{word}] = float(rest)",
    ]


GLOBALS: Final[Mapping[str, Any]] = {
    "exact_difference": exact_difference,
    "exact_sum": exact_sum,
}
