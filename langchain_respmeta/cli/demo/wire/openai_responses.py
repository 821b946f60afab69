"""OpenAI Responses as a stream of typed events.

Source: https://platform.openai.com/docs/api-reference/responses-streaming
"""

from collections.abc import Callable, Iterator

from langchain_respmeta.cli.demo.wire.base import Event, JsonObject, Request, argument_pieces, pieces, without

# Events of one output item or content part before they are numbered: (type, fields).
_Draft = tuple[str, dict[str, object]]

_LAST_EVENT = {"incomplete": "response.incomplete", "failed": "response.failed"}
_EMPTIED: dict[str, dict[str, object]] = {
    "message": {"content": []},
    "reasoning": {"summary": []},
    "function_call": {"arguments": ""},
}
_SERVER_TOOL_STEPS = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
}


def encode(body: JsonObject, request: Request) -> Iterator[Event]:  # noqa: ARG001 - every encoder has this shape
    """Yield the ``response.*`` events that add up to a ``response`` body."""
    for number, (kind, fields) in enumerate(_drafts(body)):
        yield Event({"type": kind, "sequence_number": number, **fields}, kind)


def _drafts(body: JsonObject) -> Iterator[_Draft]:
    opened = {**without(body, "completed_at"), "status": "in_progress", "output": [], "usage": None}
    opened |= {"incomplete_details": None, "error": None}
    yield "response.created", {"response": opened}
    yield "response.in_progress", {"response": opened}
    for index, item in enumerate(body.get("output", [])):
        yield from _item(index, item)
    yield _LAST_EVENT.get(body.get("status", ""), "response.completed"), {"response": dict(body)}


def _item(index: int, item: JsonObject) -> Iterator[_Draft]:
    at = {"output_index": index}
    started = {**item, **_EMPTIED.get(item["type"], {}), "status": "in_progress"}
    yield "response.output_item.added", {**at, "item": started}
    where = {**at, "item_id": item["id"]}
    yield from _INSIDE.get(item["type"], _server_tool)(item, where)
    yield "response.output_item.done", {**at, "item": dict(item)}


def _message(item: JsonObject, where: dict[str, object]) -> Iterator[_Draft]:
    for index, part in enumerate(item["content"]):
        here = {**where, "content_index": index}
        kind = "refusal" if part["type"] == "refusal" else "text"
        yield "response.content_part.added", {**here, "part": {**part, kind: "", **_bare(kind)}}
        yield from (_refusal if kind == "refusal" else _text)(part, here)
        yield "response.content_part.done", {**here, "part": dict(part)}


def _bare(kind: str) -> dict[str, object]:
    return {} if kind == "refusal" else {"annotations": [], "logprobs": []}


def _text(part: JsonObject, here: dict[str, object]) -> Iterator[_Draft]:
    logprobs = part.get("logprobs") or []
    tokens = [(entry["token"], [entry]) for entry in logprobs] or [
        (piece, []) for piece in pieces(part["text"])
    ]
    for text, entries in tokens:
        yield "response.output_text.delta", {**here, "delta": text, "logprobs": entries}
    for number, annotation in enumerate(part.get("annotations", ())):
        added = {**here, "annotation_index": number, "annotation": annotation}
        yield "response.output_text.annotation.added", added
    yield "response.output_text.done", {**here, "text": part["text"], "logprobs": logprobs}


def _refusal(part: JsonObject, here: dict[str, object]) -> Iterator[_Draft]:
    for piece in pieces(part["refusal"]):
        yield "response.refusal.delta", {**here, "delta": piece}
    yield "response.refusal.done", {**here, "refusal": part["refusal"]}


def _reasoning(item: JsonObject, where: dict[str, object]) -> Iterator[_Draft]:
    for index, part in enumerate(item.get("summary", ())):
        here = {**where, "summary_index": index}
        yield "response.reasoning_summary_part.added", {**here, "part": {**part, "text": ""}}
        for piece in pieces(part["text"]):
            yield "response.reasoning_summary_text.delta", {**here, "delta": piece}
        yield "response.reasoning_summary_text.done", {**here, "text": part["text"]}
        yield "response.reasoning_summary_part.done", {**here, "part": dict(part)}


def _function_call(item: JsonObject, where: dict[str, object]) -> Iterator[_Draft]:
    for piece in argument_pieces(item["arguments"]):
        yield "response.function_call_arguments.delta", {**where, "delta": piece}
    yield (
        "response.function_call_arguments.done",
        {**where, "arguments": item["arguments"], "name": item["name"]},
    )


def _server_tool(item: JsonObject, where: dict[str, object]) -> Iterator[_Draft]:
    for step in _SERVER_TOOL_STEPS.get(item["type"], ()):
        yield f"response.{item['type']}.{step}", dict(where)


_INSIDE: dict[str, Callable[[JsonObject, dict[str, object]], Iterator[_Draft]]] = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _function_call,
}
