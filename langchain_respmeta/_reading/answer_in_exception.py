"""A whole answer that lies behind an exception: the call was answered and billed, and then something could not read it.

OpenAI's SDK raises on a structured answer that was cut, filtered or is no JSON of the asked shape; LangChain hangs the
HTTP response, or the SDK the completion, on the exception. What stands there is the provider's own body, which is read as
any other (`providers.raw`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import answers_of
from langchain_respmeta.providers.raw.body import parsed as parsed_json
from langchain_respmeta.providers.raw.recognize import dialect_of, raw_answers_of


def answer_behind(bodies: Iterable[object], message: object = None) -> Answer | None:
    """The answer in the first of `bodies` that holds one, else `message`, which LangChain hangs on refusals."""
    for body in bodies:
        answers = raw_answers_of(parsed(body))
        if answers:
            answers[0].bind()
            return answers[0]
    if hasattr(message, "response_metadata"):
        return answers_of(message)[0]
    return None


def parsed(body: object) -> Any:
    """A body in text as the JSON that it is; of a list the first."""
    found = parsed_json(body)
    if isinstance(found, list):
        return found[0] if found else None
    return found


def is_answer(body: Mapping[str, object]) -> bool:
    """Whether it is an answer's body, not an error's."""
    return dialect_of(body) is not None
