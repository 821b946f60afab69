"""The record as OpenTelemetry attributes.

Names of the GenAI conventions as they stood in November 2026. They are written out here because every constant of them
in the Python package of the conventions is marked deprecated since they moved to a repository of their own:
<https://github.com/open-telemetry/semantic-conventions-genai>.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.plain import INT64
from langchain_respmeta.record.usage_names import USAGE_NAMES
from langchain_respmeta.record.views.format import MAX_ENTRIES, more_than

Attribute: TypeAlias = str | int | float | bool | list[str]

OWN: Final = "langchain_respmeta"
"""Namespace of attributes without a convention: own names below `gen_ai` are not allowed."""

CONVENTION: Final[dict[str, tuple[str, ...]]] = {
    "provider": ("gen_ai.provider.name",),
    "agent_name": ("gen_ai.agent.name",),
    "thread_id": ("gen_ai.conversation.id",),
    "requested_model": ("gen_ai.request.model",),
    "streamed": ("gen_ai.request.stream",),
    "response_id": ("gen_ai.response.id",),
    "timing.time_to_first_chunk_s": ("gen_ai.response.time_to_first_chunk",),
    **{f"usage.{field}": name.otel for field, name in USAGE_NAMES.items() if name.otel},
    "error.type": ("error.type",),
}
"""Path in the record → the attributes that mean exactly the same."""

CONTENT: Final = frozenset({"refusal.reason", "error.message", "reasoning.text", "structured_output.error"})
"""Texts of people and models, which never enter telemetry, even if the record has them."""

_OPERATIONS: Final = {"generate_content": "generate_content", "completions": "text_completion"}
_OPENAI: Final = frozenset({"openai", "azure.ai.openai"})
"""By the convention `openai.*` attributes are for these providers only."""
_OPENAI_APIS: Final = frozenset({"chat_completions", "responses"})


def to_otel(record: RecordFields) -> dict[str, Attribute]:
    """`record` as flat attributes: conventional names where there is one, else `langchain_respmeta.<path>`.

    Lists of parts (tool calls, citations, …) become their count, decimals floats, times ISO 8601 text; mappings and
    texts of people and models are left out.
    """
    attributes: dict[str, Attribute] = {}
    for name, derive in _DERIVED.items():
        derived = derive(record)
        if derived is not None:
            attributes[name] = derived
    for path, value in _reported(record):
        for name in CONVENTION.get(path, (f"{OWN}.{path}",)):
            attributes[name] = value
    return attributes


def _reported(part: Any, prefix: str = "") -> Iterator[tuple[str, Attribute]]:
    for spec in fields(part):
        path, value = prefix + spec.name, getattr(part, spec.name)
        if is_dataclass(value):
            yield from _reported(value, f"{path}.")
        elif path not in CONTENT:
            attribute = _attribute(value)
            if attribute is not None:
                yield path, attribute


def _attribute(value: object) -> Attribute | None:
    if value is None or isinstance(value, Mapping):
        return None
    if isinstance(value, tuple):
        return _list(value)
    if isinstance(value, Decimal | datetime):
        return float(value) if isinstance(value, Decimal) else value.isoformat()
    if isinstance(value, int) and not -INT64 <= value < INT64:
        return str(value)
    return value if isinstance(value, str | int | float) else None


def _list(items: tuple[object, ...]) -> Attribute | None:
    if not items:
        return None
    if not isinstance(items[0], str):
        return len(items)
    return [*map(str, items[:MAX_ENTRIES]), *filter(None, [more_than(MAX_ENTRIES, len(items))])]


def operation_of(record: RecordFields) -> str:
    """`gen_ai.operation.name` of a call."""
    return _OPERATIONS.get(record.api or "", "chat")


def request_model_of(record: RecordFields) -> str | None:
    """`gen_ai.request.model` of a call, as far as it is known."""
    return record.requested_model or (record.model if record.model_source == "request" else None)


def response_model_of(record: RecordFields) -> str | None:
    """`gen_ai.response.model` of a call: by the convention the model that served, not the requested one."""
    return None if record.model_source == "request" else record.model


def _finish_reasons(record: RecordFields) -> list[str] | None:
    """One word for the one generation; by the convention `error` for every end that is not the model's."""
    word = record.finish_reason
    if word == "cancelled" or (word is None and record.error is not None):
        return ["error"]
    if word == "unknown":
        return [record.native_finish_reason or word]
    return None if word is None else [word]


def _error_type(record: RecordFields) -> str | None:
    return "_OTHER" if record.finish_reason == "error" and record.error is None else None


def _openai(name: str, allowed: frozenset[str] | None = None) -> Callable[[RecordFields], Attribute | None]:
    def derive(record: RecordFields) -> Attribute | None:
        value: str | None = getattr(record, name) if record.provider in _OPENAI else None
        return value if allowed is None or value in allowed else None

    return derive


def _count(name: str, attribute: str, *, wanted: bool) -> Callable[[RecordFields], Attribute | None]:
    def derive(record: RecordFields) -> Attribute | None:
        return sum(getattr(part, attribute) is wanted for part in getattr(record, name)) or None

    return derive


_DERIVED: Final[dict[str, Callable[[RecordFields], Attribute | None]]] = {
    "gen_ai.operation.name": operation_of,
    "gen_ai.request.model": request_model_of,
    "gen_ai.response.model": response_model_of,
    "gen_ai.response.finish_reasons": _finish_reasons,
    "error.type": _error_type,
    "openai.api.type": _openai("api", _OPENAI_APIS),
    "openai.response.service_tier": _openai("service_tier"),
    "openai.response.system_fingerprint": _openai("system_fingerprint"),
    f"{OWN}.invalid_tool_calls": _count("tool_calls", "valid", wanted=False),
    f"{OWN}.safety_blocked": _count("safety", "blocked", wanted=True),
}
"""Attribute → its function of the record, where it is not the value of one path."""
