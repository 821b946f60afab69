"""Objects that LangChain's serializer does not know: of a pydantic value only the text that it prints as is stored.

A tracer's copy of `AIMessage.response_metadata["token_usage"]` is then `{"lc": 1, "type": "not_implemented", "id": […], "repr":
"Usage(prompt_tokens=7, …)"}`. The result's own `llm_output` has the same value as a mapping, if at all; else the text is read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

MAX_CHARS: Final = 50_000
"""Of a text that an object prints as; a longer one is not read."""

_NOTHING: Final[Mapping[str, Any]] = {}


def holds_stub(fields: object) -> bool:
    """Whether a value of these, or the first item of a list, is such a text."""
    if type(fields) is dict:
        for value in fields.values():
            kind = value.__class__
            if kind is list and value:
                value = value[0]  # noqa: PLW2901 - a list is of one kind
                kind = value.__class__
            if kind is dict and "lc" in value:
                return True
    return False


def restored(
    fields: Mapping[str, Any], name: str, faults: list[str], other: Mapping[str, Any] = _NOTHING
) -> dict[str, Any]:
    """The fields with the values that the objects had; those that cannot be read are left out, and told.

    Args:
        fields: As dumped.
        name: What they are called in a fault.
        faults: Where it is told.
        other: The same fields as plain values, as far as there are any.
    """
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, list):
            items = [_value(item) if _is_stub(item) else item for item in value]
            found[key] = [item for item in items if item is not _UNREAD]
            is_unread = len(found[key]) < len(items)
        elif _is_stub(value):
            plain = other.get(key)
            found[key] = _value(value) if plain is None or _is_stub(plain) else plain
            is_unread = found[key] is _UNREAD
            if is_unread:
                del found[key]
        else:
            found[key] = value
            continue
        if is_unread:
            faults.append(f"{name}.{key}: only the text of an object was stored, which could not be read")
    return found


def _is_stub(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "not_implemented" and "lc" in value


_UNREAD: Final = object()


def _value(stub: Mapping[str, Any]) -> Any:
    """What the text says, where it is all plain: the fields of objects, and literals."""
    text = stub.get("repr")
    if not isinstance(text, str) or len(text) > MAX_CHARS:
        return _UNREAD
    try:
        return _plain(ast.parse(text, mode="eval").body)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return _UNREAD


def _plain(node: ast.expr) -> Any:
    """The value of an expression.

    Raises:
        ValueError: It is no plain value.
    """
    if isinstance(node, ast.Call):
        names = [word.arg for word in node.keywords]
        if node.args or not names or None in names:
            raise ValueError("an object that does not print its fields")
        return {word.arg: _plain(word.value) for word in node.keywords}
    if isinstance(node, ast.Dict):
        keys = [None if key is None else _plain(key) for key in node.keys]
        return dict(zip(keys, map(_plain, node.values), strict=True))
    if isinstance(node, ast.List | ast.Tuple):
        return [_plain(item) for item in node.elts]
    return ast.literal_eval(node)
