"""What a middleware removed from an agent's messages: seen in what a node returns, or in what a model was sent.

Token counts are core's approximation, before and after by the same measure; the model's own count is in its usage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from langchain_respmeta._agents.graph_places import GraphPlace
from langchain_respmeta._agents.tool_results import messages_in
from langchain_respmeta._process.late_imports import loading

_ALL: Final = "__remove_all__"


def node_ended(place: GraphPlace, outputs: Any) -> None:
    """Note a node's change of the messages that removes some; the graph's next model call records it."""
    changes = messages_in(outputs)
    if place.parent is None or not any(_removes(message) for message in changes):
        return
    before = messages_in(place.inputs)
    after = _applied(before, changes)
    if len(after) < len(before) or _tokens(after) < _tokens(before):
        place.parent.compression = _stats(before, after, str(place.node))


def compression_in_prompt(place: GraphPlace, prompt: Sequence[Any]) -> dict[str, Any] | None:
    """Return the effect of a context-editing middleware that cleared tool results in this prompt only."""
    cleared = sum(_is_cleared(message) for message in prompt)
    before = messages_in(place.inputs)
    if not cleared or not before:
        return None
    known = {getattr(message, "id", None) for message in before}
    after = [message for message in prompt if getattr(message, "id", None) in known]
    return {**_stats(before, after, "context_editing"), "cleared_tool_results": cleared}


def _is_cleared(message: Any) -> bool:
    if getattr(message, "type", None) != "tool":
        return False
    edited = message.response_metadata.get("context_editing")
    return isinstance(edited, dict) and bool(edited.get("cleared"))


def _removes(message: Any) -> bool:
    return getattr(message, "type", None) == "remove"


def _applied(before: Sequence[Any], changes: Sequence[Any]) -> list[Any]:
    """Apply changes as the graph's own reducer does: a removal of all, removals by id, replacements by id, additions."""
    kept = {getattr(message, "id", None) or index: message for index, message in enumerate(before)}
    for index, message in enumerate(changes, len(before)):
        if not _removes(message):
            kept[getattr(message, "id", None) or index] = message
        elif message.id == _ALL:
            kept.clear()
        else:
            kept.pop(message.id, None)
    return list(kept.values())


def _stats(before: Sequence[Any], after: Sequence[Any], by: str) -> dict[str, Any]:
    return {
        "by": by.partition(".")[0],
        "messages_before": len(before),
        "messages_after": len(after),
        "tokens_before": _tokens(before),
        "tokens_after": _tokens(after),
        "tokens_source": "approximate",
    }


def _tokens(messages: Sequence[Any]) -> int:
    with loading:
        from langchain_core.messages.utils import count_tokens_approximately

    return int(count_tokens_approximately(list(messages)))
