"""A stream's chunks or events, as one answer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import islice
from operator import add
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import NO_ANSWER, is_langchains, unbound_answers_of
from langchain_respmeta.providers.raw.body import RawBody, raw_body_of
from langchain_respmeta.providers.raw.dialect import Body, Dialect
from langchain_respmeta.providers.raw.events import events_of
from langchain_respmeta.providers.raw.recognize import answers_in
from langchain_respmeta.providers.raw.table import DIALECTS

MAX_EVENTS: Final = 200_000
"""Events of one stream that are read."""


def streamed_answers_of(stream: Iterable[Any] | str | bytes) -> tuple[list[Answer], bool]:
    """The answers that a stream gave, and whether its last word came. Never raises for what the events hold."""
    try:
        return _streamed(stream)
    except Exception as fault:  # noqa: BLE001 - a foreign object may raise when it is read
        report("putting a stream together", fault)
        return [_unread(f"the stream could not be looked at ({type(fault).__name__})")], True


def _streamed(stream: Iterable[Any] | str | bytes) -> tuple[list[Answer], bool]:
    events = list(islice(events_of(stream), MAX_EVENTS + 1))
    if events and is_langchains(events[0]):
        return unbound_answers_of(reduce(add, events)), True
    raw = [found for event in events[:MAX_EVENTS] if (found := raw_body_of(event)) is not None]
    bodies = [one.body for one in raw]
    dialect = _dialect(bodies)
    if dialect is None:
        return [
            _unread(
                f"{NO_ANSWER}, or a stream of a known API, got {f'{len(events)} events of another kind' if events else 'none'}"
            )
        ], True
    joined = dialect.join(bodies)
    headers = next((one.headers for one in raw if one.headers), {})
    vendor = next((one.vendor for one in raw if one.vendor), None)
    url = next((one.url for one in raw if one.url), None)
    answers = answers_in(RawBody(joined.body, headers, vendor, url)) or [
        _unread(f"{NO_ANSWER}, got a stream without one")
    ]
    if len(events) > MAX_EVENTS:
        answers[0].faults.append(f"only {MAX_EVENTS} events of the stream were read")
    return answers, joined.is_whole and len(events) <= MAX_EVENTS


def _dialect(events: list[Body]) -> Dialect | None:
    for event in events:
        for dialect in DIALECTS:
            if dialect.is_event(event):
                return dialect
    return None


def _unread(told: str) -> Answer:
    return Answer(metadata={}, content=None, is_message=False, is_unread=True, faults=[told])
