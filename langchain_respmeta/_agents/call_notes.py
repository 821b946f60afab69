"""What is known of one model call beyond its own answer: its place, its tool calls, its other attempts.

Most of it comes after the answer was read, so it is stored beside the draft and merged when the record is built.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents import context_compression
from langchain_respmeta._agents.tool_call import TrackedCall
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._process.faults import report
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta.providers.engine.values import compact
from langchain_respmeta.record.draft import Draft, merged

if TYPE_CHECKING:
    from langchain_respmeta._agents.graph_places import GraphPlace
    from langchain_respmeta._runs.run import Run


class CallNotes:
    """Notes on one model run."""

    __slots__ = (
        "attempt",
        "calls",
        "compression",
        "in_graph",
        "place",
        "previous",
        "root",
        "structured",
        "superseded",
        "thread",
        "wants_object",
        "when_superseded",
    )

    def __init__(self, place: GraphPlace | None = None) -> None:
        self.place = place
        """Until the answer is read: it holds the graph's state."""
        self.root = place.root if place is not None else None
        self.in_graph = place is not None and any(around.is_node for around in place.ancestry())
        self.thread = place.thread if place is not None else None
        self.calls: tuple[TrackedCall, ...] = ()
        self.attempt: int | None = None
        self.previous: UUID | None = None
        """The run of the attempt before this one."""
        self.superseded = False
        self.when_superseded: Callable[[], None] | None = None
        """Called for a trace that no longer remembers the call."""
        self.wants_object = False
        """Whether `with_structured_output` made the call."""
        self.structured: dict[str, Any] = {}
        self.compression: dict[str, Any] | None = None

    @property
    def was_tried_again(self) -> bool:
        """Whether the call is one of several attempts."""
        return self.superseded or self.previous is not None

    def supersede(self) -> None:
        """Note that the call was tried again."""
        if not self.superseded:
            self.superseded = True
            if self.when_superseded is not None:
                self.when_superseded()

    def attempt_facts(self) -> dict[str, Any]:
        """Return which attempt it was, and of what."""
        return compact(
            attempt=self.attempt,
            superseded=self.superseded,
            previous_run_id=str(self.previous) if self.previous else None,
        )

    def merged_into(self, draft: Draft) -> Draft:
        """Return a copy of `draft` with everything that is known by now."""
        own = compact(
            attempt=self.attempt,
            superseded=self.superseded or None,
            previous_run_id=str(self.previous) if self.previous else None,
            compression_stats=self.compression,
        )
        parsed = {f"structured_output.{name}": value for name, value in self.structured.items()}
        found = merged(draft, own, parsed)
        self._add_calls(found)
        return found

    def _add_calls(self, draft: Draft) -> None:
        calls = [one for call in self.calls for one in STATE[CALLS].with_reruns(call)]
        executions = [facts for call in calls for facts in call.facts()]
        media = [item for call in calls for item in call.media()]
        state = {key: value for call in calls for key, value in call.state().items()}
        if executions:
            draft["tool_executions"] = [*draft.get("tool_executions", ()), *executions]
        if media:
            draft["media"] = [*draft.get("media", ()), *media]
        if state:
            draft["updated_session_state"] = state


_LOCK: Final = Part(threading.Lock)


def notes_of(run: Run) -> CallNotes:
    """Return the run's notes, made at the first need: by the reading of its answer, or by the next attempt."""
    notes = existing_notes(run)
    if notes is None:
        with STATE[_LOCK]:
            run.notes = notes = existing_notes(run) or CallNotes()
    return notes


def existing_notes(run: Run) -> CallNotes | None:
    """Return the run's notes, if there are any: only agents write them."""
    notes: Any = run.notes
    return notes  # type: ignore[no-any-return]


def drafts_of(run: Run) -> list[Draft]:
    """Return a run's drafts as known by now."""
    drafts = run.settle()
    notes = run.notes
    return drafts if notes is None else [add_notes(run, drafts[0]), *drafts[1:]]


def add_notes(run: Run, draft: Draft) -> Draft:
    """Return a draft merged with the run's notes; the draft alone, if they cannot be merged."""
    try:
        return draft if run.notes is None else run.notes.merged_into(draft)
    except Exception as fault:  # noqa: BLE001 - an agent's notes must not cost the record
        report("noting what an agent did", fault)
        return draft


def join_answer(run: Run, drafts: Sequence[Draft]) -> None:
    """Join an answer to its tool calls, while what only reading it needed is still there."""
    first = drafts[0]
    if first.get("event") == "error":
        failed = notes_of(run)
        failed.attempt = failed.attempt or 1
    if "tool_calls" in first:
        _join_calls(run, first)
    notes = existing_notes(run)
    if notes is not None and notes.place is not None:
        _look_at_prompt(run, notes, notes.place)


def _look_at_prompt(run: Run, notes: CallNotes, place: GraphPlace) -> None:
    if run.prompt and notes.compression is None:
        notes.compression = context_compression.compression_in_prompt(place, run.prompt)
    notes.place = None


def _join_calls(run: Run, draft: Draft) -> None:
    notes = notes_of(run)
    notes.calls = STATE[CALLS].join_asked(run, notes, draft)
    for call in notes.calls:
        if notes.wants_object:
            call.is_answer = True
        elif run.parent_id is None and not any(one.in_chain for one in call.runs):
            call.external = True
