"""How a model run ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(slots=True)
class Answered:
    """The call ended with an answer: an `LLMResult`, or what a tracer dumped of one."""

    response: Any
    is_repeat: bool | None = None
    """Whether LangChain's own cache gave it, as far as that was looked at when it came.

    The cache keeps the message that the first caller got, and marks it when it returns it again: a later look would take
    the first answer for a repeat, too.
    """


@dataclass(slots=True)
class Failed:
    """The call ended with an exception, or its stream was abandoned."""

    error: BaseException
    response: Any


@dataclass(slots=True)
class TracedFailure:
    """A failure as a tracer wrote it down: text; `live` is the exception handled on that thread."""

    error: str
    live: BaseException | None
    outputs: Any


Outcome: TypeAlias = Answered | Failed | TracedFailure
