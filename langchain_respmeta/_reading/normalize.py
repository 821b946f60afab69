"""An answer as one record: what LangChain hands over, or what an API, its SDK or a stream of it gave. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.error_answer import draft_of_error_body
from langchain_respmeta._reading.hints import hint_for
from langchain_respmeta._reading.read import EMPTY, draft_of_answers
from langchain_respmeta._reading.starts import STARTS
from langchain_respmeta.errors import ProviderError, UnreadableAnswer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.raw.recognize import any_answers_of
from langchain_respmeta.providers.raw.stream import streamed_answers_of
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.answer import Answer
    from langchain_respmeta.record.record import ResponseMetadata

CUT: Final = (
    "the stream ended without the provider's last word: its counts, if any, are not those of the whole call"
)


def normalize(
    response: Any,
    provider: str | None = None,
    *,
    start: RunStart | Mapping[str, Any] | None = None,
    include_content: bool = True,
) -> ResponseMetadata:
    """Read one answer.

    Args:
        response: An `AIMessage`, an `LLMResult` (its first generation), either as a plain dict, or an API's own answer: the
            SDK's object, its dict, or its JSON.
        provider: Who answered, where the answer alone does not show it: a provider's name (`"groq"`), or the address that
            was called (`"https://api.groq.com/openai/v1"`).
        start: What the start callback got: a `RunStart`, or its keyword arguments `serialized`, `metadata` and
            `invocation_params` as a mapping. Without it the provider is taken from the answer's own words.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the record. Nothing
            leaves the process here, so they do unless told otherwise.

    Returns:
        The record; anything that could not be read is told in its `warnings`, `unmapped` and `provider_data`. An error's
        body gives a record with the `event` `error`.

    Raises:
        UnreadableAnswer: `response` is nothing that a reader recognizes.
        ProviderError: Nobody is known by the name of `provider`.
    """
    known = known_start(start, provider)
    answers = any_answers_of(response)
    if _is_unread(answers) and (failure := draft_of_error_body(response, known)) is not None:
        return record_of(failure, include_content=include_content)
    if _is_unread(answers):
        raise UnreadableAnswer(_told(answers) + hint_for(response))
    return _record(answers, known, include_content=include_content)


def normalize_stream(
    events: Iterable[Any] | str | bytes,
    provider: str | None = None,
    *,
    start: RunStart | Mapping[str, Any] | None = None,
    include_content: bool = True,
) -> ResponseMetadata:
    """Read one streamed answer from all that its stream gave.

    Args:
        events: The chunks or events in their order: objects of an SDK, their dicts, or chunks of LangChain's; or the raw text
            of the stream (server-sent events, or one JSON object a line).
        provider: As for `normalize`, like the next two.
        start: See there.
        include_content: See there.

    Returns:
        The record. A stream that broke off says so in `warnings`.

    Raises:
        UnreadableAnswer: `events` is no stream that a reader recognizes.
        ProviderError: Nobody is known by the name of `provider`.
    """
    known = known_start(start, provider)
    answers, is_whole = streamed_answers_of(events)
    if _is_unread(answers):
        raise UnreadableAnswer(_told(answers))
    if not is_whole:
        answers[0].faults.append(CUT)
    return _record(answers, known, include_content=include_content, streamed=True)


def _record(
    answers: list[Answer], start: RunStart, *, include_content: bool, streamed: bool = False
) -> ResponseMetadata:
    draft = draft_of_answers(answers, start)
    if streamed:
        draft["streamed"] = True
    return record_of(draft, include_content=include_content)


def _is_unread(answers: list[Answer]) -> bool:
    return not answers or answers[0].is_unread


def _told(answers: list[Answer]) -> str:
    return "; ".join(answers[0].faults) if answers else EMPTY


_ADDRESS: Final = re.compile(r"(?i)[a-z][a-z0-9+.-]*://.+|[\w.-]+\.[a-z]{2,}(:\d+)?(/.*)?")
_FIELDS: Final = tuple(field.name for field in fields(RunStart))


def known_start(start: RunStart | Mapping[str, Any] | None, provider: str | None) -> RunStart:
    """What is known of the call.

    Raises:
        ProviderError: Nobody is known by this name.
    """
    known = start if isinstance(start, RunStart) else STATE[STARTS].of_mapping(start)
    return known if provider is None else with_provider(known, provider)


def with_provider(known: RunStart, provider: str) -> RunStart:
    """A copy of what is known of the call, with the provider or the address that the caller names.

    Raises:
        ProviderError: Nobody is known by this name.
    """
    copy = RunStart(**{name: getattr(known, name) for name in _FIELDS})  # a known one is shared
    name = REGISTRY.name_of(provider)
    if name is not None:
        copy.provider = name
    elif _ADDRESS.fullmatch(provider.strip()):
        copy.base_url = provider.strip()
    else:
        raise ProviderError(
            f"no provider is called {provider!r}; give an address, or one of: {', '.join(REGISTRY.names())}",
            provider=provider,
        )
    return copy
