"""Amazon Bedrock's Converse and ConverseStream."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conformance._facts import Expected, Fact, dig, first, text, whole
from tests.conformance.expect._shared import conclude, finish, reasoning, tool_call


def expect(payload: Any) -> list[Expected]:
    """What the answer says."""
    answer = _assemble(payload) if isinstance(payload, list) else payload
    if not isinstance(answer, dict):
        return []
    expected = Expected()
    expected.say("api", "converse")
    _content(expected, dig(answer, "output", "message", "content") or [])
    native = text(answer.get("stopReason"))
    finish(expected, native)
    expected.say("stop_sequence", text(dig(answer, "additionalModelResponseFields", "stop_sequence")))
    latency = dig(answer, "metrics", "latencyMs")
    if latency is not None:
        expected.say("timing.provider_total_s", latency / 1000, witness=latency)
    expected.say("service_tier", text(dig(answer, "serviceTier", "type")))
    _usage(expected, answer.get("usage") or {})
    thought = dig(
        answer, "additionalModelResponseFields", "usage", "output_tokens_details", "thinking_tokens"
    )
    expected.say("usage.reasoning_tokens", whole(thought))
    expected.say("model", text(dig(answer, "trace", "promptRouter", "invokedModelId")))
    _guardrail(expected, dig(answer, "trace", "guardrail") or {})
    conclude(expected)
    return [expected]


def _assemble(events: list[Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        for kind, told in event.items():
            if kind == "contentBlockStart":
                blocks[told["contentBlockIndex"]] = {
                    key: dict(value) for key, value in told.get("start", {}).items()
                }
            elif kind == "contentBlockDelta":
                _add_delta(blocks.setdefault(told["contentBlockIndex"], {}), told["delta"])
            elif kind in ("messageStop", "metadata"):
                answer.update(told)
    content = [blocks[index] for index in sorted(blocks)]
    return {**answer, "output": {"message": {"content": content}}}


def _add_delta(block: dict[str, Any], delta: dict[str, Any]) -> None:
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    if "toolUse" in delta:
        use = block.setdefault("toolUse", {})
        use["_sent"] = use.get("_sent", "") + delta["toolUse"].get("input", "")
    if "reasoningContent" in delta:
        thought = block.setdefault("reasoningContent", {"reasoningText": {"text": ""}})
        thought["reasoningText"]["text"] += delta["reasoningContent"].get("text") or ""
        if "redactedContent" in delta["reasoningContent"]:
            thought["redactedContent"] = True
    if "citation" in delta:
        block.setdefault("_citations", []).append(delta["citation"])


def _content(expected: Expected, blocks: list[dict[str, Any]]) -> None:
    offset = 0
    thoughts, redacted = "", False
    for block in blocks:
        if "text" in block:
            _nova_thought(expected, block["text"])
            end = offset + len(block["text"])
            for citation in block.get("_citations") or []:
                _citation(expected, citation, (offset, end))
            offset = end
        if "citationsContent" in block:
            cited = block["citationsContent"]
            end = offset + sum(len(part.get("text", "")) for part in cited.get("content") or [])
            for citation in cited.get("citations") or []:
                _citation(expected, citation, (offset, end))
            offset = end
        if "toolUse" in block:
            use = block["toolUse"]
            tool_call(
                expected,
                use.get("toolUseId"),
                use.get("name"),
                use.get("_sent") or json.dumps(use.get("input") or {}),
            )
        if "reasoningContent" in block:
            thoughts += dig(block, "reasoningContent", "reasoningText", "text") or ""
            redacted = redacted or "redactedContent" in block["reasoningContent"]
    reasoning(expected, thoughts, redacted=redacted)


def _nova_thought(expected: Expected, words: str) -> None:
    """Nova thinks aloud in its text; the integration takes that out of a whole answer, but not out of a stream."""
    thought = re.search(r"<thinking>(.*?)</thinking>", words, re.DOTALL)
    if thought:
        expected.say("reasoning.present", value=True, required=False)
        expected.say("reasoning.redacted", value=False, required=False)
        expected.say("reasoning.text", thought.group(1).strip(), also=(thought.group(1),), required=False)


def _citation(expected: Expected, citation: dict[str, Any], span: tuple[int, int]) -> None:
    location = citation.get("location") or {}
    inner = next((value for value in location.values() if isinstance(value, dict)), {})
    quote = "".join(part.get("text", "") for part in citation.get("sourceContent") or [])
    witness = first(text(quote), text(citation.get("title")), text(inner.get("url")))
    start, end = span
    expected.add(
        "citations",
        {
            "title": text(citation.get("title")),
            "quote": text(quote),
            "url": text(inner.get("url")),
            "document_index": Fact(whole(inner.get("documentIndex")), witness=witness),
            "start_index": Fact(start if end > start else None, witness=witness),
            "end_index": Fact(end if end > start else None, witness=witness),
        },
    )


def _usage(expected: Expected, usage: dict[str, Any]) -> None:
    plain = whole(usage.get("inputTokens"))
    read = whole(first(usage.get("cacheReadInputTokens"), usage.get("cacheReadInputTokenCount")))
    write = whole(first(usage.get("cacheWriteInputTokens"), usage.get("cacheWriteInputTokenCount")))
    if plain is not None:
        expected.say("usage.input_tokens", plain + (read or 0) + (write or 0))
    expected.say_all(
        {
            "usage.output_tokens": whole(usage.get("outputTokens")),
            "usage.total_tokens": whole(usage.get("totalTokens")),
            "usage.cache_read_tokens": read,
            "usage.cache_write_tokens": write,
        }
    )
    for detail in usage.get("cacheDetails") or []:
        expected.say(f"usage.cache_write_{detail.get('ttl')}_tokens", whole(detail.get("inputTokens")))


def _guardrail(expected: Expected, trace: dict[str, Any]) -> None:
    for assessment in (trace.get("inputAssessment") or {}).values():
        _findings(expected, assessment, "prompt")
    for assessments in (trace.get("outputAssessments") or {}).values():
        for assessment in assessments:
            _findings(expected, assessment, "completion")
    if "refusal.source" in expected.facts:
        expected.say("refusal.reason", text(trace.get("actionReason")))


def _findings(expected: Expected, assessment: dict[str, Any], scope: str) -> None:
    """Every policy's findings: filters, topics, words, entities."""
    for policy, groups in assessment.items():
        for items in groups.values() if policy.endswith("Policy") else ():
            for item in items if isinstance(items, list) else ():
                _finding(expected, policy, item, scope)


def _finding(expected: Expected, policy: str, item: dict[str, Any], scope: str) -> None:
    category = first(text(item.get("name")), text(item.get("type")), policy)
    expected.add(
        "safety",
        {
            "category": category,
            "scope": Fact(scope, witness=category),
            "probability": text(item.get("confidence")),
            "score": item.get("score"),
            "blocked": Fact(
                item.get("action") == "BLOCKED" if item.get("action") else None, witness=category
            ),
        },
    )
