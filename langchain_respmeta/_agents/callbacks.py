"""What the handler calls: one function for each callback, cheap where no agent is at work.

The callbacks of chains are asked for only while they may matter (`chains`), so a program without graphs, tools, parsers
and failures pays for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_respmeta._agents import (
    context_compression,
    human_in_the_loop,
    structured_output,
    tool_results,
    trace_summary,
)
from langchain_respmeta._agents.attempts import ATTEMPTS
from langchain_respmeta._agents.call_notes import CallNotes, existing_notes, notes_of
from langchain_respmeta._agents.chains import UNDER_WAY
from langchain_respmeta._agents.graph_places import MAX_ANSWERED, PLACES, GraphPlace, is_command, place_of
from langchain_respmeta._agents.human_in_the_loop import RESUMED
from langchain_respmeta._agents.structured_output import PARSING, WAITING
from langchain_respmeta._agents.tool_call import ToolRun
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._agents.tool_results import ToolResult
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.cancellation import ABANDONED
from langchain_respmeta._runs.lifetime import EndSource

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run, Watcher

UNDER_WAY.extend(
    (
        lambda: STATE[CALLS].live,
        lambda: STATE[WAITING],
        lambda: STATE[PARSING],
        lambda: STATE[ATTEMPTS].failed,
    )
)


# --- models ----------------------------------------------------------------------------------------------------------


def model_started(run: Run, parent_id: UUID | None, tags: Sequence[str] | None) -> None:
    """A model is called, perhaps by an agent, perhaps for an object, perhaps again."""
    if STATE[PLACES] and (place := place_of(parent_id)) is not None:
        notes = run.notes = CallNotes(place)
        _take_compression(place, notes)
        for around in place.ancestry():
            if around.is_node:
                around.last_run = run
                break
    if type(options := run.options) is dict and options.get("ls_structured_output_format"):
        notes_of(run).wants_object = True
    if STATE[ATTEMPTS].failed:
        STATE[ATTEMPTS].model_started(run, parent_id, tags)


def _take_compression(place: GraphPlace, notes: CallNotes) -> None:
    for around in place.ancestry():
        if around.compression is not None:
            notes.compression, around.compression = around.compression, None
            return


def model_ended(run: Run, response: Any) -> None:
    """An answer came."""
    notes = existing_notes(run)
    if notes is None:
        return
    if notes.wants_object:
        structured_output.answered(run, response)
    if run.parent_id is not None and (place := STATE[PLACES].get(run.parent_id)) is not None:
        place.answered = [*place.answered[-MAX_ANSWERED + 1 :], (run, run.prompt)]


def model_failed(run: Run, error: BaseException, parent_id: UUID | None) -> None:
    """No answer came. A caller that stops listening does not try again.

    Where a vendor's SDK parses the answer itself, the wrong shape ends the call: pydantic's and json's errors are
    `ValueError`s.
    """
    notes = existing_notes(run)
    if notes is not None and notes.wants_object and isinstance(error, ValueError):
        notes.structured = {"requested": True, **structured_output.facts_of_failure(type(error).__name__)}
    if isinstance(error, Exception):
        STATE[ATTEMPTS].model_failed(run, parent_id)


# --- tools -----------------------------------------------------------------------------------------------------------


def tool_started(
    handler: Watcher,
    name: str | None,
    args: Any,
    run_id: UUID,
    parent_id: UUID | None,
    call_id: Any,
) -> None:
    """A tool runs."""
    tool_run = ToolRun(run_id, parent_id, name, args)
    STATE[CALLS].start(tool_run, call_id if isinstance(call_id, str) else None, handler)


def tool_ended(run_id: UUID, output: Any) -> None:
    """A tool returned."""
    tool_run = STATE[CALLS].unended(run_id)
    if tool_run is not None:
        STATE[CALLS].end(tool_run, tool_results.read_output(output))


def tool_failed(run_id: UUID, error: BaseException) -> None:
    """A tool raised, or stopped to ask a person."""
    tool_run = STATE[CALLS].unended(run_id)
    if tool_run is not None:
        STATE[CALLS].end(tool_run, tool_results.read_error(error))
        human_in_the_loop.paused_tool(tool_run, error)


# --- chains ----------------------------------------------------------------------------------------------------------


def chain_started(
    handler: Watcher,
    inputs: Any,
    run_id: UUID,
    parent_id: UUID | None,
    tags: Sequence[str] | None,
    metadata: Mapping[str, Any] | None,
) -> None:
    """A chain, graph or node starts. Several handlers report it; the first one counts."""
    if run_id in STATE[PLACES]:
        if run_id in STATE[RESUMED]:
            STATE[RESUMED][run_id] = (*STATE[RESUMED][run_id], handler)
        return
    place = GraphPlace(run_id, parent_id, inputs, metadata, tags)
    STATE[PLACES].keep(run_id, place)
    if parent_id is not None and (tool_run := STATE[CALLS].live.get(parent_id)) is not None:
        _note_child(tool_run, place)
    if STATE[WAITING]:
        structured_output.chain_started(run_id, inputs)
    if STATE[ATTEMPTS].failed:
        STATE[ATTEMPTS].chain_started(run_id, parent_id, tags)
    if place.is_node:
        _node_started(place)
    elif is_command(inputs) and inputs.resume is not None:
        STATE[RESUMED].keep(run_id, (handler,))
        human_in_the_loop.resumed(place, inputs.resume)


def _note_child(tool_run: ToolRun, place: GraphPlace) -> None:
    """Note the graph, agent or chain that a tool started; the first of them is recorded."""
    tool_run.child_run_id = tool_run.child_run_id or place.id
    if place.parent is None and tool_run.place is not None:
        place.parent, place.root = tool_run.place, tool_run.place.root


def _node_started(place: GraphPlace) -> None:
    graph = place.parent
    if graph is not None and graph.first_step is None:
        graph.first_step = place.step
    human_in_the_loop.node_started(place)


def chain_ended(outputs: Any, run_id: UUID) -> None:
    """A chain, graph or node ended."""
    if STATE[ATTEMPTS].failed:
        STATE[ATTEMPTS].chain_ended(run_id)
    if (parser := STATE[PARSING].pop(run_id, None)) is not None:
        parser.end(structured_output.facts_of_result(outputs))
        parser.prompt = None
    place = STATE[PLACES].pop(run_id, None)
    if place is None:
        return
    if place.is_node:
        human_in_the_loop.node_ended(place, outputs)
        context_compression.node_ended(place, outputs)
        structured_output.node_ended(place, outputs)
    else:
        trace_summary.graph_ended(place, outputs)


def chain_failed(error: BaseException, run_id: UUID, parent_id: UUID | None) -> None:
    """A chain, graph or node raised, or stopped to ask a person."""
    if STATE[ATTEMPTS].failed:
        STATE[ATTEMPTS].chain_failed(run_id, parent_id)
    place = STATE[PLACES].pop(run_id, None)
    if (parser := STATE[PARSING].pop(run_id, None)) is not None:
        parser.end(structured_output.facts_of_failure(type(error).__name__))
        STATE[ATTEMPTS].answer_discarded(parser.run, parser.prompt, place, parent_id)
        parser.prompt = None
    if place is None:
        return
    if isinstance(error, ABANDONED):
        # Before 1.8 core reports no end of a cancelled tool. One that ends all the same, on its thread, reports it later.
        running = [one for run_id in tuple(place.tools) if (one := STATE[CALLS].run(run_id)) is not None]
        for tool_run in running:
            STATE[CALLS].end(tool_run, ToolResult(cancelled=True), EndSource.ASSUMED)
    if not tool_results.is_bubbling(error):
        for run, prompt in place.answered:
            STATE[ATTEMPTS].answer_discarded(run, prompt, place, parent_id)
    if place.is_node:
        human_in_the_loop.paused_node(place, error)
        structured_output.node_failed(place, error)
