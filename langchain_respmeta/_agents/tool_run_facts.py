"""What is known of a tool's and of a parser's run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_respmeta._agents import structured_output, tool_results, trace_summary
from langchain_respmeta._agents.structured_output import PARSERS, ParserRun
from langchain_respmeta._agents.tool_call import ToolRun
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.lifetime import EndSource
from langchain_respmeta.providers.engine.values import compact
from langchain_respmeta.record.draft import Draft, merged

if TYPE_CHECKING:
    from uuid import UUID

    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import Watcher

ToolOrParserRun = ToolRun | ParserRun


def run_of(tree: RunTree) -> ToolOrParserRun | None:
    """Return what is known of this run; read the tracer's copy if no callback has reported its end."""
    tool_run = STATE[CALLS].run(tree.id)
    if tool_run is not None:
        if tool_run.end_source is not EndSource.COMPLETE:
            STATE[CALLS].note_end(
                tool_run, tool_results.read_trace(tree.outputs, tree.error), EndSource.TRACED
            )
        return tool_run
    parsers = STATE[PARSERS]
    parser = parsers.get(tree.id) if parsers else None
    if parser is not None and parser.outcome is None:
        parser.end(structured_output.traced_facts(tree.outputs, tree.error))
    return parser


class TracedRun:
    """A tool's or parser's run, as LangSmith's room knows it."""

    __slots__ = ("_one",)

    def __init__(self, one: ToolOrParserRun) -> None:
        self._one = one

    @property
    def handlers(self) -> tuple[Watcher, ...]:
        """The handlers that watch it."""
        return self._one.handlers

    def as_draft(self) -> Draft:
        """What is known of it."""
        one = self._one
        return _draft_of_tool(one) if isinstance(one, ToolRun) else _draft_of_parser(one)

    def note_in_trace(self, top: UUID) -> None:
        """Count it in the trace below `top`."""
        trace_summary.note_other_run(top, self._one)


def _draft_of_parser(parser: ParserRun) -> Draft:
    facts = {"requested": True, **(parser.outcome or {})}
    return merged({f"structured_output.{name}": value for name, value in facts.items()})


def _draft_of_tool(tool_run: ToolRun) -> Draft:
    outcome = tool_run.outcome
    call = tool_run.call
    if outcome is None or call is None:
        return {}
    facts = {**tool_run.facts(), **call.people}
    tries = call.tries()
    if len(tries) > 1 and tool_run in tries:
        facts["attempt"] = tries.index(tool_run) + 1
    draft = compact(
        event="tool_call_paused"
        if outcome.paused
        else "tool_call_cancelled"
        if outcome.cancelled
        else "tool_call_error"
        if outcome.failed
        else "tool_call_completed",
        tool_executions=[facts],
        media=outcome.media or None,
        updated_session_state=outcome.state or None,
    )
    if outcome.error_type is not None:
        draft["error.type"] = outcome.error_type
        if outcome.text is not None:
            draft["error.message"] = outcome.text
    return merged(draft)
