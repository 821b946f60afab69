"""Whose answer it is, by its shape: the door to all dialects."""

from __future__ import annotations

from langchain_respmeta._process.faults import report
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import NO_ANSWER, is_langchains, unbound_answers_of
from langchain_respmeta.providers.raw.body import RawBody, raw_body_of
from langchain_respmeta.providers.raw.chat_completions import CHAT_COMPLETIONS
from langchain_respmeta.providers.raw.dialect import Body, Dialect, others
from langchain_respmeta.providers.raw.envelope import is_envelope
from langchain_respmeta.providers.raw.table import DIALECTS
from langchain_respmeta.providers.raw.wrapped import NOBODYS, carried_by, counted_alone, inside, message_in


def dialect_of(body: Body) -> Dialect | None:
    """The dialect of a whole answer."""
    return next((dialect for dialect in DIALECTS if dialect.is_body(body)), None)


def raw_answers_of(response: object) -> list[Answer] | None:
    """The answers of an SDK's object, a body or its JSON text; None where no dialect has this shape."""
    raw = raw_body_of(response)
    return None if raw is None else answers_in(raw)


def answers_in(raw: RawBody) -> list[Answer] | None:
    """The answers of a body."""
    carried = carried_by(raw.body)
    dialect = dialect_of(carried.body)
    if dialect is None:
        return _of_message(raw)
    answers = dialect.answers(carried.body)
    carried.tell(answers)
    for answer in answers:
        answer.api, answer.row = dialect.name, dialect.row
        answer.headers, answer.vendor, answer.url = raw.headers, raw.vendor, raw.url
        answer.is_bound = False
    return answers


def _of_message(raw: RawBody) -> list[Answer] | None:
    """The answer of a message in one of the forms that LangSmith documents."""
    carried = message_in(raw.body)
    if carried is None:
        return counted_alone(raw.body)
    answers = CHAT_COMPLETIONS.answers(carried.body)
    carried.tell(answers)
    for answer in answers:
        answer.api = answer.row = NOBODYS
        answer.metadata = others(answer.metadata, ("model_provider",))
        answer.headers, answer.vendor = raw.headers, raw.vendor
        answer.is_bound = False
    return answers


def any_answers_of(value: object) -> list[Answer]:
    """The answers of whatever holds some: LangChain's messages and results, live or dumped, and APIs' own. Never raises.

    What nobody recognizes gives one answer that says so (`Answer.is_unread`).
    """
    if not is_langchains(value):
        raw = None
        try:
            value = inside(value)
            raw = None if is_langchains(value) else raw_answers_of(value)
        except Exception as fault:  # noqa: BLE001 - a foreign object may raise when it is read
            report("looking at an API's own answer", fault)
        if raw is not None:
            return raw
        if is_envelope(value):  # its `content` is bytes, and no message's
            told = f"{NO_ANSWER}, got an HTTP response without one"
            return [Answer(metadata={}, content=None, is_message=False, is_unread=True, faults=[told])]
    return unbound_answers_of(value)
