"""A handler that keeps whatever any callback gets, and finds out whether a fact stood in it."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final

from langchain_core.callbacks import BaseCallbackHandler

NEAR: Final[Mapping[str, tuple[str, ...]]] = {
    "usage.cache_read_tokens": ("cache_read", "cached", "cacheread", "hit"),
    "usage.cache_write_tokens": ("creation", "write", "ephemeral"),
    "usage.cache_write_5m_tokens": ("5m",),
    "usage.cache_write_1h_tokens": ("1h",),
    "usage.reasoning_tokens": ("reason", "think", "thought"),
    "usage.input_tokens": ("input", "prompt"),
    "usage.output_tokens": ("output", "completion", "candidates"),
    "usage.total_tokens": ("total",),
    "usage.input_audio_tokens": ("audio",),
    "usage.output_audio_tokens": ("audio",),
    "usage.input_image_tokens": ("image",),
    "usage.output_image_tokens": ("image",),
    "usage.input_video_tokens": ("video",),
    "usage.accepted_prediction_tokens": ("accepted",),
    "usage.rejected_prediction_tokens": ("rejected",),
    "usage.tool_use_prompt_tokens": ("tool",),
    "usage.web_search_requests": ("search",),
    "service_tier": ("tier",),
    "model": ("model",),
    "finish_reason": ("reason", "status", "stop", "block"),
    "native_finish_reason": ("reason", "status", "stop"),
    "truncated": ("reason", "status", "stop"),
    "refused": ("reason", "status", "stop", "refus", "block"),
    "refusal.source": ("reason", "status", "stop", "refus", "block"),
    "stop_sequence": ("stop",),
    "timing.tokens_per_second": ("second", "timing"),
    "cost.total": ("cost", "ticks"),
    "routing.upstream_provider": (".provider", "upstream"),
    "routing.is_byok": ("byok",),
    "created_at": ("creat", "date", "time"),
    "timing.provider_total_s": ("latency", "total", "time"),
    "safety.blocked": ("filter", "safety", "block"),
    "rate_limits": ("ratelimit", "retry"),
    "request_id": ("request", "header"),
    "citations": ("citation", "annotation", "ground", "search", "source", "document", "content"),
    "response_id": (".id", "_id", "[id", "requestid"),
}
"""Where a value must stand to count as this field's: a number alone proves nothing."""


SPANS: Final = {"citations.start_index": ("start",), "citations.end_index": ("end",)}
"""Numbers prove a span only under these names; a text that belongs to it does anywhere."""

EXACT: Final = frozenset({"model", "requested_model", "error.code"})
"""Where a part of a text is another thing."""


class Probe(BaseCallbackHandler):
    """Keeps the arguments of every callback of one run."""

    run_inline = True

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.ends = 0
        self._leaves: list[tuple[str, Any]] | None = None

    def on_chat_model_start(self, serialized: Any, messages: Any, **kwargs: Any) -> None:
        """Nothing of the answer stands here."""

    def on_llm_start(self, serialized: Any, prompts: Any, **kwargs: Any) -> None:
        """Nor here."""

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None:
        self.seen.append({"token": token, "chunk": chunk})

    def on_stream_event(self, event: Any, **kwargs: Any) -> None:
        self.seen.append({"event": event})

    def on_llm_end(self, response: Any, **kwargs: Any) -> None:
        self.ends += 1
        self.seen.append({"response": response})

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
        self.seen.append({"error": error, "response": kwargs.get("response")})

    def reaches(self, name: str, value: Any) -> bool:
        """Whether `value` stood in any callback's arguments, in a place that belongs to the field."""
        near = SPANS.get(name) or NEAR.get(name) or NEAR.get(name.partition(".")[0], ())
        if isinstance(value, str) and name in SPANS:
            near = ()
        same = operator.eq if name in EXACT else _same
        return any(same(value, leaf) and _belongs(path, near) for path, leaf in self._all())

    def _all(self) -> list[tuple[str, Any]]:
        if self._leaves is None:
            self._leaves = list(_walk(self.seen, "", 0))
        return self._leaves


def _belongs(path: str, near: tuple[str, ...]) -> bool:
    return not near or any(word in path for word in near)


def _same(value: Any, leaf: Any) -> bool:
    if isinstance(value, str):
        return isinstance(leaf, str) and (value in leaf if len(value) > 2 else value == leaf)
    if isinstance(value, bool) or isinstance(leaf, bool):
        return value is leaf
    if isinstance(leaf, str):
        return len(leaf) > 2 and leaf == str(value)
    if isinstance(leaf, int | float):
        return abs(float(value) - float(leaf)) < 1e-9
    return False


def _walk(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > 30:
        return
    if isinstance(value, Enum):
        yield path, value.name
        value = value.value
    if value is None or isinstance(value, str | int | float):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield path, str(key)
            yield from _walk(inner, f"{path}.{key}".lower(), depth + 1)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _walk(inner, path, depth + 1)
    else:
        yield from _walk_object(value, path, depth)


def _walk_object(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        yield from _walk({name: getattr(value, name, None) for name in names}, path, depth + 1)
    elif isinstance(value, BaseException):
        yield from _walk({**vars(value), "args": value.args, "type": type(value).__name__}, path, depth + 1)
    elif hasattr(value, "__dict__"):
        yield from _walk(dict(vars(value)), path, depth + 1)
