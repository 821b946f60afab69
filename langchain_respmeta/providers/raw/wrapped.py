"""What LangSmith's wrappers and `@traceable` functions put on a run, as the API's answer that it was made of.

The wrappers replace an answer's counts by LangSmith's own, and leave out more: `wrap_openai` a stream's refusal,
`wrap_anthropic` all blocks beside a call of a tool, `wrap_gemini` all but text, calls and finish reason, of a stream all but
the text. What is gone is not judged (`Carried.unsaid`).

https://docs.langchain.com/langsmith/log-llm-trace
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import NO_ANSWER, is_langchains
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.raw.dialect import Body, mapping, mappings, named, others
from langchain_respmeta.providers.raw.wrapped_vendors import (
    as_candidates,
    as_message,
    is_anthropics,
    is_geminis,
    with_cache,
)
from langchain_respmeta.record.plain import as_mapping

USAGE: Final = "usage_metadata"
"""Where LangSmith looks for counts. Gemini's own answers call theirs so, too, but count otherwise."""

_COUNTS: Final = frozenset({"input_tokens", "output_tokens", "total_tokens"})
_DEAR: Final = "over_200k"
"""Ends the names of the parts of a count that `wrap_gemini` splits off, because Google bills them dearer."""

_ANSWERING: Final = frozenset({"assistant", "ai", "model"})
_ENDS: Final = ("finish_reason", "stop_reason")
_MAX_MESSAGES: Final = 10_000
NOBODYS: Final = ""
"""The `api` and `row` of messages in a form that many share: they show neither whom nor what was called."""

END: Final = frozenset({"truncated", "refused"})
"""What is not known where an answer came without its end."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An answer, and what LangSmith says and does not say of it."""

    body: Body
    """As its API gave it, but for what was dropped."""
    unsaid: frozenset[str] = frozenset()
    """Fields of the record that the carrier dropped: where they are not seen they are unknown, not false."""
    usage: Mapping[str, Any] | None = None
    """LangSmith's counts and costs, as LangChain counts."""

    def tell(self, answers: Iterable[Answer]) -> None:
        """Complete the answers of the body."""
        for answer in answers:
            answer.unsaid = self.unsaid
            if self.usage is not None and not answer.usage:
                answer.usage = self.usage


def carried_by(body: Body) -> Carried:
    """The answer that the outputs of a wrapper's run hold; any other body as it is."""
    usage = usage_of(body.get(USAGE))
    rest = body if usage is None else others(body, (USAGE,))
    if is_anthropics(rest):
        return Carried(as_message(rest), usage=with_cache(usage))
    if is_geminis(rest, mapping(body.get(USAGE))):
        return Carried(as_candidates(rest), frozenset() if rest.get("finish_reason") else END, usage)
    return Carried(*_completion(rest), usage)


def _completion(body: Body) -> tuple[Body, frozenset[str]]:
    """A completion, and what `wrap_openai` dropped if it was streamed: of texts the end, of an empty message a refusal."""
    choices = mappings(body.get("choices"))
    if any("text" in choice and "finish_reason" not in choice for choice in choices):
        return {**body, "choices": [{"finish_reason": None, **choice} for choice in choices]}, END
    if body.get("object") != "chat.completion.chunk" or not choices or "delta" in choices[0]:
        return body, frozenset()
    said = [mapping(choice.get("message")) for choice in choices]
    is_empty = any(
        not (one.get("content") or one.get("tool_calls") or one.get("function_call")) for one in said
    )
    return {**body, "object": "chat.completion"}, frozenset({"refused"}) if is_empty else frozenset()


# --- messages in the forms that LangSmith documents for everybody's own models -----------------------------------------


def message_in(body: Body) -> Carried | None:
    """The answering message of outputs as LangSmith shows them (`role`, `message`, `messages`); None where there is none.

    It is laid out as a completion's only choice.
    """
    if (message := _message(body)) is None:
        return None
    usage = usage_of(body.get(USAGE)) or usage_of(message.get(USAGE))
    beside = {} if message is body else others(body, (USAGE, "message", "messages", "output"))
    told = {**message, **beside}
    end = next((told[name] for name in _ENDS if isinstance(told.get(name), str)), None)
    choice = {"message": others(message, (USAGE, "type", "id", "model", *_ENDS)), **named(finish_reason=end)}
    whole = {**named(id=told.get("id"), model=told.get("model")), "choices": [choice]}
    return Carried(whole, END if end is None else frozenset(), usage)


def _message(body: Body) -> Mapping[str, Any] | None:
    messages = next((body[name] for name in ("messages", "output") if name in body), None)
    if isinstance(messages, list | tuple):
        told = (as_mapping(one) for one in reversed(messages[-_MAX_MESSAGES:]))
        return next((one for one in told if one is not None and _is_answering(one)), None)
    for one in (body, mapping(body.get("message"))):
        if _is_answering(one):
            return one
    return None


def _is_answering(message: Mapping[str, Any]) -> bool:
    role = message.get("role", message.get("type"))
    if role is None:
        return isinstance(message.get("content"), str | list) and "choices" not in message
    return isinstance(role, str) and role in _ANSWERING and ("content" in message or "tool_calls" in message)


def counted_alone(body: Body) -> list[Answer] | None:
    """The counts of outputs of which nothing else is recognized; None where there are none."""
    usage = usage_of(body.get(USAGE))
    if usage is None:
        return None
    told = [f"{NO_ANSWER}, got its counts alone"]
    answer = Answer(metadata={}, usage=usage, content=None, is_message=False, is_unread=True, faults=told)
    answer.api, answer.row, answer.is_bound = NOBODYS, NOBODYS, False
    return [answer]


def inside(value: object) -> object:
    """What a run's outputs hold in place of a body: a message of LangChain's, or what a function returned that is no object.

    Anything else is itself.
    """
    if not isinstance(value, dict):
        return value
    if value.keys() <= {"output", USAGE} and "output" in value:
        output = value["output"]
        is_readable = is_langchains(output) or as_mapping(output) is not None
        return _with_usage(output, value.get(USAGE)) if is_readable else value
    for one in (value.get("message"), _last(value.get("messages"))):
        if one is not None and is_langchains(one):
            return one
    return value


def _with_usage(output: object, usage: object) -> object:
    """The output with counts that its run tells beside it."""
    plain = output if isinstance(output, Mapping) else None
    has_own = plain is None or is_langchains(plain) or not {USAGE, "usage", "usageMetadata"}.isdisjoint(plain)
    return output if has_own or usage is None or plain is None else {**plain, USAGE: usage}


def _last(messages: object) -> object:
    return messages[-1] if isinstance(messages, list | tuple) and messages else None


# --- counts ------------------------------------------------------------------------------------------------------------


def usage_of(told: object) -> dict[str, Any] | None:
    """LangSmith's counts as LangChain's `usage_metadata`; None where they are none, or all 0: some wrapper's for nothing."""
    usage = as_mapping(told)
    if usage is None or _COUNTS.isdisjoint(usage):
        return None
    found = {
        name: _whole_details(part) if name.endswith("_token_details") else part
        for name, part in usage.items()
    }
    counts = [found.get(name) for name in sorted(_COUNTS)]
    if not any(counts) and not any(name.endswith("_cost") for name in found):
        return None
    return _with_thoughts(found)


def _whole_details(told: object) -> dict[str, Any]:
    """Details whose dearer parts are put back."""
    details = mapping(told)
    found: dict[str, Any] = {name: count for name, count in details.items() if not str(name).endswith(_DEAR)}
    for name, count in details.items():
        part_of = str(name).removesuffix(f"_{_DEAR}")
        if (
            part_of in found
            and part_of != name
            and isinstance(count, int)
            and isinstance(found[part_of], int)
        ):
            found[part_of] += count
    return found


def _with_thoughts(usage: dict[str, Any]) -> dict[str, Any]:
    """`wrap_gemini` counts thoughts beside the output, everybody else in it: the total shows it."""
    given, made, total = usage.get("input_tokens"), usage.get("output_tokens"), usage.get("total_tokens")
    thought = mapping(usage.get("output_token_details")).get("reasoning")
    if not (is_whole(given) and is_whole(made) and is_whole(total) and is_whole(thought)):
        return usage
    return {**usage, "output_tokens": made + thought} if 0 < thought <= total - given - made else usage
