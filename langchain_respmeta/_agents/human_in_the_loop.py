"""Human in the loop: what an interrupt asks, and what the resuming `Command` answers.

Three kinds ask: langchain's `HumanInTheLoopMiddleware` in both of its modes, LangGraph's own `HumanInterrupt`, and a plain
`interrupt()` in a tool. In the process that paused, the interrupt's value shows which calls wait. Another process sees the
answer only: an answer under an interrupt's id belongs to the node with that id; a bare one to the node that is run first,
if that node has one call. Anything else is left unknown.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents import tool_results
from langchain_respmeta._agents.graph_places import GraphPlace
from langchain_respmeta._agents.resume_answers import ResumeAnswers
from langchain_respmeta._agents.tool_call import ToolRun, TrackedCall
from langchain_respmeta._agents.tool_call_table import CALLS, calls_of_node
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher

MAX_PENDING: Final = 4_096

_YES: Final = frozenset(
    {"accept", "accepted", "approve", "approved", "confirm", "confirmed", "ok", "y", "yes"}
)
_NO: Final = frozenset({"cancel", "decline", "denied", "deny", "ignore", "n", "no", "reject", "rejected"})
_EDIT: Final = frozenset({"edit", "edited"})
_RESPOND: Final = frozenset({"respond", "response", "input", "answer"})
_WORD_KEYS: Final = ("type", "action", "decision", "status")
_FLAG_KEYS: Final = ("approved", "approve", "confirmed", "accepted", "accept")
_EDITED: Final = "hitl_edited_tool_calls"

PENDING: Final = Part[Bounded[str, tuple[TrackedCall, ...]]](lambda: Bounded(MAX_PENDING))
"""Interrupt's id → the calls that wait for its answer, in the order of the questions."""


RESUMED: Final[Part[Bounded[UUID, tuple[Watcher, ...]]]] = Part(lambda: Bounded(MAX_PENDING))
"""Root that continues after a person's answer → its handlers: after a no, nothing else may be seen of the trace."""


# --- asking ----------------------------------------------------------------------------------------------------------


def paused_tool(tool_run: ToolRun, error: BaseException) -> None:
    """Note a tool that stopped to ask a person, unless a subgraph's own call asked."""
    if tool_run.call is not None:
        for interrupt in tool_results.interrupts_of(error):
            if not _waits(interrupt):
                _ask(interrupt, (tool_run.call,))


def paused_node(place: GraphPlace, error: BaseException) -> None:
    """Note a node that stopped to ask a person about tool calls."""
    interrupts = tool_results.interrupts_of(error)
    for around in place.ancestry() if interrupts else ():
        around.paused = True
    for interrupt in interrupts:
        if not _waits(interrupt):
            calls = _asked_about(place, interrupt.value)
            if calls:
                _ask(interrupt, calls)


def _waits(interrupt: Any) -> bool:
    return _id_of(interrupt) in STATE[PENDING]


def _id_of(interrupt: Any) -> str:
    return str(getattr(interrupt, "id", None) or getattr(interrupt, "interrupt_id", None) or id(interrupt))


def _ask(interrupt: Any, calls: tuple[TrackedCall, ...]) -> None:
    STATE[PENDING].keep(_id_of(interrupt), calls)
    need = "requires_confirmation" if _is_review(interrupt) else "requires_user_input"
    for call in calls:
        call.people, call.was_asked = {need: True}, True


def _is_review(interrupt: Any) -> bool:
    value = interrupt.value
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        if value.get("type") == "tool_approval" or "action_request" in value:
            return True
        if "action_requests" in value:
            return any(_allowed(config) != {"respond"} for config in value.get("review_configs") or [{}])
    schema = getattr(interrupt, "response_schema", None)
    return isinstance(schema, Mapping) and schema.get("type") == "boolean"


def _allowed(config: Any) -> set[str]:
    return set(config.get("allowed_decisions") or ()) if isinstance(config, Mapping) else set()


def _asked_about(place: GraphPlace, value: Any) -> tuple[TrackedCall, ...]:
    """Return the tool calls that an interrupt of this node is about."""
    if isinstance(value, Mapping) and value.get("type") == "tool_approval":
        return (_call(place, value.get("tool_call_id"), value.get("name")),)
    given = calls_of_node(place)
    requests = _requests(value)
    if requests is None:
        single = given if isinstance(place.inputs, list) or "tool" in str(place.node) else []
        return (
            tuple(_call(place, one.get("id"), one.get("name")) for one in single) if len(single) == 1 else ()
        )
    return tuple(
        _call(place, one.get("id"), one.get("name")) for one in _matched(requests, given) if one is not None
    )


def _requests(value: Any) -> Sequence[tuple[Any, Any]] | None:
    """Return (name, arguments) of each action to review; None if the interrupt is no review."""
    if isinstance(value, Mapping) and isinstance(value.get("action_requests"), list):
        return [
            (one.get("name"), one.get("args")) for one in value["action_requests"] if isinstance(one, Mapping)
        ]
    several = value if isinstance(value, list) else [value]
    actions = [one.get("action_request") for one in several if isinstance(one, Mapping)]
    found = [(one.get("action"), one.get("args")) for one in actions if isinstance(one, Mapping)]
    return found or None


def _matched(
    requests: Sequence[tuple[Any, Any]], calls: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any] | None]:
    """Return each request's call: requests come in the order of the calls."""
    rest = list(calls)
    found: list[Mapping[str, Any] | None] = []
    for name, args in requests:
        call = next((one for one in rest if one.get("name") == name and one.get("args") == args), None)
        found.append(call)
        if call is not None:
            del rest[: rest.index(call) + 1]
    return found


def _call(place: GraphPlace, call_id: Any, name: Any) -> TrackedCall:
    return STATE[CALLS].find_or_make(
        str(call_id), name if isinstance(name, str) else None, place.root, place.thread
    )


# --- answering -------------------------------------------------------------------------------------------------------


def resumed(place: GraphPlace, resume: Any) -> None:
    """Give a person's answers to the calls that are known to wait, when a graph continues."""
    answers = place.answers = ResumeAnswers(resume)
    for interrupt_id, answer in answers.by_id.items():
        _give_answer(STATE[PENDING].pop(interrupt_id, ()), answer, place.root)
    if not answers.by_id:
        # a copy: other threads ask and answer meanwhile
        waiting = [key for key, calls in STATE[PENDING].copy().items() if _any_in_thread(calls, place.thread)]
        if len(waiting) == 1:
            answers.taken = True
            _give_answer(STATE[PENDING].pop(waiting[0], ()), answers.single, place.root)


def _any_in_thread(calls: Sequence[TrackedCall], thread: str | None) -> bool:
    return thread is not None and any(call.thread == thread for call in calls)


def _give_answer(calls: Sequence[TrackedCall], answer: Any, root: UUID) -> None:
    for call, decision in zip(calls, _decisions(answer, len(calls)), strict=False):
        call.answered(read_decision(decision))
        STATE[CALLS].add_to_trace(call, root)


def _decisions(answer: Any, count: int) -> Sequence[Any]:
    decisions = answer.get("decisions") if isinstance(answer, Mapping) else None
    if isinstance(decisions, list):
        return decisions
    return answer if isinstance(answer, list) and len(answer) == count else [answer]


def read_decision(answer: Any) -> dict[str, bool]:
    """Read one answer: a yes, a no, an edit, or words of a person's own."""
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, Mapping):
        flag = next((answer[key] for key in _FLAG_KEYS if isinstance(answer.get(key), bool)), None)
        word = next((answer[key] for key in _WORD_KEYS if isinstance(answer.get(key), str)), None)
        answer = flag if flag is not None else word
    if isinstance(answer, bool):
        return {"requires_confirmation": True, "confirmed": answer}
    word = answer.strip().lower() if isinstance(answer, str) else ""
    for words, decision in _DECISIONS:
        if word in words:
            return dict(decision)
    return {"requires_user_input": True}


_DECISIONS: Final[tuple[tuple[frozenset[str], Mapping[str, bool]], ...]] = (
    (_YES, {"requires_confirmation": True, "confirmed": True}),
    (_NO, {"requires_confirmation": True, "confirmed": False}),
    (_EDIT, {"requires_confirmation": True, "confirmed": True, "args_edited": True}),
    (_RESPOND, {"requires_user_input": True}),
)


# --- answered in another process than asked --------------------------------------------------------------------------


def node_started(place: GraphPlace) -> None:
    """Give the answer to a resumed node's one call."""
    answers = place.resumed_by
    if answers is None or not isinstance(place.inputs, list):
        return
    calls = calls_of_node(place)
    answer = answers.for_id(interrupt_id_of(place))
    if answer is not None and len(calls) == 1 and _decisions_of(answer) is None:
        call = _call(place, calls[0].get("id"), calls[0].get("name"))
        if not call.people:
            call.answered(read_decision(answer))


def node_ended(place: GraphPlace, outputs: Any) -> None:
    """Read who was rejected and edited from what a node returns that had a batch of calls reviewed."""
    answers = place.resumed_by
    if answers is None:
        return
    decisions = _decisions_of(answers.for_id(interrupt_id_of(place)))
    calls = tool_results.last_calls(tool_results.messages_in(place.inputs))
    if not decisions or not calls:
        return
    replied = {getattr(message, "tool_call_id", None) for message in tool_results.messages_in(outputs)}
    edited = outputs.get(_EDITED) if isinstance(outputs, Mapping) else None
    edits = edited if isinstance(edited, Mapping) else {}
    for call, decision in zip(calls, aligned(decisions, calls, replied, edits), strict=True):
        if decision is not None:
            known = _call(place, call.get("id"), call.get("name"))
            known.answered(known.people if "confirmed" in known.people else read_decision(decision))


def _decisions_of(answer: Any) -> list[Mapping[str, Any]] | None:
    decisions = answer.get("decisions") if isinstance(answer, Mapping) else None
    if not isinstance(decisions, list):
        return None
    return [one for one in decisions if isinstance(one, Mapping)]


def aligned(
    decisions: Sequence[Mapping[str, Any]],
    calls: Sequence[Mapping[str, Any]],
    replied: set[Any],
    edits: Mapping[Any, Any],
) -> list[Mapping[str, Any] | None]:
    """Return each call's decision; None where it is not certain, or there was none.

    Decisions come in the order of the calls, with calls between them that needed none: a decision is certain if every way
    of assigning decisions to calls agrees on it.
    """
    layouts = _layouts([_kind(one) for one in decisions], [_fate(call, replied, edits) for call in calls])
    found: list[Mapping[str, Any] | None] = []
    for position in range(len(calls)):
        chosen = {layout[position] for layout in layouts}
        index = chosen.pop() if len(chosen) == 1 else None
        found.append(decisions[index] if index is not None else None)
    return found


def _kind(decision: Mapping[str, Any]) -> str:
    kind = str(decision.get("type"))
    return "reply" if kind in {"reject", "respond"} else kind


def _fate(call: Mapping[str, Any], replied: set[Any], edits: Mapping[Any, Any]) -> str:
    if call.get("id") in replied:
        return "reply"
    return "edit" if call.get("id") in edits else "approve"


_MAX_LAYOUTS: Final = 256


def _layouts(kinds: Sequence[str], fates: Sequence[str]) -> list[list[int | None]]:
    """Return every way to assign decisions to calls in order: a call without a trace of one may have needed none."""
    ways: list[tuple[int, list[int | None]]] = [(0, [])]
    for fate in fates:
        longer: list[tuple[int, list[int | None]]] = []
        for used, way in ways:
            if used < len(kinds) and kinds[used] == fate:
                longer.append((used + 1, [*way, used]))
            if fate == "approve":
                longer.append((used, [*way, None]))
        if len(longer) > _MAX_LAYOUTS:
            return []
        ways = longer
    return [way for used, way in ways if used == len(kinds)]


def interrupt_id_of(place: GraphPlace) -> str | None:
    """Return the id of an interrupt in this node, as LangGraph derives it from the checkpoint's namespace."""
    types = sys.modules.get("langgraph.types")
    if types is None or place.ns is None:
        return None
    return str(types.Interrupt.from_ns(None, place.ns).id)
