"""The lines of a record for people, in reading order: the one source of text and HTML.

Only reported values become a line. Tables map each line to its function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.parts import Citation, Media, SafetyRating, ToolCall
from langchain_respmeta.record.views.format import (
    MAX_ENTRIES,
    instant,
    money,
    more_than,
    one_line,
    seconds,
    share,
)
from langchain_respmeta.record.vocabulary import RefusalSource

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list; `url` as the provider sent it, not yet checked."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its list; without a list the heading is all there is to show."""

    heading: str
    entries: tuple[Entry, ...] = ()
    numbered: bool = False
    more: str = ""
    """How many entries are not shown."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything shown of one record."""

    alerts: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def analyze(record: RecordFields) -> Analysis:
    """The lines for `record`."""
    return Analysis(
        alerts=_with_more([text for alert in _ALERTS for text in alert(record)]),
        facts=tuple((label, text) for label, fact in _FACTS.items() if (text := fact(record))),
        sections=tuple(section for make in _SECTIONS if (section := make(record))),
    )


def _with_more(alerts: list[str]) -> tuple[str, ...]:
    return tuple(filter(None, (*alerts[:MAX_ENTRIES], more_than(MAX_ENTRIES, len(alerts)))))


def _listed(
    heading: str, items: Sequence[_Item], entry: Callable[[_Item], Entry], *, numbered: bool = False
) -> Section | None:
    """A section of the first items; None where there are none."""
    if not items:
        return None
    return Section(
        heading=f"{heading} ({len(items)})",
        entries=tuple(map(entry, items[:MAX_ENTRIES])),
        numbered=numbered,
        more=more_than(MAX_ENTRIES, len(items)),
    )


# ------------------------------------------------------------------------------------------------------ alerts

_REFUSED_BY: Final[dict[RefusalSource, str]] = {
    "message": "by the model",
    "stop_reason": "by the model",
    "content_filter": "by a content filter",
    "prompt_block": "by a filter of the prompt",
    "guardrail": "by a guardrail",
}


def _refused(record: RecordFields) -> Iterator[str]:
    refusal = record.refusal
    if refusal is None:
        if record.refused:
            yield "REFUSED"
        return
    category = f" ({one_line(refusal.category)})" if refusal.category else ""
    reason = f": {one_line(refusal.reason)}" if refusal.reason else ""
    yield f"REFUSED {_REFUSED_BY.get(refusal.source, refusal.source)}{category}{reason}"


def _truncated(record: RecordFields) -> Iterator[str]:
    if record.truncated:
        yield "TRUNCATED: a token limit cut the answer"


def _failed(record: RecordFields) -> Iterator[str]:
    error = record.error
    if error is None:
        return
    facts = (
        error.type,
        f"HTTP {error.status_code}" if error.status_code is not None else None,
        error.code,
        f"retry after {seconds(error.retry_after_s)}" if error.retry_after_s is not None else None,
    )
    message = f": {one_line(error.message)}" if error.message else ""
    yield f"ERROR {', '.join(one_line(fact) for fact in facts if fact)}{message}"


def _blocked(record: RecordFields) -> Iterator[str]:
    for rating in record.safety:
        if rating.blocked:
            yield f"BLOCKED {rating.scope}: {_rating(rating)}"


def _rating(rating: SafetyRating) -> str:
    degree = rating.severity or rating.probability
    about = ", ".join(one_line(word) for word in (degree, rating.source) if word)
    return f"{one_line(rating.category)} ({about})"


_ALERTS: Final[tuple[Callable[[RecordFields], Iterator[str]], ...]] = (
    _refused,
    _truncated,
    _failed,
    _blocked,
)


# ------------------------------------------------------------------------------------------------------- facts


def _model(record: RecordFields) -> str | None:
    if record.model is None:
        return f"{one_line(record.requested_model)} (requested)" if record.requested_model else None
    if record.model_source == "request":
        return f"{one_line(record.model)} (as requested; the answer names none)"
    if record.requested_model in {None, record.model}:
        return one_line(record.model)
    return f"{one_line(record.model)} (requested {one_line(record.requested_model or '')})"


def _provider(record: RecordFields) -> str:
    about = ", ".join(one_line(word) for word in (record.api, record.integration) if word)
    return one_line(record.provider) + (f" ({about})" if about else "")


def _routing(record: RecordFields) -> str | None:
    routing = record.routing
    if routing is None:
        return None
    words = (
        routing.upstream_provider,
        "own key" if routing.is_byok else None,
        f"{routing.attempts} attempts" if routing.attempts and routing.attempts > 1 else None,
    )
    return ", ".join(one_line(word) for word in words if word)


def _status(record: RecordFields) -> str | None:
    word, native = record.finish_reason, record.native_finish_reason
    about = [one_line(native)] if native and native != word else []
    if record.stop_sequence:
        about.append(f'matched "{one_line(record.stop_sequence, 40)}"')
    if record.cancelled and word != "cancelled":
        about.append("cancelled")
    if word is None and not about:
        return None
    return (word or "not reported") + (f" ({', '.join(about)})" if about else "")


def _attempt(record: RecordFields) -> str | None:
    words = (
        str(record.attempt)
        if record.attempt is not None and (record.attempt > 1 or record.superseded)
        else None,
        "superseded by a later one" if record.superseded else None,
    )
    return ", ".join(word for word in words if word)


def _candidate(record: RecordFields) -> str | None:
    if record.candidates is None or record.candidates < 2 or record.candidate_index is None:
        return None
    return f"{record.candidate_index + 1} of {record.candidates}"


def _tokens(record: RecordFields) -> str | None:
    usage = record.usage
    if usage is None:
        return None
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    input_details = (
        f"{read:,} cached{share(read, usage.input_tokens)}" if read else None,
        f"{written:,} written to the cache" if written else None,
    )
    reasoning = usage.reasoning_tokens
    output_details = (
        f"{reasoning:,} reasoning{share(reasoning, usage.output_tokens)}" if reasoning else None,
    )
    counts = (
        _count(usage.input_tokens, "in", input_details),
        _count(usage.output_tokens, "out", output_details),
        _count(usage.total_tokens, "total", ()),
    )
    return ", ".join(count for count in counts if count)


def _count(number: int | None, word: str, details: tuple[str | None, ...]) -> str | None:
    about = ", ".join(detail for detail in details if detail)
    if number is None and not about:
        return None
    return ("?" if number is None else f"{number:,}") + f" {word}" + (f" ({about})" if about else "")


def _cost(record: RecordFields) -> str | None:
    cost = record.cost
    if cost is None:
        return None
    if cost.total is None:
        return f"unpriced: {one_line(cost.unpriced_reason)}" if cost.unpriced_reason else None
    about = (
        f"{money(cost.input, cost.currency)} in" if cost.input is not None else None,
        f"{money(cost.output, cost.currency)} out" if cost.output is not None else None,
        f"{money(cost.tools, cost.currency)} tools" if cost.tools is not None else None,
        cost.source,
        one_line(cost.price_version) if cost.price_version else None,
    )
    words = ", ".join(word for word in about if word)
    return money(cost.total, cost.currency) + (f" ({words})" if words else "")


_TIMES: Final = {
    "time_to_first_token_s": "first token after",
    "queue_s": "queued",
    "generation_s": "generation",
    "provider_total_s": "provider",
}


def _time(record: RecordFields) -> str | None:
    timing = record.timing
    if timing is None:
        return None
    words = [seconds(timing.latency_s)] if timing.latency_s is not None else []
    for name, word in _TIMES.items():
        value: float | None = getattr(timing, name)
        if value is not None:
            words.append(f"{word} {seconds(value)}")
    if timing.tokens_per_second is not None:
        words.append(f"{timing.tokens_per_second:,.1f} tokens/s")
    return ", ".join(words)


def _structured(record: RecordFields) -> str | None:
    output = record.structured_output
    if output is None or not output.requested:
        return None
    outcome = {True: "parsed", False: "NOT PARSED", None: "requested"}[output.parsed]
    name = f"{one_line(output.type_name)}, " if output.type_name else ""
    return f"{name}{outcome}" + (f": {one_line(output.error)}" if output.error else "")


_FACTS: Final[dict[str, Callable[[RecordFields], str | None]]] = {
    "ID": lambda record: one_line(record.response_id) if record.response_id else None,
    "Request": lambda record: one_line(record.request_id) if record.request_id else None,
    "Model": _model,
    "Provider": _provider,
    "Routed to": _routing,
    "Created": lambda record: instant(record.created_at) if record.created_at else None,
    "Tier": lambda record: one_line(record.service_tier) if record.service_tier else None,
    "Status": _status,
    "Attempt": _attempt,
    "Candidate": _candidate,
    "Cache": lambda record: "answered from LangChain's own cache" if record.langchain_cache_hit else None,
    "Tokens": _tokens,
    "Cost": _cost,
    "Time": _time,
    "Structured output": _structured,
}


# ---------------------------------------------------------------------------------------------------- sections


def citation_name(citation: Citation) -> str:
    """The name of a source: its title, file name, address, id, else its kind."""
    number = None if citation.document_index is None else f"{citation.type} {citation.document_index}"
    name = citation.title or citation.filename or citation.url or citation.file_id or number or citation.type
    return one_line(name)


def _citations(record: RecordFields) -> Section | None:
    return _listed(
        "Citations", record.citations, lambda each: Entry(citation_name(each), each.url), numbered=True
    )


def _refusal(record: RecordFields) -> Section | None:
    if record.refused or record.refusal or record.error:
        return None
    return Section("Not known whether it was refused" if record.refused is None else "No refusal")


def _tools(record: RecordFields) -> Section | None:
    calls = _listed("Tool calls", record.tool_calls, lambda call: Entry(_tool(call)))
    return calls if calls or record.error else Section("No tool calls")


def _tool(call: ToolCall) -> str:
    about = (
        None if call.valid else "INVALID ARGUMENTS",
        "run by the provider" if call.server_side else None,
        f"{call.args_size_bytes:,} bytes of arguments" if call.args_size_bytes is not None else None,
    )
    words = ", ".join(word for word in about if word)
    return one_line(call.name or call.id or "unnamed") + (f" ({words})" if words else "")


def _media(record: RecordFields) -> Section | None:
    return _listed("Media", record.media, lambda medium: Entry(_medium(medium), medium.url))


def _medium(medium: Media) -> str:
    size = f"{medium.size_bytes:,} bytes" if medium.size_bytes is not None else None
    return ", ".join(one_line(word) for word in (medium.kind, medium.mime_type, size) if word)


def _texts(heading: str, texts: tuple[str, ...]) -> Section | None:
    return _listed(heading, texts, lambda text: Entry(one_line(text)))


_SECTIONS: Final[tuple[Callable[[RecordFields], Section | None], ...]] = (
    _citations,
    _refusal,
    _tools,
    _media,
    lambda record: _texts("Warnings", record.warnings),
    lambda record: _texts("Not known to any table", record.unmapped),
)
