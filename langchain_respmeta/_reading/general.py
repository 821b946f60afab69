"""The general reader: one generation through its provider's tables, step by step. Compiled readers are made of what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._reading import drift
from langchain_respmeta._reading.conform import conform
from langchain_respmeta._reading.content import Content, read_content
from langchain_respmeta._reading.faults import note_fault
from langchain_respmeta._reading.faults import part as _part
from langchain_respmeta._reading.finish import finish
from langchain_respmeta._reading.server_tool_calls import count_searches, tell_server_calls
from langchain_respmeta._reading.server_tool_results import add_executions
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import (
    Leftovers,
    compile_cells,
    walk,
)
from langchain_respmeta.providers.engine.values import is_json
from langchain_respmeta.providers.families.langchain_usage import USAGE_METADATA, costs_told
from langchain_respmeta.providers.families.langsmith_gateway import GATEWAY, tell_gateway
from langchain_respmeta.providers.generic import GENERIC
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.providers.upstream import WAYS
from langchain_respmeta.record.draft import as_dict
from langchain_respmeta.record.plain import json_safe

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.reader import Reader

_USAGE_TREE: Final = compile_cells(USAGE_METADATA)
_OF_TEXT_MODELS: Final = {"chat_completions": "completions", "chat": "generate"}
_LANGCHAIN_IDS: Final = ("lc_", "run-")
"""Ids that LangChain made up where the provider's was lost."""


def read_generally(
    answer: Answer, start: RunStart, *, prepare: Callable[[Reader], Reader] | None = None
) -> ReadDraft:
    """Read one generation step by step: what compiled readers are made of, and measured by.

    Args:
        answer: The generation; its content may be replaced.
        start: What was known at its start.
        prepare: Gives the provider's reader other cells, which note what they read.
    """
    answer.bind()
    draft: ReadDraft = {}
    leftovers = Leftovers(is_plain=answer.is_plain)
    leftovers.warnings.extend((*start.faults, *answer.faults))
    reader = _find_reader(start, answer, leftovers)
    if prepare is not None:
        reader = prepare(reader)
    fields = as_dict(draft)
    if answer.api is not None and answer.headers:
        draft["_headers"] = dict(answer.headers)
    for name, read in _PARTS.items():
        try:
            read(answer, reader, fields, leftovers)
        except Exception as fault:  # noqa: BLE001 - whatever it raises, it costs this part alone
            note_fault(name, fault, leftovers)
    try:
        content = _read_content(answer, reader, draft, leftovers, start)
    except Exception as fault:  # noqa: BLE001 - see above
        note_fault("content", fault, leftovers)
        content = Content(leftovers)
    _take_steps(answer, reader, draft, leftovers, start)
    if GATEWAY in answer.metadata:
        with _part(GATEWAY, leftovers):
            tell_gateway(draft, answer.metadata, start.requested_model)
    finish(draft, answer, reader, content, leftovers)
    try:
        _identify(draft, answer, start, reader.name, reader.api)
        _structured(draft, start, answer, content)
    except Exception as fault:  # noqa: BLE001 - see above
        note_fault("identity", fault, leftovers)
    _attach(draft, leftovers)
    conform(draft, safe=leftovers.data)
    if leftovers.unmapped:
        drift.note(reader.name, draft.get("unmapped", []))
    return draft


def _take_steps(
    answer: Answer, reader: Reader, draft: ReadDraft, leftovers: Leftovers, start: RunStart
) -> None:
    if reader.name in WAYS:
        with _part("gateway", leftovers):
            if (upstream := REGISTRY.upstream(reader.name, start, answer)[0]) is not None:
                draft["routing.upstream_provider"] = upstream
    for step in (*reader.steps, *(() if answer.api else reader.repairs)):
        try:
            step(draft, answer, start)
        except Exception as fault:  # noqa: BLE001 - a step may be foreign: a fault costs that step
            note_fault(getattr(step, "__name__", type(step).__name__), fault, leftovers)


def _find_reader(start: RunStart, answer: Answer, leftovers: Leftovers) -> Reader:
    try:
        return REGISTRY.find(start, answer)
    except Exception as fault:  # noqa: BLE001 - a registered row may choose by foreign code
        note_fault("provider", fault, leftovers)
        return GENERIC


def _read_usage(answer: Answer, _: Reader, fields: dict[str, Any], leftovers: Leftovers) -> None:
    if answer.usage:
        leftovers.path.append("usage_metadata")
        walk(answer.usage, _USAGE_TREE, fields, leftovers)
        leftovers.path.clear()
        if answer.api is not None:
            fields |= costs_told(answer.usage)
        elif has_mark(answer.usage):
            fields["langchain_cache_hit"] = True


def _read_metadata(answer: Answer, reader: Reader, fields: dict[str, Any], leftovers: Leftovers) -> None:
    walk(answer.metadata, reader.metadata_tree, fields, leftovers)


def _read_kwargs(answer: Answer, reader: Reader, fields: dict[str, Any], leftovers: Leftovers) -> None:
    if answer.kwargs:
        leftovers.path.append("additional_kwargs")
        walk(answer.kwargs, reader.kwargs_tree, fields, leftovers)
        leftovers.path.clear()


_PARTS: Final[dict[str, Callable[[Answer, Reader, dict[str, Any], Leftovers], None]]] = {
    "usage_metadata": _read_usage,
    "response_metadata": _read_metadata,
    "additional_kwargs": _read_kwargs,
}
"""Parts of the message; where several have one field, the first counts."""


def _read_content(
    answer: Answer, reader: Reader, draft: ReadDraft, leftovers: Leftovers, start: RunStart
) -> Content:
    if reader.unpack is not None and answer.api is None:
        with _part("content blocks", leftovers):
            answer.content = reader.unpack(answer.content)
    if outputs := draft.pop("_tool_outputs", None):
        blocks = answer.content if isinstance(answer.content, list) else [answer.content]
        answer.content = [*blocks, *outputs]
    content = read_content(answer, draft, leftovers)
    if "tool_calls" in draft:
        with _part("server tools", leftovers):
            tell_server_calls(draft, answer, reader, start)
        with _part("tool executions", leftovers):
            add_executions(answer.content, draft)
        with _part("web searches", leftovers):
            count_searches(draft, answer, reader)
    return content


def has_mark(usage: Mapping[str, object]) -> bool:
    """Core's cache marks what it gives back with `total_cost` 0: the only sign there is.

    LangSmith's SDK writes a `total_cost` too, but only on runs, and never 0 together with tokens.
    """
    cost = usage.get("total_cost")
    return cost is not None and isinstance(cost, int | float) and cost == 0


def _identify(draft: ReadDraft, answer: Answer, start: RunStart, provider: str, api: str | None) -> None:
    draft["provider"] = provider
    if answer.is_message:
        draft["role"] = "assistant"
    if answer.api:
        draft["api"] = answer.api
    elif api is not None and answer.api is None:
        draft.setdefault(
            "api", _OF_TEXT_MODELS.get(api, api) if not answer.is_message and answer.is_text else api
        )
    if start.integration:
        draft["integration"] = start.integration
    if start.requested_model:
        draft["requested_model"] = start.requested_model
    message_id = answer.message_id
    if message_id and not message_id.startswith(_LANGCHAIN_IDS):
        draft.setdefault("response_id", message_id)


def _structured(draft: ReadDraft, start: RunStart, answer: Answer, content: Content) -> None:
    parsed, schema = draft.pop("_parsed", None), answer.asked_schema
    if parsed is not None:
        draft["structured_output.parsed"] = True
        draft["structured_output.type_name"] = parsed
        draft["structured_output.source"] = "parsed"
    elif schema is not None:
        if schema:
            draft["structured_output.type_name"] = schema
        if is_json(content.text):
            draft["structured_output.source"] = "raw_json"
    if parsed is not None or schema is not None or start.response_format:
        draft["structured_output.requested"] = True


def _attach(draft: ReadDraft, leftovers: Leftovers) -> None:
    told, kept = draft.pop("_warnings", None), draft.pop("_provider_data", None)
    if told or kept:
        with _part("steps' notes", leftovers):
            leftovers.warnings.extend(told or ())
            for key, value in json_safe(kept or {}).items():
                place = leftovers.data.setdefault(key, {})
                if isinstance(place, dict) and isinstance(value, dict):
                    place.update(value)
    if leftovers.data:
        draft["provider_data"] = leftovers.data
    if leftovers.warnings:
        draft["warnings"] = leftovers.warnings
    if leftovers.unmapped:
        draft["unmapped"] = leftovers.unmapped
