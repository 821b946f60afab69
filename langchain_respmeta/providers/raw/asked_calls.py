"""The calls of functions that an answer asks for, as LangChain's integrations parse them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


class Streamed(dict[str, Any]):
    """A body that was put together of a stream: of it integrations hand over the arguments' own text, too."""


@dataclass(slots=True)
class AskedCalls:
    """The calls of one answer in LangChain's three lists."""

    tool_calls: list[Any] = field(default_factory=list)
    invalid_tool_calls: list[Any] = field(default_factory=list)
    tool_call_chunks: list[Any] | None = None
    """The arguments' text as it came, of a stream."""

    @classmethod
    def of(cls, body: object) -> AskedCalls:
        """The empty lists for the calls of a body."""
        return cls(tool_call_chunks=[] if isinstance(body, Streamed) else None)

    def add(self, name: object, arguments: object, call_id: object) -> None:
        """Add a call: to the valid ones, where its arguments are an object, or nothing."""
        args = parsed_arguments(arguments)
        call = {"name": name, "args": arguments if args is None else args, "id": call_id}
        if args is None:
            self.invalid_tool_calls.append({**call, "type": "invalid_tool_call"})
        else:
            self.tool_calls.append({**call, "type": "tool_call"})
        if self.tool_call_chunks is not None and isinstance(arguments, str):
            self.tool_call_chunks.append({"name": name, "args": arguments, "id": call_id})

    def add_custom(self, name: object, text: object, call_id: object) -> None:
        """Add a call whose input is free text, wrapped as LangChain wraps it."""
        self.tool_calls.append({"type": "tool_call", "name": name, "args": {"__arg1": text}, "id": call_id})


def parsed_arguments(arguments: object) -> dict[str, Any] | None:
    """A function's arguments; empty where there are none, None where they are no object."""
    if isinstance(arguments, str):
        if not arguments.strip():
            return {}
        try:
            arguments = json.loads(arguments, strict=False)
        except (ValueError, RecursionError):
            return None
    if arguments is None:
        return {}
    return dict(arguments) if isinstance(arguments, dict) else None
