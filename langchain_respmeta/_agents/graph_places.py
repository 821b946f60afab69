"""The chains, graphs and nodes around a run, as the callbacks of chains report them.

LangGraph names a node's run by the tag `graph:step:N` and puts `thread_id`, `langgraph_step` and
`langgraph_checkpoint_ns` in its metadata.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._runs.continued_traces import is_remote
from langchain_respmeta._runs.ids import parent_of

if TYPE_CHECKING:
    from langchain_respmeta._agents.resume_answers import ResumeAnswers
    from langchain_respmeta._runs.run import Run

MAX_ANSWERED: Final = 8
"""Answered calls that are remembered of one chain."""
MAX_TOOLS: Final = 1_024
"""Tool runs under way that are remembered of one chain."""
MAX_PLACES: Final = 4_096
"""Chains under way; an asyncio cancellation ends some without a callback."""

_NODE_TAG: Final = "graph:step:"
_NOTHING: Final[Mapping[str, Any]] = {}


class GraphPlace:
    """A chain, graph or node under way."""

    __slots__ = (
        "answered",
        "answers",
        "compression",
        "first_step",
        "id",
        "inputs",
        "is_node",
        "last_run",
        "metadata",
        "parent",
        "paused",
        "root",
        "tools",
    )

    def __init__(
        self,
        run_id: UUID,
        parent_id: UUID | None,
        inputs: Any,
        metadata: Mapping[str, Any] | None,
        tags: Sequence[str] | None,
    ) -> None:
        self.id = run_id
        self.parent = place_of(parent_id)
        self.root: UUID = self.parent.root if self.parent is not None else _topmost(run_id, parent_id)
        self.metadata = metadata or _NOTHING
        self.is_node = tags is not None and len(tags) > 0 and tags[0].startswith(_NODE_TAG)
        self.inputs = inputs if self.is_node else None
        self.first_step: int | None = None
        """Of a graph: the step of the first node that ran."""
        self.last_run: Run | None = None
        """Of a node: the model run that it started last."""
        self.answered: list[tuple[Run, Any]] = []
        """The model runs directly in it that were answered, and their prompts: it may fail with their answers."""
        self.compression: dict[str, Any] | None = None
        """Of a graph: what a node removed from the messages, for the next model call to record."""
        self.paused = False
        """Whether something in it waits for a person."""
        self.tools: dict[UUID, None] = {}
        """The tool runs directly in it that are under way: an older core does not report one that is cancelled."""
        self.answers: ResumeAnswers | None = None
        """Of a root that resumes: a person's answers."""

    def add_tool(self, run_id: UUID) -> None:
        """Note a tool run in it."""
        if len(self.tools) < MAX_TOOLS:
            self.tools[run_id] = None

    @property
    def thread(self) -> str | None:
        """The checkpointer's thread."""
        thread = self.metadata.get("thread_id")
        return None if thread is None else str(thread)

    @property
    def node(self) -> Any:
        """The name of this node."""
        return self.metadata.get("langgraph_node")

    @property
    def step(self) -> Any:
        """The graph's step in which this node runs."""
        return self.metadata.get("langgraph_step")

    @property
    def ns(self) -> str | None:
        """The checkpoint namespace: the same when a node is run again."""
        found = self.metadata.get("langgraph_checkpoint_ns")
        return found if isinstance(found, str) else None

    def ancestry(self) -> Iterator[GraphPlace]:
        """Yield this place and the ones around it."""
        place: GraphPlace | None = self
        while place is not None:
            yield place
            place = place.parent

    @property
    def resumed_by(self) -> ResumeAnswers | None:
        """The answers that this node was run again for: it, and each node around it, is a graph's first."""
        for place in self.ancestry():
            if place.answers is not None:
                return place.answers
            if place.is_node and place.parent is not None and place.step != place.parent.first_step:
                return None
        return None


def _topmost(run_id: UUID, parent_id: UUID | None) -> UUID:
    """Return the topmost known run of this process."""
    return run_id if parent_id is None or is_remote(parent_id) else parent_id


def parents_of(parent_id: UUID | None) -> frozenset[UUID]:
    """Return the runs around, by the callbacks and by the context.

    They differ below a `with_fallbacks`, which does not pass its own callbacks on, and below a `@traceable` function, as a
    traced agent's middleware is: callbacks have it as the parent, and report nothing else of it.
    """
    config = sys.modules.get("langchain_core.runnables.config")
    context = config.var_child_runnable_config.get() if config is not None else None
    manager = context.get("callbacks") if context else None
    around = getattr(manager, "parent_run_id", None)
    return frozenset(one for one in (parent_id, parent_of(around)) if one is not None)


def place_of(parent_id: UUID | None) -> GraphPlace | None:
    """Return the nearest place around a run with this parent."""
    if not STATE[PLACES]:
        return None
    if parent_id is not None and (place := STATE[PLACES].get(parent_id)) is not None:
        return place
    return next((STATE[PLACES][frame] for frame in parents_of(parent_id) if frame in STATE[PLACES]), None)


def is_command(value: Any) -> bool:
    """Whether this is LangGraph's `Command`."""
    types = sys.modules.get("langgraph.types")
    return types is not None and isinstance(value, types.Command)


PLACES: Final = Part[Bounded[UUID, GraphPlace]](lambda: Bounded(MAX_PLACES))
