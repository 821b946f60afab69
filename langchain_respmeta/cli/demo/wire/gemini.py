"""Gemini ``streamGenerateContent?alt=sse``: each event is a whole ``GenerateContentResponse`` with a part of the text.

Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
"""

from collections.abc import Iterator
from typing import Any

from langchain_respmeta.cli.demo.wire.base import Event, JsonObject, Request, pieces, without

_SUMS = ("promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
_GROWING = "candidatesTokenCount"


def encode(body: JsonObject, request: Request) -> Iterator[Event]:  # noqa: ARG001 - every encoder has this shape
    """Yield partial responses; the last holds finish reason, ratings, grounding and the final usage."""
    candidates = body.get("candidates", [])
    if len(candidates) != 1:  # a blocked prompt, or several candidates: one event has all
        yield Event(dict(body))
        return
    frame = without(body, "candidates", "usageMetadata")
    usage = body.get("usageMetadata", {})
    parts = [piece for part in candidates[0].get("content", {}).get("parts", ()) for piece in _pieces(part)]
    for number, part in enumerate(parts[:-1], start=1):
        candidate = {"content": {"role": "model", "parts": [part]}, "index": 0}
        so_far = _usage_so_far(usage, number, len(parts))
        yield Event({"candidates": [candidate], "usageMetadata": so_far, **frame})
    last = {**candidates[0], "content": {"role": "model", "parts": parts[-1:]}}
    yield Event({"candidates": [last], "usageMetadata": usage, **frame})


def _pieces(part: JsonObject) -> Iterator[dict[str, object]]:
    """Cut a text part; its thought signature comes with the last piece."""
    cut = list(pieces(part.get("text", "")))
    beside = without(part, "text", "thoughtSignature")
    for piece in cut[:-1]:
        yield {"text": piece, **beside}
    yield {**part, "text": cut[-1]} if cut else dict(part)


def _usage_so_far(usage: JsonObject, number: int, count: int) -> dict[str, object]:
    """Report what Gemini reports on the way: the prompt at once, the answer's tokens as they grow."""
    known: dict[str, Any] = {key: value for key, value in usage.items() if key != "candidatesTokensDetails"}
    known[_GROWING] = usage.get(_GROWING, 0) * number // count
    return {**known, "totalTokenCount": sum(known.get(key, 0) for key in _SUMS)}
