"""One tool call, and each run of its tool."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from langchain_respmeta._agents import tool_results
from langchain_respmeta._agents.graph_places import place_of
from langchain_respmeta._agents.tool_results import ToolResult
from langchain_respmeta._runs.lifetime import EndSource, Lifetime
from langchain_respmeta.providers.engine.values import compact

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher


class Asker(Protocol):
    """What is kept of the model run whose answer asked for a call."""

    @property
    def root(self) -> UUID | None:
        """The topmost run around it, if a chain around it was seen."""
        ...

    @property
    def thread(self) -> str | None:
        """The checkpointer's thread."""
        ...

    @property
    def in_graph(self) -> bool:
        """Whether a node of a graph is around it."""
        ...


class ToolRun(Lifetime[ToolResult]):
    """One run of a tool."""

    __slots__ = (
        "args",
        "call",
        "child_run_id",
        "duration_s",
        "handlers",
        "id",
        "in_chain",
        "name",
        "parent_id",
        "place",
    )

    def __init__(self, run_id: UUID, parent_id: UUID | None, name: str | None, args: Any) -> None:
        super().__init__()
        self.id = run_id
        self.parent_id = parent_id
        self.name = name
        self.args = args
        self.place = place_of(parent_id)
        self.in_chain = self.place is not None
        """Whether a chain around it was seen."""
        self.call: TrackedCall | None = None
        self.child_run_id: UUID | None = None
        self.duration_s: float | None = None
        self.handlers: tuple[Watcher, ...] = ()

    def _keep_end(self, outcome: ToolResult, source: EndSource) -> None:
        """Keep results only where a handler may show them."""
        if (
            self.outcome is None or self.outcome.cancelled
        ):  # of one that went on after a cancellation, the end counts
            self.duration_s = round(perf_counter() - self.started, 6)
        if not any(handler.include_content for handler in self.handlers):
            outcome.text = self.args = None
            outcome.state = {key: f"<{type(value).__name__}>" for key, value in outcome.state.items()}
        else:
            # copies: what the graph continues with may be large, and may change
            self.args = args_of(self.args)
            outcome.state = tool_results.plain(outcome.state)
        super()._keep_end(outcome, source)

    def leave_place(self) -> None:
        """Release the graph's state."""
        if self.place is not None:
            self.place.tools.pop(self.id, None)
            self.place = None

    def facts(self) -> dict[str, Any]:
        """Return the fields of a `ToolExecution` that this run knows."""
        outcome = self.outcome
        done = outcome is not None and not (outcome.paused or outcome.cancelled)
        return compact(
            tool_call_id=self.call.id if self.call else None,
            tool_name=self.name,
            tool_args=self.args if outcome is not None else args_of(self.args),
            result=outcome.text if outcome is not None and done else None,
            tool_call_error=outcome.failed if outcome is not None and done else None,
            cancelled=True if outcome is not None and outcome.cancelled else None,
            child_run_id=str(self.child_run_id) if self.child_run_id else None,
            duration_s=self.duration_s,
        )


class TrackedCall:
    """One tool call: what asked for it, what people decided, and each run of the tool."""

    __slots__ = (
        "asker",
        "external",
        "id",
        "is_answer",
        "name",
        "people",
        "roots",
        "runs",
        "thread",
        "was_asked",
    )

    def __init__(self, call_id: str | None, name: str | None, thread: str | None) -> None:
        self.id = call_id
        self.name = name
        self.roots: tuple[UUID, ...] = ()
        """The last traces that it was seen in; each has counted it."""
        self.thread = thread
        self.asker: Asker | None = None
        """Of the model run whose answer asked for it; not the run, whose record may be dropped before."""
        self.runs: list[ToolRun] = []
        self.people: dict[str, bool] = {}
        """requires_confirmation, confirmed, requires_user_input, args_edited: as far as known."""
        self.was_asked = False
        """Whether a person was asked and has not answered yet."""
        self.external = False
        """It was returned to the caller unexecuted."""
        self.is_answer = False
        """It is the agent's structured answer in the shape of a call: no tool belongs to it."""

    @property
    def is_open(self) -> bool:
        """Whether another run of the tool would belong to it."""
        if not self.runs:
            return True
        last = self.runs[-1].outcome
        return last is None or last.paused or last.failed or last.cancelled

    @property
    def failed(self) -> bool:
        """Whether its last run failed."""
        last = self.runs[-1].outcome if self.runs else None
        return last is not None and last.failed

    @property
    def cancelled(self) -> bool:
        """Whether its last run was cancelled."""
        last = self.runs[-1].outcome if self.runs else None
        return last is not None and last.cancelled

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        last = self.runs[-1].outcome if self.runs else None
        return self.was_asked and (last is None or last.paused)

    def answered(self, people: dict[str, bool]) -> None:
        """Keep a person's answer."""
        self.people = people
        self.was_asked = False

    @property
    def has_facts(self) -> bool:
        """Whether anything is known beyond that it was asked for."""
        return bool(self.runs or self.people or self.external) and not self.is_answer

    def tries(self) -> list[ToolRun]:
        """Return the runs that count: a paused one is replaced by the one that it became."""
        paused = [one for one in self.runs[:-1] if one.outcome is not None and one.outcome.paused]
        return [one for one in self.runs if one not in paused]

    def facts(self, *, with_ids: bool = False) -> list[dict[str, Any]]:
        """Return `ToolExecution` fields, one dict for each try; with the id of the tool's own run, if asked for."""
        if not self.has_facts:
            return []
        people = {**self.people, **({"external_execution_required": True} if self.external else {})}
        tries = self.tries()
        if not tries:
            return [compact(tool_call_id=self.id, tool_name=self.name, **people)]
        facts = [{**one.facts(), **people} for one in tries]
        if with_ids:
            facts = [{**fact, "run_id": str(one.id)} for fact, one in zip(facts, tries, strict=True)]
        for number, one in enumerate(facts, 1):
            if len(facts) > 1:
                one["attempt"] = number
        return facts

    def state(self) -> dict[str, Any]:
        """Return the keys of the graph's state that its runs changed."""
        return {key: value for one in self.runs if one.outcome for key, value in one.outcome.state.items()}

    def media(self) -> list[dict[str, Any]]:
        """Return what its results held beside text."""
        return [item for one in self.runs if one.outcome for item in one.outcome.media]


def args_of(args: Any) -> Any:
    """Return arguments as plain data; long texts in them are cut."""
    return tool_results.plain(args) if isinstance(args, Mapping) else None
