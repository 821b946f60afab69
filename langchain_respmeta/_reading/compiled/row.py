"""The same holes and words out of the outputs of a stored run, without an answer between.

LangChain's tracer keeps a result as nested dicts, whose keys are those of the integration. For outputs whose message has a shape the
function is, in short:

    def take(o):
        if o.__class__ is not dict or tuple(o) != ('generations', 'llm_output'): return None
        g, output, = o.values()
        …
        content, a, i, u, l, = fields.values()
        if a.__class__ is not dict or tuple(a) != ('model_name', 'finish_reason'): return None
        <the body of the shape>

It does what `usual_parts` does to outputs with these keys, and is not made where a value may decide on that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from langchain_respmeta._reading.compiled.holes import is_value
from langchain_respmeta._reading.compiled.shape import Taken, taker
from langchain_respmeta.providers.engine.usual_answer import UsualParts

_FIELDS: Final[Mapping[str, str]] = {
    "content": "c",
    "response_metadata": "a",
    "additional_kwargs": "k",
    "usage_metadata": "u",
    "id": "i",
    "tool_calls": "l",
    "invalid_tool_calls": "v",
}
"""Field of a dumped message → its variable; see `shape`."""

_CHUNKS: Final = "tool_call_chunks"
_DEFAULTS: Final[Mapping[str, str]] = {"k": "{}", "a": "{}", "u": "None", "i": "None", "l": "[]", "v": "[]"}
_OPEN: Final = frozenset({dict, list})
"""Classes of values that may hold anything."""


def row_taker(outputs: dict[str, Any], parts: UsualParts, body: str) -> Callable[..., Taken | None] | None:
    """Make `take` for outputs with the keys of these; None where their values may decide on how they are read.

    Args:
        outputs: A stored result.
        parts: The parts of its answer.
        body: What the shape of the answer does.
    """
    generation = outputs["generations"][0][0]
    message = generation["message"]
    info, output = generation.get("generation_info"), outputs.get("llm_output")
    own = message["kwargs"].get("response_metadata", {})
    if "output_version" in parts.metadata or not _is_closed(own, parts.kwargs):
        return None
    lines = [
        *_holder("o", outputs, {"generations": "g", "llm_output": "q"}),
        *_only("g"),
        *_only("g"),
        *_holder("g", generation, {"generation_info": "z", "message": "m"}),
        *_beside("q", output, is_there="llm_output" in outputs),
        *_beside("z", info, is_there="generation_info" in generation),
        *_holder("m", message, {"id": "y", "kwargs": "f"}),
        f"if y != {message['id']!r}: return None",
        *_message(message["kwargs"], own, parts),
        *_completed(own, {"z": info, "q": output}),
    ]
    return taker("o", "".join(f"    {line}\n" for line in lines) + body)


def _is_closed(*holders: Mapping[str, Any]) -> bool:
    """Whether no value of these is a hole that may hold a text in place of an object, which is read first."""
    return not any(is_value(name) and type(item) in _OPEN for one in holders for name, item in one.items())


def _keys(where: str, value: dict[str, Any]) -> str:
    return f"if {where}.__class__ is not dict or tuple({where}) != {tuple(value)!r}: return None"


def _holder(where: str, value: dict[str, Any], wanted: Mapping[str, str]) -> list[str]:
    names = [wanted.get(key, "_") for key in value]
    return [_keys(where, value), f"{', '.join(names)}, = {where}.values()"]


def _only(where: str) -> list[str]:
    """A list with one item."""
    return [f"if {where}.__class__ is not list or len({where}) != 1: return None", f"{where}, = {where}"]


def _beside(where: str, value: dict[str, Any] | None, *, is_there: bool) -> list[str]:
    """What may complete the message's own metadata."""
    if not is_there:
        return []
    return [f"if {where} is not None: return None" if value is None else _keys(where, value)]


def _completed(own: dict[str, Any], beside: Mapping[str, dict[str, Any] | None]) -> list[str]:
    """The metadata with the keys that only stand beside the message."""
    lines, known = list[str](), {*own}
    for name, extra in beside.items():
        if extra and not extra.keys() <= known:
            lines.append(f"a = {{**{name}, **a}}")
            known |= extra.keys()
    return lines


def _message(fields: dict[str, Any], own: dict[str, Any], parts: UsualParts) -> list[str]:
    wanted = {**_FIELDS, _CHUNKS: "p"} if parts.is_chunk else _FIELDS
    lines, told = _holder("f", fields, wanted), {_FIELDS.get(key) for key in fields}
    lines += [f"{name} = {value}" for name, value in _DEFAULTS.items() if name not in told]
    lines.append("p = p or None" if parts.is_chunk and _CHUNKS in fields else "p = None")
    lines.append("if v.__class__ is not list or v: return None")
    lines.append(f"if l.__class__ is not list or len(l) != {len(parts.tool_calls)}: return None")
    looked_at = {"a": own, "u": parts.usage, "k": parts.kwargs}
    return [*lines, *(_keys(name, value) for name, value in looked_at.items() if value)]
