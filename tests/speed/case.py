"""An answer and its start as plain data, of which fresh ones are made for each way of reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

from langchain_respmeta._reading.starts import KnownStart
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import answers_of
from langchain_respmeta.providers.engine.run_start import NAMED, RunStart
from langchain_respmeta.record.bounds import Budget

HOLDERS: Final = (
    "metadata",
    "usage",
    "kwargs",
    "content",
    "tool_calls",
    "invalid_tool_calls",
    "tool_call_chunks",
)
"""Parts that hold the provider's data."""

_LISTS: Final = ("tool_calls", "invalid_tool_calls", "tool_call_chunks", "faults")
_REMADE: Final = ("is_plain", "headers", "compiled", "left")
_KEYS: Final[dict[str, int]] = {}
"""Numbers of starts."""


@dataclass(slots=True)
class Case:
    """One answer, by the fields of `Answer`, and what its start callback got."""

    name: str
    parts: dict[str, Any]
    start: dict[str, Any]
    """`serialized`, `metadata` and `invocation_params`; further keys are set on the `RunStart` that is made of them."""

    def copy(self) -> Case:
        """One that shares no dict and no list with this one."""
        return Case(self.name, copied(self.parts), copied(self.start))

    def answer(self) -> Answer:
        """A fresh answer, of the shapes that `unbound_answers_of` gives."""
        parts = copied(self.parts)
        for name in ("metadata", "kwargs"):
            if not isinstance(parts[name], dict):
                parts[name] = {name: parts[name]}
        if parts["usage"] is not None and not isinstance(parts["usage"], dict):
            parts["usage"] = None
        for name in _LISTS:
            if parts[name] is not None and not isinstance(parts[name], list):
                parts[name] = []
        if not isinstance(parts["message_id"], str):
            parts["message_id"] = None
        return Answer(**parts, left=Budget.for_result())

    def run_start(self) -> RunStart:
        """A fresh start, with the number that equal starts share; without one where some of it could not be read."""
        told = copied(self.start)
        start = (RunStart if told.get("faults") else KnownStart).from_callback(
            told.pop("serialized", None), told.pop("metadata", None), told.pop("invocation_params", None)
        )
        for name, value in told.items():
            setattr(start, name, value)
        if isinstance(start, KnownStart):
            start.key = _KEYS.setdefault(repr(self.start), len(_KEYS))
        return start

    def result(self) -> dict[str, Any]:
        """The answer as a tracer dumps an `LLMResult`."""
        parts = copied(self.parts)
        if not parts["is_message"]:
            told = {"text": parts["content"], "generation_info": parts["metadata"]}
            return {"generations": [[told]], "llm_output": None}
        message = {
            "type": "AIMessageChunk" if parts["is_chunk"] else "ai",
            "content": parts["content"],
            "response_metadata": parts["metadata"],
            "usage_metadata": parts["usage"],
            "additional_kwargs": parts["kwargs"],
            "id": parts["message_id"],
            **{name: parts[name] for name in _LISTS[:3]},
        }
        return {"generations": [[{"message": message}]], "llm_output": None}


def copied(value: Any) -> Any:
    """A copy of plain dicts and lists; whatever else is in them is shared, for nothing changes it."""
    kind = type(value)
    if kind is dict:
        return {key: copied(item) for key, item in value.items()}
    if kind is list:
        return [copied(item) for item in value]
    return value


def cases_of(name: str, result: object, start: dict[str, Any]) -> Iterator[Case]:
    """A case of each generation of a result or message."""
    for number, answer in enumerate(answers_of(result)):
        yield case_of(f"{name} #{number}" if number else name, answer, start)


def case_of(name: str, answer: Answer, start: dict[str, Any]) -> Case:
    """The case of one answer."""
    parts = {one.name: copied(getattr(answer, one.name)) for one in fields(answer) if one.name not in _REMADE}
    return Case(name, parts, copied(start))


def start_data(start: RunStart) -> dict[str, Any]:
    """What `Case.start` holds for a start, from the `RunStart` that was made of it."""
    told: dict[str, Any] = {
        "serialized": {"id": ["x", start.integration], "kwargs": dict(start.settings), "repr": start.printed},
        "metadata": {"ls_provider": start.ls_provider, "ls_model_name": start.requested_model},
        "invocation_params": dict(start.params),
    }
    if start.provider is not None:
        told["metadata"][NAMED] = start.provider
    made = Case("", {}, told).run_start()
    differ = [
        one.name
        for one in fields(start)
        if one.name != "key" and getattr(start, one.name) != getattr(made, one.name)
    ]
    return told | {name: getattr(start, name) for name in differ}
