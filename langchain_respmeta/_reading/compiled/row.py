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

It does what `usual_parts` does to outputs with these keys, and is not made where a value may decide on that. The same is made for
messages as pydantic dumps them (`Form`). Whether it is a protocol stream's tells `output_version`, a word: other words have other readers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from langchain_respmeta._reading.compiled.holes import is_value
from langchain_respmeta._reading.compiled.shape import Taken, taker
from langchain_respmeta.providers.engine.usual_answer import UsualParts, message_parts, result_parts

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


Lines: TypeAlias = Callable[[dict[str, Any], UsualParts], list[str]]


class Form(NamedTuple):
    """A form in which answers are stored."""

    parts: Callable[[dict[str, Any]], UsualParts | None]
    """The parts of what is stored; None where it is not of the form."""
    own: Callable[[dict[str, Any]], dict[str, Any]]
    """The `response_metadata` of its message."""
    lines: Lines
    """The source text that takes them out of what has the same keys, which is in `o`, into the variables of a shape."""


def row_taker(
    form: Form, stored: dict[str, Any], parts: UsualParts, body: str
) -> Callable[..., Taken | None] | None:
    """Make `take` for what has the same keys as this; None where its values may decide on how it is read.

    Args:
        form: What `stored` is.
        stored: A stored result, or a message.
        parts: The parts of its answer.
        body: What the shape of the answer does.
    """
    if not _is_closed(form.own(stored), parts.kwargs):
        return None
    return taker("o", "".join(f"    {line}\n" for line in form.lines(stored, parts)) + body)


def _own_of_result(outputs: dict[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = outputs["generations"][0][0]["message"]["kwargs"].get("response_metadata", {})
    return own


def _result_lines(outputs: dict[str, Any], parts: UsualParts) -> list[str]:
    generation = outputs["generations"][0][0]
    message = generation["message"]
    info, output = generation.get("generation_info"), outputs.get("llm_output")
    own = _own_of_result(outputs)
    return [
        *_holder("o", outputs, {"generations": "g", "llm_output": "q"}),
        *_only("g"),
        *_only("g"),
        *_holder("g", generation, {"generation_info": "z", "message": "m"}),
        *_beside("q", output, is_there="llm_output" in outputs),
        *_beside("z", info, is_there="generation_info" in generation),
        *_holder("m", message, {"id": "y", "kwargs": "f"}),
        f"if y != {message['id']!r}: return None",
        *_message("f", message["kwargs"], own, parts),
        *_completed(own, {"z": info, "q": output}),
    ]


def _own_of_message(message: dict[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = message["response_metadata"]
    return own


def _message_lines(message: dict[str, Any], parts: UsualParts) -> list[str]:
    lines = _message("o", message, _own_of_message(message), parts)
    return [*lines, f"if y != {message['type']!r}: return None"]


RESULTS: Final = Form(result_parts, _own_of_result, _result_lines)
"""Dumped results, as LangChain's tracer keeps them."""
MESSAGES: Final = Form(message_parts, _own_of_message, _message_lines)
"""Messages, as pydantic dumps them."""


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


def _message(where: str, fields: dict[str, Any], own: dict[str, Any], parts: UsualParts) -> list[str]:
    wanted = {**_FIELDS, "type": "y", **({_CHUNKS: "p"} if parts.is_chunk else {})}
    lines, told = _holder(where, fields, wanted), {_FIELDS.get(key) for key in fields}
    lines += [f"{name} = {value}" for name, value in _DEFAULTS.items() if name not in told]
    lines.append("p = p or None" if parts.is_chunk and _CHUNKS in fields else "p = None")
    lines.append("if v.__class__ is not list or v: return None")
    lines.append(f"if l.__class__ is not list or len(l) != {len(parts.tool_calls)}: return None")
    looked_at = {"a": own, "u": parts.usage, "k": parts.kwargs}
    return [*lines, *(_keys(name, value) for name, value in looked_at.items() if value)]
