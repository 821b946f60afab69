"""Whether the answer became the requested object: only its parser knows, and it runs after the answer.

Under `with_structured_output` the parser is a run of its own that gets the model's message. In an agent the model's node
parses, and returns the object as `structured_response`.
"""

from __future__ import annotations

from collections.abc import Collection
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents import tool_results
from langchain_respmeta._agents.call_notes import existing_notes, notes_of
from langchain_respmeta._agents.graph_places import GraphPlace, is_command
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._runs.lifetime import EndSource, Lifetime
from langchain_respmeta.record.plain import as_mapping

if TYPE_CHECKING:
    from langchain_respmeta._agents.tool_call import TrackedCall
    from langchain_respmeta._runs.run import Run, Watcher

MAX_WAITING: Final = 1_024
MAX_WAIT_S: Final = 60.0
"""A parser starts when the answer came, or never: a stream's had started before."""
_RESPONSE: Final = "structured_response"
_MODEL_NODE: Final = "model"
"""The node in which LangChain's agents call their model, and check the shape of its answer."""


class ParserRun(Lifetime[dict[str, Any]]):
    """The run of a parser; its outcome is what it adds to the record's `structured_output`."""

    __slots__ = ("handlers", "prompt", "run")

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.prompt: Any = run.prompt
        """What the model was sent, until the parser ends."""
        self.handlers: tuple[Watcher, ...] = run.handlers

    def _keep_end(self, outcome: dict[str, Any], source: EndSource) -> None:
        super()._keep_end(outcome, source)
        _tell(self.run, outcome)


WAITING: Final = Part[Bounded[str, ParserRun]](lambda: Bounded(MAX_WAITING))
"""Message id → the parser that its answer waits for."""

PARSERS: Final = Part[Bounded[UUID, ParserRun]](lambda: Bounded(MAX_WAITING))
"""Parsers under way, and those that a tracer may still have to send."""

PARSING: Final = Part[Bounded[UUID, ParserRun]](lambda: Bounded(MAX_WAITING))
"""Parsers under way: while there are some, the callbacks of chains matter."""


def answered(run: Run, response: Any) -> None:
    """Note an answer that is to be parsed."""
    try:
        message_id = response.generations[0][0].message.id
    except (AttributeError, IndexError, TypeError):
        return
    if isinstance(message_id, str):
        _forget_old()
        STATE[WAITING].keep(message_id, ParserRun(run))


def _forget_old() -> None:
    """Drop parsers that did not start: they hold prompts, and while one waits all chains are watched."""
    now = perf_counter()
    for message_id, parser in STATE[WAITING].copy().items():
        if now - parser.started <= MAX_WAIT_S:
            return
        STATE[WAITING].pop(message_id, None)


def chain_started(run_id: UUID, given: Any) -> None:
    """Note a parser: the first run that gets the message."""
    message_id = getattr(given, "id", None)
    parser = STATE[WAITING].pop(message_id, None) if isinstance(message_id, str) else None
    _forget_old()
    if parser is not None:
        STATE[PARSERS].keep(run_id, parser)
        STATE[PARSING].keep(run_id, parser)


def facts_of_result(result: Any) -> dict[str, Any]:
    """Return the facts of a parser that ended with the object, or with nothing."""
    return {"parsed": True, "type_name": type(result).__name__} if result is not None else {"parsed": False}


def facts_of_failure(error: str) -> dict[str, Any]:
    """Return the facts of a parser that failed: the error's type only, for its text quotes the answer."""
    return {"parsed": False, "error": error}


def traced_facts(tree_outputs: Any, error: str | None) -> dict[str, Any]:
    """Return the facts of a parser from what a tracer wrote down before its callback."""
    if error is not None:
        return facts_of_failure(tool_results.traced_error(error)[0])
    return facts_of_result((as_mapping(tree_outputs) or {}).get("output", tree_outputs))


def _tell(run: Run, facts: dict[str, Any]) -> None:
    draft = run.settle()[0]
    source = "parsed" if draft.get("tool_calls") or draft.get("structured_output.source") else "raw_json"
    notes_of(run).structured = {
        "requested": True,
        **({"source": source} if facts["parsed"] else {}),
        **facts,
    }


# --- agents ----------------------------------------------------------------------------------------------------------


def node_ended(place: GraphPlace, outputs: Any) -> None:
    """Read what an agent's model node returned: the object, a complaint to the model about its shape, or neither."""
    run = place.last_run
    if run is None:
        return
    changes = dict(_changes(outputs))
    replies = [one for one in tool_results.messages_in(changes) if getattr(one, "type", None) == "tool"]
    found = changes.get(_RESPONSE)
    if found is None and not (replies and place.node == _MODEL_NODE):
        return
    calls = _not_run(run, {one.tool_call_id for one in replies})
    if found is not None:
        _tell(run, facts_of_result(found))
    elif calls:
        _tell(run, facts_of_failure("StructuredOutputError"))
    for call in calls:
        call.is_answer = True


def _not_run(run: Run, replied: Collection[Any]) -> list[TrackedCall]:
    """Return the calls of an answer that got a reply though no tool ran: a user's node may run its tools itself."""
    run.settle()
    notes = existing_notes(run)
    calls = notes.calls if notes is not None else ()
    return [call for call in calls if call.id in replied and not call.runs]


def node_failed(place: GraphPlace, error: BaseException) -> None:
    """Note what was wrong with an answer that an agent raises instead of asking again."""
    run = place.last_run
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if run is not None and "StructuredOutputError" in kinds:
        _tell(run, facts_of_failure(type(error).__name__))


def _changes(outputs: Any) -> list[tuple[Any, Any]]:
    found = []
    for one in outputs if isinstance(outputs, list) else [outputs]:
        found += (
            list(tool_results.pairs_of(one.update))
            if is_command(one)
            else list((as_mapping(one) or {}).items())
        )
    return found
