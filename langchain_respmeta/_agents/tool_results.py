"""What a tool returned: a message, a `Command`, a list of those, any other value, or an exception."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from langchain_respmeta._agents.graph_places import is_command
from langchain_respmeta._reading.cancellation import ABANDONED, BY_NAME
from langchain_respmeta._reading.content import read_content
from langchain_respmeta._reading.server_tool_results import MAX_TEXT
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.record.plain import as_mapping, json_safe

MAX_ITEMS: Final = 100
"""Items of a list, and keys of a mapping, that are kept of arguments and of a changed state."""

_MESSAGES: Final = "messages"


@dataclass(slots=True)
class ToolResult:
    """How a tool run ended."""

    failed: bool = False
    paused: bool = False
    """It waits for a person; it will be run again."""
    cancelled: bool = False
    """It was stopped, or its caller stopped waiting, before it was done."""
    error_type: str | None = None
    text: str | None = None
    tool_call_id: str | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    """Keys of the graph's state that it changed."""


def read_output(output: Any) -> ToolResult:
    """Read what `on_tool_end` brings."""
    outcome = ToolResult()
    for item in output if isinstance(output, list) else (output,):
        if is_command(item):
            _read_command(item, outcome)
        else:
            _read_message(item, outcome)
    return outcome


def read_error(error: BaseException) -> ToolResult:
    """Read what `on_tool_error` brings: LangGraph's interrupts and jumps are no errors, nor is a cancellation."""
    if is_bubbling(error):
        return ToolResult(paused=bool(interrupts_of(error)))
    if isinstance(error, ABANDONED):
        return ToolResult(cancelled=True)
    return ToolResult(failed=True, error_type=type(error).__name__, text=_short(str(error)) or None)


def read_trace(outputs: Any, error: str | None) -> ToolResult:
    """Read what a tracer wrote down before the handler's callback."""
    if error is None:
        return read_output((as_mapping(outputs) or {}).get("output"))
    name, words = traced_error(error)
    if name in _BUBBLING:
        return ToolResult(paused=name in _PAUSING)
    if name in BY_NAME:
        return ToolResult(cancelled=True)
    return ToolResult(failed=True, error_type=name, text=_short(words) if words else None)


def traced_error(error: str) -> tuple[str, str]:
    """Return class and words of the exception in a tracer's text: what follows the frames of the last traceback."""
    frames = error.rpartition(_TRACEBACK)[2].splitlines() if _TRACEBACK in error else [error]
    start = next((number for number, line in enumerate(frames) if line[:1] not in _INDENT), 0)
    path, _, words = "\n".join(frames[start:]).strip().partition(": ")
    name = path.partition("(")[0].rpartition(".")[2]
    return (name, words) if name.isidentifier() else ("Exception", "")


_TRACEBACK: Final = "Traceback (most recent call last):"
_INDENT: Final = ("", " ", "\t")


_PAUSING: Final = frozenset({"GraphInterrupt", "NodeInterrupt"})
_BUBBLING: Final = _PAUSING | {"GraphBubbleUp", "ParentCommand"}


def is_bubbling(error: BaseException) -> bool:
    """Whether LangGraph uses this exception for control flow: an interrupt, or a jump to another graph."""
    errors = sys.modules.get("langgraph.errors")
    return errors is not None and isinstance(error, errors.GraphBubbleUp)


def interrupts_of(error: BaseException) -> list[Any]:
    """Return the interrupts of a `GraphInterrupt`; none for any other exception."""
    errors = sys.modules.get("langgraph.errors")
    if errors is None or not isinstance(error, errors.GraphInterrupt):
        return []
    interrupts = error.args[0] if error.args else ()
    return (
        [one for one in interrupts if hasattr(one, "value")] if isinstance(interrupts, list | tuple) else []
    )


def _read_command(command: Any, outcome: ToolResult) -> None:
    for key, value in pairs_of(command.update):
        if key != _MESSAGES:
            outcome.state[str(key)] = value
            continue
        for message in value if isinstance(value, list) else (value,):
            if hasattr(message, "tool_call_id"):
                _read_message(message, outcome)


def pairs_of(update: Any) -> Iterator[tuple[Any, Any]]:
    """Return the changes in a `Command`'s `update`: a mapping, an object with fields, or a list of pairs."""
    if isinstance(update, list | tuple):
        yield from (pair for pair in update if isinstance(pair, tuple) and len(pair) == 2)
    elif update is not None:
        yield from (as_mapping(update) or getattr(update, "__dict__", {})).items()


def _read_message(message: Any, outcome: ToolResult) -> None:
    call_id = getattr(message, "tool_call_id", None)
    if isinstance(call_id, str):
        outcome.tool_call_id = call_id
        outcome.failed = outcome.failed or getattr(message, "status", None) == "error"
        content = message.content
    else:
        content = message
    if isinstance(content, str) and content.startswith(_BLOCKS_AS_TEXT):
        content = _blocks_in(content)
    if isinstance(content, list):
        content, media = _read_blocks(content)
        outcome.media += media
    if content is not None:
        outcome.text = _short(content if isinstance(content, str) else str(content))


_BLOCKS_AS_TEXT: Final = '[{"type": "'
"""Write a result as core does whose blocks (audio, video, …) it does not know."""


def _blocks_in(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def _read_blocks(blocks: list[Any]) -> tuple[str, list[dict[str, Any]]]:
    draft: ReadDraft = {}
    found = read_content(Answer(metadata={}, content=blocks), draft, Leftovers())
    return found.text, [{**one, "origin": "tool"} for one in draft.get("media", ())]


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} … ({len(text) - MAX_TEXT} more characters)"


def plain(value: Any) -> Any:
    """Return a copy as plain data, with long texts and long lists cut."""
    return _cut(json_safe(value))


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in [*value.items()][:MAX_ITEMS]}
    if isinstance(value, list):
        rest = len(value) - MAX_ITEMS
        return [*map(_cut, value[:MAX_ITEMS]), *([f"<{rest} more>"] if rest > 0 else [])]
    return value


def messages_in(values: Any) -> list[Any]:
    """Return the messages of a graph's state or of a change to it; none if there are none."""
    is_mapping = values.__class__ is dict or isinstance(values, Mapping)  # the second check is slow
    found = values.get(_MESSAGES) if is_mapping else getattr(values, _MESSAGES, None)
    return found if isinstance(found, list) else []


def calls_in(message: Any) -> list[Mapping[str, Any]]:
    """Return the tool calls of a message."""
    calls = getattr(message, "tool_calls", None)
    return [call for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []


def last_calls(messages: list[Any]) -> list[Mapping[str, Any]]:
    """Return the tool calls of the last message that has any."""
    return next((calls for message in reversed(messages) if (calls := calls_in(message))), [])
