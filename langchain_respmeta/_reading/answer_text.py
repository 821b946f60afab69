"""The text of an answer, as citations count in it."""

from __future__ import annotations

from langchain_respmeta._reading.content import read_content
from langchain_respmeta.errors import UnreadableAnswer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.providers.raw.recognize import any_answers_of
from langchain_respmeta.providers.registry import REGISTRY


def text_of(response: object, start: RunStart) -> str:
    """All text of the first answer, without its reasoning and refusals; empty where there is none.

    Raises:
        UnreadableAnswer: No reader recognizes it.
    """
    answer = next(iter(any_answers_of(response)), None)
    if answer is None or answer.is_unread:
        raise UnreadableAnswer("; ".join(answer.faults) if answer else "it holds no answer")
    answer.bind()
    reader = REGISTRY.find(start, answer)
    if reader.unpack is not None and answer.api is None:
        answer.content = reader.unpack(answer.content)
    return read_content(answer, {}, Leftovers()).text
