"""What agents add to the runs of a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from langchain_respmeta._agents import trace_summary
from langchain_respmeta._agents.call_notes import add_notes
from langchain_respmeta._agents.tool_run_facts import TracedRun, run_of

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree


class Agents:
    """A `Contributor`: tool runs, parsers, and what agents know of model runs and traces."""

    def other_run(self, tree: RunTree) -> TracedRun | None:
        """A tool's run, or a parser's."""
        one = run_of(tree)
        return None if one is None else TracedRun(one)

    add_notes = staticmethod(add_notes)
    note_model_run = staticmethod(trace_summary.note_model_run)
    resuming_handlers = staticmethod(trace_summary.resuming_handlers)
    facts_of_trace = staticmethod(trace_summary.rollup_of)


AGENTS: Final = Agents()
