"""What a record should say, computed from the raw answer: one small module for each dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tests.conformance._facts import Expected
from tests.conformance.expect import (
    chat_completions,
    cohere,
    converse,
    generate_content,
    invoke_model,
    messages,
    ollama,
    responses,
)
from tests.conformance.expect._errors import expect_error
from tests.conformance.expect._headers import add_headers

if TYPE_CHECKING:
    from tests.conformance._calls import Observed
    from tests.conformance._rows import Row
    from tests.conformance._targets import Target

DIALECTS: Final[Mapping[str, Callable[[Row], list[Expected]]]] = {
    "chat_completions": lambda row: chat_completions.expect(row.payload()),
    "completions": lambda row: chat_completions.expect(row.payload(), api="completions"),
    "responses": lambda row: responses.expect(row.payload()),
    "messages": lambda row: messages.expect(row.payload()),
    "generate_content": lambda row: generate_content.expect(row.payload()),
    "converse": lambda row: converse.expect(row.payload()),
    "invoke_model": invoke_model.expect,
    "cohere": lambda row: cohere.expect(row.payload()),
    "cohere_generate": lambda row: cohere.expect_generate(row.payload()),
    "ollama": lambda row: ollama.expect(row.payload()),
    "ollama_generate": lambda row: ollama.expect(row.payload(), api="generate"),
}


def expectations(row: Row, target: Target, seen: Observed) -> list[Expected]:
    """The expectations for the records of one call."""
    expected = [expect_error(row, target)] if row.failed else DIALECTS[target.dialect](row)
    if len(expected) > len(seen.records) == 1:
        expected = [_merged(expected)]
    for one, record in zip(expected, seen.records, strict=False):
        _provider(one, record, row, target)
        _model(one, record, seen)
        add_headers(one, row)
        _call(one, record, seen)
        _soften(one, seen, target)
        for name in target.filled:
            if name in one.facts and (not one.get(name) or name == "service_tier"):
                one.facts[name] = replace(one.facts[name], required=False)
    return expected


def _call(expected: Expected, record: Any, seen: Observed) -> None:
    """What the call itself was, and that every header kept is one that came."""
    expected.say("integration", seen.call.target.name)
    if record.run_id is None:
        expected.leave("streamed", "http.headers", "provider")  # read from a dump
        return
    expected.say("streamed", seen.call.mode != "invoke")
    if record.http is not None:
        replayed = {"content-type": record.http.headers.get("content-type")}  # where the recording has none
        came = {**replayed, **seen.call.row.headers}
        headers = {name: came.get(name) for name in record.http.headers}
        expected.say("http.headers", headers, required=False)


def _merged(expected: list[Expected]) -> Expected:
    """LangChain streams several choices into one message: what all choices say alike still holds, and every tool call."""
    merged = expected[0]
    alike = {
        name for name, fact in merged.facts.items() if all(one.facts.get(name) == fact for one in expected)
    }
    unlike = (
        merged.facts.keys() - {name for name in merged.facts if name.startswith(("usage.", "cost."))} - alike
    )
    merged.leave(*unlike, "finish_reason", "native_finish_reason", "truncated", "logprobs.mean", "citations")
    for other in expected[1:]:
        merged.items["tool_calls"] += other.items["tool_calls"]
    return merged


def _model(expected: Expected, record: Any, seen: Observed) -> None:
    """Where only the asked name is handed over, and the record says so, that name is right."""
    expected.say("requested_model", seen.requested, also=[f"models/{seen.requested}"], required=False)
    if record.model_source != "request" or not seen.requested:
        return
    served = expected.get("model")
    if served is None or served == record.model or not seen.probe.reaches("model", served):
        expected.say("model", seen.requested)


def _soften(expected: Expected, seen: Observed, target: Target) -> None:
    """Where the integration hands over something of its own making, or the record has a measure of its own."""
    expected.leave(*target.own)
    speed = expected.facts.get("timing.tokens_per_second")
    if speed is not None and not seen.probe.reaches("timing.tokens_per_second", speed.value):
        expected.leave("timing.tokens_per_second")  # then the record's is output over time
    _asked(expected, seen)
    for item in expected.items["tool_calls"]:
        for name in target.remade:
            item.pop(name, None)


def _asked(expected: Expected, seen: Observed) -> None:
    """Where the end has no word for calls, only a call tells of it; some kinds of calls an integration drops."""
    end = expected.facts.get("finish_reason")
    asked = [item for item in expected.items["tool_calls"] if not item["server_side"].value]
    if end is None or end.value != "tool_calls" or end.witness not in ("completed", "STOP", "stop"):
        return
    if not any(seen.probe.reaches("tool_calls", (item.get("id") or item["name"]).value) for item in asked):
        expected.facts["finish_reason"] = replace(end, also=("stop",))


def _provider(expected: Expected, record: Any, row: Row, target: Target) -> None:
    """Who was called; at an address that says nothing, anybody but OpenAI (which it may be, after all)."""
    unknown_host = not row.host or row.host in ("localhost", "127.0.0.1")
    if row.host == "api.openai.com" and target.name == "ChatOpenAI":
        expected.leave("provider")
        return
    if target.provider is None or (target.name in ("ChatOpenAI", "OpenAI") and unknown_host):
        if record.provider != "openai" or target.provider == "openai":
            expected.leave("provider")
        else:
            expected.say("provider", "unknown")
    else:
        expected.say("provider", target.provider)
