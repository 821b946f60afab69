"""The events of a stream of the Responses API, put together.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.raw.asked_calls import Streamed
from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, told

_ENDS: Final = frozenset(
    f"response.{word}" for word in ("completed", "incomplete", "failed", "cancelled", "done")
)
_ERRORS: Final = frozenset({"error", "response.error"})

Event = Mapping[str, Any]


def is_event(event: Body) -> bool:
    """Whether it is an event of a response."""
    return str(event.get("type", "")).startswith("response.")


def join(events: Sequence[Body]) -> Joined:
    """The response of the last event; its output from the items, where it came without."""
    body: dict[str, Any] = {}
    error: Mapping[str, Any] = {}
    is_whole = False
    output = _Output()
    for event in events:
        kind = str(event.get("type", ""))
        if kind in _ERRORS:
            error = _error(event)
        if response := mapping(event.get("response")):
            body.update({key: value for key, value in response.items() if value is not None})
            is_whole = is_whole or kind in _ENDS
        elif (add := _OF_EVENT.get(kind)) is not None:
            add(output, event)
    if not body.get("output"):
        body["output"] = output.items()
    if not is_whole:
        body.pop("status", None)  # that of its beginning
    if error:
        body = {"error": dict(error), **body, "status": "failed"}
    return Joined(Streamed({"object": "response", **body}), is_whole or bool(error))


def _error(event: Event) -> Mapping[str, Any]:
    """The error of an event: in a field of its own, or the event's own fields."""
    inner = mapping(event.get("error"))
    return inner or told(event, ("code", "message")) or {"message": "the stream told of an error"}


class _Output:
    """Output items as they grow."""

    def __init__(self) -> None:
        self._items: dict[Any, dict[str, Any]] = {}
        self._texts: dict[tuple[Any, ...], list[str]] = {}

    def item(self, event: Event) -> dict[str, Any]:
        """The item that an event speaks of."""
        return self._items.setdefault(_place(event), {})

    def replace(self, event: Event) -> None:
        """The item as it is now: at its beginning, and whole at its end."""
        place = _place(event)
        self._items[place] = {**self._items.get(place, {}), **mapping(event.get("item"))}
        for key in [key for key in self._texts if key[0] == place]:
            del self._texts[key]

    def grow(self, event: Event, *way: Any) -> None:
        """Add a piece of a text, which stands at `way` in the event's item."""
        if isinstance(piece := event.get("delta"), str):
            self.item(event)
            self._texts.setdefault((_place(event), *way), []).append(piece)

    def items(self) -> list[dict[str, Any]]:
        """All items in their order, with the texts that came."""
        for (place, *way), pieces in self._texts.items():
            _write(self._items[place], way, "".join(pieces))
        return [self._items[place] for place in sorted(self._items)]


def _place(event: Event) -> int:
    index = event.get("output_index")
    return index if isinstance(index, int) else 0


def _write(item: dict[str, Any], way: list[Any], text: str) -> None:
    """Write a text to its place: a field of the item, or of one of its parts."""
    if len(way) == 1:
        item[way[0]] = text
        return
    listed, index, kind, key = way
    part = _part(item, listed, index)
    part.setdefault("type", kind)
    part[key] = text


_MAX_PARTS: Final = 1_000


def _part(item: dict[str, Any], listed: str, index: object) -> dict[str, Any]:
    """A part of an item; parts before it that never came are empty."""
    known = item.get(listed)
    parts: list[Any] = list(known) if isinstance(known, list) else []
    place = index if isinstance(index, int) and 0 <= index < _MAX_PARTS else 0
    parts.extend({} for _ in range(place + 1 - len(parts)))
    part = parts[place] = dict(mapping(parts[place]))
    item[listed] = parts
    return part


Add = Callable[[_Output, Event], None]


def _text(listed: str, index: str, kind: str, key: str = "text") -> Add:
    """Adds to the text of a part of an item, which belongs to `message` or `reasoning`."""
    holder = "message" if kind in ("output_text", "refusal") else "reasoning"

    def add(output: _Output, event: Event) -> None:
        output.item(event).setdefault("type", holder)
        output.grow(event, listed, event.get(index) or 0, kind, key)

    return add


def _field(kind: str, key: str) -> Add:
    """Adds to a field of an item."""

    def add(output: _Output, event: Event) -> None:
        output.item(event).setdefault("type", kind)
        output.grow(event, key)

    return add


def _annotation(output: _Output, event: Event) -> None:
    note = event.get("annotation")
    if isinstance(note, Mapping):
        item = output.item(event)
        item.setdefault("type", "message")
        part = _part(item, "content", event.get("content_index") or 0)
        part.setdefault("type", "output_text")
        part["annotations"] = [*(part.get("annotations") or ()), note]


_OF_EVENT: Final[Mapping[str, Add]] = {
    "response.output_item.added": _Output.replace,
    "response.output_item.done": _Output.replace,
    "response.output_text.delta": _text("content", "content_index", "output_text"),
    "response.refusal.delta": _text("content", "content_index", "refusal", "refusal"),
    "response.output_text.annotation.added": _annotation,
    "response.reasoning_text.delta": _text("content", "content_index", "reasoning_text"),
    "response.reasoning_summary_text.delta": _text("summary", "summary_index", "summary_text"),
    "response.function_call_arguments.delta": _field("function_call", "arguments"),
    "response.custom_tool_call_input.delta": _field("custom_tool_call", "input"),
    "response.mcp_call_arguments.delta": _field("mcp_call", "arguments"),
    "response.code_interpreter_call_code.delta": _field("code_interpreter_call", "code"),
}
"""What adds to the output. All other events tell a progress, or what came once more."""
