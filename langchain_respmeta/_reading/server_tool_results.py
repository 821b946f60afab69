"""Tools that the provider ran itself: their results are in the answer's content, in the call's own block or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.values import compact, plain_word
from langchain_respmeta.record.plain import as_mapping

MAX_TEXT: Final = 4_000
"""Characters of a tool's result that are kept; the tool's own run holds all of it."""

_FAILED: Final = frozenset({"failed", "error", "incomplete"})


def add_executions(content: object, draft: ReadDraft) -> None:
    """Add the results of the provider's own tools to the draft."""
    if not isinstance(content, list):
        return
    calls = draft.get("tool_calls", ())
    names = {call.get("id"): call.get("name") for call in calls if call.get("server_side")}
    for fields in map(as_mapping, content) if names else ():
        found = _read(fields) if fields is not None else None
        if found is not None and found.get("tool_call_id") in names:
            name = names[found.get("tool_call_id")]
            draft.setdefault("tool_executions", []).append({**found, "tool_name": name} if name else found)


def _read(block: Mapping[str, object]) -> dict[str, Any] | None:
    if block.get("type") == "non_standard":
        block = as_mapping(block.get("value")) or block
    kind = str(block.get("type"))
    for ending, read in _READERS:
        if kind.endswith(ending):
            return read(block)
    return None


def _of_result(block: Mapping[str, object]) -> dict[str, Any]:
    """Anthropic's `…_tool_result`, and LangChain's own `server_tool_result`."""
    inner = as_mapping(block.get("content")) or {}
    failed = (
        block.get("is_error") is True
        or plain_word(block.get("status")) in _FAILED
        or str(inner.get("type")).endswith("_error")
        or inner.get("return_code") not in (None, 0)
    )
    call_id = plain_word(block.get("tool_use_id") or block.get("tool_call_id"))
    return compact(
        tool_call_id=call_id, tool_call_error=failed, result=_text(inner.get("stdout"), block.get("output"))
    )


def _of_call(block: Mapping[str, object]) -> dict[str, Any] | None:
    """OpenAI's `…_call`: call and result are one block."""
    status = block.get("status")
    if status is None and not block.get("output") and not block.get("error"):
        return None
    failed = plain_word(status) in _FAILED or bool(block.get("error"))
    call_id = plain_word(block.get("id") or block.get("call_id"))
    return compact(tool_call_id=call_id, tool_call_error=failed, result=_text(block.get("output")))


def _of_code(block: Mapping[str, object]) -> dict[str, Any]:
    """Gemini's `code_execution_result`: 1 is OUTCOME_OK."""
    failed = block.get("outcome") not in (None, 1, "OUTCOME_OK")
    return compact(
        tool_call_id=plain_word(block.get("id") or block.get("tool_call_id")),
        tool_call_error=failed,
        result=_text(block.get("code_execution_result"), block.get("output")),
    )


def _text(*values: object) -> str | None:
    return next((value[:MAX_TEXT] for value in values if isinstance(value, str) and value), None)


_READERS: Final[tuple[tuple[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]], ...]] = (
    ("tool_result", _of_result),
    ("code_execution_result", _of_code),
    ("_call", _of_call),
)
"""Ending of a block's type → its reader."""
