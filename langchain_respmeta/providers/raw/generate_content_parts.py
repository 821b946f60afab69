"""The parts of a candidate of generateContent as LangChain's content blocks and tool calls.

https://ai.google.dev/api/caching#Part
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from langchain_respmeta.providers.raw.dialect import mapping, named

Part: TypeAlias = Mapping[str, Any]

_BESIDE: Final = frozenset(
    {"thought", "thought_signature", "video_metadata", "media_resolution", "part_metadata", "function_call"}
)
"""Keys of a part that say something of its data, and calls, which are told by themselves."""


def content_of(parts: list[Part]) -> str | list[Any]:
    """Text where there is nothing else, else blocks."""
    blocks = [block for part in parts for block in _blocks(part)]
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        return str(blocks[0]["text"])
    return blocks or ""


def calls_of(parts: list[Part]) -> list[dict[str, Any]]:
    """What the model asks the caller to run."""
    calls = [mapping(part.get("function_call")) for part in parts]
    return [
        {
            "type": "tool_call",
            "id": call.get("id") or None,
            "name": call.get("name"),
            "args": call.get("args") or {},
        }
        for call in calls
        if call.get("name")
    ]


def _blocks(part: Part) -> list[dict[str, Any]]:
    signature = _signature(part.get("thought_signature"))
    blocks: list[dict[str, Any]] = []
    for name, value in part.items():
        if name in _BESIDE or value is None:
            continue
        block = _READ[name](value, part) if name in _READ else {"type": name}
        if block is not None:
            blocks.append({**block, **signature} if block["type"] == "thinking" else block)
    return blocks


def _signature(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        value = base64.b64encode(value).decode("ascii")
    return {"signature": value} if isinstance(value, str) and value else {}


def _text(value: object, part: Part) -> dict[str, Any] | None:
    if part.get("thought"):
        return {"type": "thinking", "thinking": value}
    return {"type": "text", "text": value} if isinstance(value, str) and value else None


def _inline(value: object, _: Part) -> dict[str, Any] | None:
    """A picture, sound or film in the answer."""
    fields = mapping(value)
    return {"type": "media", **named(mime_type=fields.get("mime_type"), data=fields.get("data"))}


def _file(value: object, _: Part) -> dict[str, Any] | None:
    fields = mapping(value)
    return {"type": "media", **named(mime_type=fields.get("mime_type"), file_uri=fields.get("file_uri"))}


def _code(value: object, _: Part) -> dict[str, Any] | None:
    fields = mapping(value)
    return {
        "type": "executable_code",
        **named(executable_code=fields.get("code"), language=fields.get("language"), id=fields.get("id")),
    }


_OK: Final = frozenset({"OUTCOME_OK", 1, "1"})


def _executed(value: object, _: Part) -> dict[str, Any] | None:
    fields = mapping(value)
    outcome = fields.get("outcome")
    return {
        "type": "code_execution_result",
        "code_execution_result": fields.get("output") or "",
        "outcome": 1 if outcome is None or (isinstance(outcome, str | int) and outcome in _OK) else 2,
        "tool_call_id": fields.get("id") or "",
    }


def _server_call(value: object, _: Part) -> dict[str, Any] | None:
    """A step that Google itself took."""
    fields = mapping(value)
    return {
        "type": "server_tool_call",
        "name": _tool_name(fields.get("tool_type")),
        "args": fields.get("args") or {},
        **named(id=fields.get("id")),
    }


def _server_result(value: object, _: Part) -> dict[str, Any] | None:
    fields = mapping(value)
    return {
        "type": "server_tool_result",
        "tool_call_id": fields.get("id") or "",
        "status": "success",
        "output": fields.get("response") or {},
        "extras": {"block_type": _tool_name(fields.get("tool_type"))},
    }


def _tool_name(kind: object) -> str:
    return kind.lower() if isinstance(kind, str) and kind else "media_processing"


_READ: Final[Mapping[str, Callable[[Any, Part], dict[str, Any] | None]]] = {
    "text": _text,
    "inline_data": _inline,
    "file_data": _file,
    "executable_code": _code,
    "code_execution_result": _executed,
    "tool_call": _server_call,
    "tool_response": _server_result,
}
