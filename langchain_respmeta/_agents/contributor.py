"""What agents add to the runs of a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._agents import trace_summary
from langchain_respmeta._agents.call_notes import with_notes
from langchain_respmeta._agents.tool_run_facts import TracedRun, run_of

if TYPE_CHECKING:
    from uuid import UUID

    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import Run, Watcher
    from langchain_respmeta.record.draft import Draft


class Agents:
    """A `Contributor`: tool runs, parsers, and what agents know of model runs and traces."""

    def other_run(self, tree: RunTree) -> TracedRun | None:
        """A tool's run, or a parser's."""
        one = run_of(tree)
        return None if one is None else TracedRun(one)

    def with_notes(self, run: Run, draft: Draft) -> Draft:
        """With what became of its tool calls, its attempts, its parser."""
        return with_notes(run, draft)

    def note_model_run(self, top: UUID, run: Run, draft: Draft) -> None:
        """For the trace's own facts."""
        trace_summary.note_model_run(top, run, draft)

    def resumed_by(self, top: UUID) -> Sequence[Watcher]:
        """A person's answer may be all that is seen of a trace."""
        return trace_summary.resumed_by(top)

    def facts_of_trace(self, top: UUID, *, ended_well: bool, state: Any) -> Mapping[str, Any]:
        """Counts, and bounded lists of what was done."""
        return trace_summary.rollup_of(top, ended_well=ended_well, state=state)


AGENTS: Final = Agents()
