"""Metadata of runs that are no model calls but have something to tell: a tool's, and a parser's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._agents import structured_output, tool_results
from langchain_respmeta._agents.structured_output import PARSERS, Parsing
from langchain_respmeta._agents.tool_call_table import CALLS, Execution
from langchain_respmeta.langsmith import metadata as on_run
from langchain_respmeta.providers.engine.values import compact

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

    from langchain_respmeta.handler.handler import RespMetaHandler
    from langchain_respmeta.providers.engine.table import Draft

Watched = Execution | Parsing


def watched(tree: RunTree) -> Watched | None:
    """What is known of this run; whatever the tracer wrote down is read where the handler has not heard of its end."""
    execution = CALLS.run(tree.id)
    if execution is not None:
        if execution.is_unended:
            execution.note_end(tool_results.of_trace(tree.outputs, tree.error), presumed=True)
        return execution
    parser = PARSERS.get(tree.id)
    if parser is not None and parser.facts is None:
        parser.note_end(structured_output.of_trace(tree.outputs, tree.error))
    return parser


def keys_of(one: Watched, handler: RespMetaHandler, *, hidden: bool) -> dict[str, Any]:
    """The run's flat keys, and the same nested unless the client hides things."""
    draft = _draft_of_tool(one) if isinstance(one, Execution) else _draft_of_parser(one)
    flat = {key: read(draft) for key, read in _FLAT.items()}
    keys = {f"{handler.prefix}_{key}": value for key, value in flat.items() if value is not None}
    keys[f"{handler.prefix}_schema_version"] = on_run.SCHEMA_VERSION
    if not hidden:
        keys[handler.prefix] = on_run.nested_record(draft, include_content=handler.include_content)
    return keys


def _draft_of_parser(parser: Parsing) -> Draft:
    return {
        f"structured_output.{name}": value
        for name, value in {"requested": True, **(parser.facts or {})}.items()
    }


def _draft_of_tool(execution: Execution) -> Draft:
    outcome = execution.outcome
    call = execution.call
    if outcome is None or call is None:
        return {}
    told = {**execution.facts(), **call.people}
    tries = call.tries()
    if len(tries) > 1 and execution in tries:
        told["attempt"] = tries.index(execution) + 1
    draft = compact(
        event="tool_call_paused"
        if outcome.paused
        else "tool_call_cancelled"
        if outcome.cancelled
        else "tool_call_error"
        if outcome.failed
        else "tool_call_completed",
        tool_executions=[told],
        media=outcome.media or None,
        updated_session_state=outcome.state or None,
    )
    if outcome.error_type is not None:
        draft["error.type"] = outcome.error_type
        if outcome.text is not None:
            draft["error.message"] = outcome.text
    return draft


def _told(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda draft: draft["tool_executions"][0].get(name) if "tool_executions" in draft else None


def _field(path: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda draft: draft.get(path)


_FLAT: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "event": _field("event"),
    "tool_name": _told("tool_name"),
    "tool_call_id": _told("tool_call_id"),
    "tool_error": _told("tool_call_error"),
    "cancelled": _told("cancelled"),
    "duration_s": _told("duration_s"),
    "child_run_id": _told("child_run_id"),
    "attempt": _told("attempt"),
    "requires_confirmation": _told("requires_confirmation"),
    "confirmed": _told("confirmed"),
    "args_edited": _told("args_edited"),
    "requires_user_input": _told("requires_user_input"),
    "error_type": _field("error.type"),
    "parsed": _field("structured_output.parsed"),
    "parsed_type": _field("structured_output.type_name"),
    "parse_error": _field("structured_output.error"),
}
"""Key (after the prefix) → where it stands."""
