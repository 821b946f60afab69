"""Facts of a recorded wire answer, read by independent code: the yardstick for the readers.

A fact is `field -> (value, key)`: what the record should hold, and the key on the wire that says it. Each dialect has
one plain function over the whole answer; streams are first folded into the answer they stand for.
"""

from __future__ import annotations

import base64
import json
from typing import Any

Facts = dict[str, tuple[Any, str]]


def facts_of(wire: dict[str, Any]) -> Facts:
    """The facts of one wire answer; none for errors and shapes that no dialect knows."""
    body = whole(wire)
    for knows, read in DIALECTS:
        if isinstance(body, dict) and knows(body):
            return {field: fact for field, fact in read(body).items() if fact[0] is not None}
    return {}


# --- streams ---------------------------------------------------------------------------------------------------------


def whole(wire: dict[str, Any]) -> Any:
    if wire.get("status", 200) >= 400:
        return None
    if "json" in wire:
        return wire["json"]
    events = [event[1] if isinstance(event, list) else event for event in stream_of(wire)]
    events = [event for event in events if isinstance(event, dict)]
    for knows, fold in FOLDS:
        if any(knows(event) for event in events):
            return fold(events)
    return None


def stream_of(wire: dict[str, Any]) -> list[Any]:
    if "aws" not in wire:
        return wire.get("sse") or wire.get("ndjson") or []
    return [
        json.loads(base64.b64decode(event["bytes"])) if name == "chunk" else {name: event}
        for name, event in wire["aws"]
    ]


def fold_chat(events: list[dict[str, Any]]) -> dict[str, Any]:
    body: dict[str, Any] = {"choices": [{"message": {}}]}
    message = body["choices"][0]["message"]
    calls: dict[int, dict[str, Any]] = {}
    for event in events:
        choices = event.pop("choices", None) or []
        body |= {key: value for key, value in event.items() if value is not None}
        for choice in choices:
            delta = choice.get("delta") or {}
            for call in delta.pop("tool_calls", None) or []:
                calls.setdefault(call.get("index") or 0, {}).update(
                    {k: v for k, v in call.items() if v is not None}
                )
            for key, value in delta.items():
                joined = isinstance(value, str) and isinstance(message.get(key), str)
                message[key] = (
                    message[key] + value if joined else value if value is not None else message.get(key)
                )
            for key in ("finish_reason", "native_finish_reason"):
                if choice.get(key):
                    body["choices"][0][key] = choice[key]
            if choice.get("logprobs"):
                known = body["choices"][0].setdefault("logprobs", {"content": []})
                known["content"] = known["content"] + (choice["logprobs"].get("content") or [])
    if calls:
        message["tool_calls"] = list(calls.values())
    body["several"] = any(choice.get("index") for event in events for choice in event.get("choices") or [])
    return body


def fold_responses(events: list[dict[str, Any]]) -> Any:
    return next((event["response"] for event in reversed(events) if "response" in event), None)


def fold_anthropic(events: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {"content": []}
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        kind = event.get("type")
        if kind == "message_start":
            body |= event["message"] | {"content": []}
            body["usage"] = dict(body.get("usage") or {})
        elif kind == "content_block_start":
            blocks[event["index"]] = dict(event["content_block"])
        elif kind == "content_block_delta" and event["delta"].get("type") == "citations_delta":
            blocks[event["index"]].setdefault("citations", []).append(event["delta"]["citation"])
        elif kind == "message_delta":
            body |= {key: value for key, value in event["delta"].items() if value is not None}
            body["usage"] |= {k: v for k, v in (event.get("usage") or {}).items() if v is not None}
    return body | {"content": list(blocks.values()), "stream": True}


def fold_converse(events: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {"output": {"message": {"content": []}}}
    for event in events:
        for name in ("messageStop", "metadata"):
            body |= event.get(name) or {}
        start = (event.get("contentBlockStart") or {}).get("start") or {}
        if "toolUse" in start:
            body["output"]["message"]["content"].append({"toolUse": start["toolUse"]})
    return body


def fold_gemini(events: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {"candidates": []}
    parts: list[Any] = []
    last: dict[str, Any] = {}
    for event in events:
        body |= {key: value for key, value in event.items() if key != "candidates"}
        for candidate in event.get("candidates") or []:
            if not candidate.get("index"):
                parts += (candidate.get("content") or {}).get("parts") or []
                last |= {key: value for key, value in candidate.items() if key != "content"}
    if last or parts:
        body["candidates"] = [last | {"content": {"parts": parts}}]
    return body


def fold_cohere(events: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {"message": {"content": [], "tool_calls": []}, "stream": True}
    for event in events:
        body |= {"id": event["id"]} if "id" in event else {}
        message = (event.get("delta") or {}).get("message") or {}
        if event.get("type") == "tool-call-start":
            body["message"]["tool_calls"].append(message["tool_calls"])
        if event.get("type") == "message-end":
            body |= event["delta"]
    return body


FOLDS = (
    (lambda event: "choices" in event, fold_chat),
    (
        lambda event: "response" in event and str(event.get("type", "")).startswith("response."),
        fold_responses,
    ),
    (lambda event: event.get("type") == "message_start", fold_anthropic),
    (lambda event: "messageStop" in event, fold_converse),
    (lambda event: "candidates" in event or "promptFeedback" in event, fold_gemini),
    (lambda event: event.get("type") == "message-end", fold_cohere),
    (lambda event: "done" in event, lambda events: events[-1]),
)


# --- whole answers ---------------------------------------------------------------------------------------------------


def chat(body: dict[str, Any]) -> Facts:
    choice = body["choices"][0]
    message, usage = choice.get("message") or {}, body.get("usage") or {}
    into, out = usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}
    timings = usage | (body.get("time_info") or {})
    return {
        "response_id": (body.get("id"), "id"),
        "created_at": (body.get("created"), "created"),
        "model": (body.get("model_id"), "model_id") if "model_id" in body else (body.get("model"), "model"),
        "service_tier": (body.get("service_tier"), "service_tier"),
        "system_fingerprint": (body.get("system_fingerprint"), "system_fingerprint"),
        "native_finish_reason": (choice.get("finish_reason"), "finish_reason"),
        "usage.input_tokens": (usage.get("prompt_tokens"), "prompt_tokens"),
        "usage.output_tokens": (output_of(usage, out.get("reasoning_tokens")), "completion_tokens"),
        "usage.total_tokens": (usage.get("total_tokens"), "total_tokens"),
        "usage.cache_read_tokens": (into.get("cached_tokens"), "cached_tokens"),
        "usage.reasoning_tokens": (out.get("reasoning_tokens"), "reasoning_tokens"),
        "usage.input_audio_tokens": (into.get("audio_tokens"), "audio_tokens"),
        "usage.accepted_prediction_tokens": (
            out.get("accepted_prediction_tokens"),
            "accepted_prediction_tokens",
        ),
        "usage.rejected_prediction_tokens": (
            out.get("rejected_prediction_tokens"),
            "rejected_prediction_tokens",
        ),
        "usage.num_search_results": (usage.get("num_sources_used"), "num_sources_used"),
        "usage.web_search_requests": (usage.get("num_search_queries"), "num_search_queries"),
        "timing.queue_s": (timings.get("queue_time"), "queue_time"),
        "timing.prompt_s": (timings.get("prompt_time"), "prompt_time"),
        "timing.completion_s": (timings.get("completion_time"), "completion_time"),
        "timing.provider_total_s": (
            (timings["total_latency"], "total_latency")
            if "total_latency" in timings
            else (timings.get("total_time"), "total_time")
        ),
        "cost.total": cost_of(usage),
        "refusal.reason": (message.get("refusal"), "refusal"),
        "tools": (ids(message.get("tool_calls")), "tool_calls"),
        "logprobs.tokens": (len((choice.get("logprobs") or {}).get("content") or []) or None, "logprob"),
        "urls": (chat_urls(body, message), "url"),
        "reasoning.present": (
            bool(message.get("reasoning_content") or message.get("reasoning")) or None,
            "reasoning",
        ),
    }


def cost_of(usage: dict[str, Any]) -> tuple[float | None, str]:
    if "cost_in_usd_ticks" in usage:
        return usage["cost_in_usd_ticks"] / 1e10, "cost_in_usd_ticks"
    cost = usage.get("cost")
    return (cost.get("total_cost"), "total_cost") if isinstance(cost, dict) else (cost, "cost")


def output_of(usage: dict[str, Any], reasoning: int | None) -> int | None:
    """With the reasoning, which xAI counts only in the total."""
    prompt, completion, total = (usage.get(f"{name}_tokens") for name in ("prompt", "completion", "total"))
    beside = reasoning and total == prompt + completion + reasoning
    return completion + reasoning if beside else completion


def chat_urls(body: dict[str, Any], message: dict[str, Any]) -> set[str] | None:
    urls = {item if isinstance(item, str) else item["url"] for item in body.get("citations") or []}
    urls |= {item["url"] for item in body.get("search_results") or []}
    urls |= {
        item["url_citation"]["url"] for item in message.get("annotations") or [] if "url_citation" in item
    }
    return urls or None


def ids(calls: Any) -> list[str] | None:
    return [call["id"] for call in calls] if calls else None


def responses(body: dict[str, Any]) -> Facts:
    usage = body.get("usage") or {}
    into, out = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    items = body.get("output") or []
    texts = [part for item in items if item.get("type") == "message" for part in item["content"]]
    notes = [note for part in texts for note in part.get("annotations") or []]
    reason = (body.get("incomplete_details") or {}).get("reason")
    return {
        "response_id": (body.get("id"), "id"),
        "created_at": (body.get("created_at"), "created_at"),
        "model": (body.get("model"), "model"),
        "service_tier": (body.get("service_tier"), "service_tier"),
        "native_finish_reason": (reason or body.get("status"), "status"),
        "usage.input_tokens": (usage.get("input_tokens"), "input_tokens"),
        "usage.output_tokens": (usage.get("output_tokens"), "output_tokens"),
        "usage.total_tokens": (usage.get("total_tokens"), "total_tokens"),
        "usage.cache_read_tokens": (into.get("cached_tokens"), "cached_tokens"),
        "usage.reasoning_tokens": (out.get("reasoning_tokens"), "reasoning_tokens"),
        "refusal.reason": (
            next((part.get("refusal") for part in texts if "refusal" in part), None),
            "refusal",
        ),
        "tools": (
            [item["call_id"] for item in items if item.get("type") == "function_call"] or None,
            "call_id",
        ),
        "urls": ({note["url"] for note in notes if note["type"] == "url_citation"} or None, "url"),
        "files": ({note["file_id"] for note in notes if "file_id" in note} or None, "file_id"),
        "reasoning.present": (any(item.get("type") == "reasoning" for item in items) or None, "reasoning"),
    }


def anthropic(body: dict[str, Any]) -> Facts:
    usage, blocks = body.get("usage") or {}, body.get("content") or []
    read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    uncached, split = usage.get("input_tokens"), usage.get("cache_creation") or {}
    cited = [note for block in blocks for note in block.get("citations") or []]
    served = usage.get("server_tool_use") or {}
    return {
        "response_id": (body.get("id"), "id"),
        "model": (body.get("model"), "model"),
        "service_tier": (usage.get("service_tier"), "service_tier"),
        "native_finish_reason": (body.get("stop_reason"), "stop_reason"),
        "stop_sequence": (body.get("stop_sequence"), "stop_sequence"),
        "usage.input_tokens": (None if uncached is None else uncached + read + write, "input_tokens"),
        "usage.output_tokens": (usage.get("output_tokens"), "output_tokens"),
        "usage.cache_read_tokens": (usage.get("cache_read_input_tokens"), "cache_read_input_tokens"),
        "usage.cache_write_tokens": (usage.get("cache_creation_input_tokens"), "cache_creation_input_tokens"),
        "usage.cache_write_5m_tokens": (
            split.get("ephemeral_5m_input_tokens") or None,
            "ephemeral_5m_input_tokens",
        ),
        "usage.cache_write_1h_tokens": (
            split.get("ephemeral_1h_input_tokens") or None,
            "ephemeral_1h_input_tokens",
        ),
        "usage.web_search_requests": (served.get("web_search_requests"), "web_search_requests"),
        "refusal.category": ((body.get("stop_details") or {}).get("category"), "category"),
        "refusal.reason": ((body.get("stop_details") or {}).get("explanation"), "explanation"),
        "tools": (
            [b["id"] for b in blocks if b.get("type") in {"tool_use", "server_tool_use"}] or None,
            "tool_use",
        ),
        "urls": ({note["url"] for note in cited if note.get("url")} or None, "url"),
        "quotes": ({note["cited_text"] for note in cited} or None, "cited_text"),
        "reasoning.present": (any("thinking" in str(b.get("type")) for b in blocks) or None, "thinking"),
    }


def converse(body: dict[str, Any]) -> Facts:
    usage, blocks = body.get("usage") or {}, body["output"]["message"]["content"]
    read, write = usage.get("cacheReadInputTokens") or 0, usage.get("cacheWriteInputTokens") or 0
    fields = body.get("additionalModelResponseFields") or {}
    guardrail = (body.get("trace") or {}).get("guardrail") or {}
    latency = (body.get("metrics") or {}).get("latencyMs")
    return {
        "native_finish_reason": (body.get("stopReason"), "stopReason"),
        "service_tier": ((body.get("serviceTier") or {}).get("type"), "type"),
        "usage.input_tokens": (usage.get("inputTokens", 0) + read + write, "inputTokens"),
        "usage.output_tokens": (usage.get("outputTokens"), "outputTokens"),
        "usage.total_tokens": (usage.get("totalTokens"), "totalTokens"),
        "usage.cache_read_tokens": (usage.get("cacheReadInputTokens"), "cacheReadInputTokens"),
        "usage.cache_write_tokens": (usage.get("cacheWriteInputTokens"), "cacheWriteInputTokens"),
        "timing.provider_total_s": (None if latency is None else latency / 1000, "latencyMs"),
        "stop_sequence": (fields.get("stop_sequence"), "stop_sequence"),
        "refusal.reason": (guardrail.get("actionReason"), "actionReason"),
        "tools": ([b["toolUse"]["toolUseId"] for b in blocks if "toolUse" in b] or None, "toolUseId"),
    }


def gemini(body: dict[str, Any]) -> Facts:
    usage = body.get("usageMetadata") or {}
    candidate = (body.get("candidates") or [{}])[0]
    grounding = candidate.get("groundingMetadata") or {}
    recited = candidate.get("citationMetadata") or {}
    thoughts = usage.get("thoughtsTokenCount")
    told = usage.get("candidatesTokenCount")
    block = (body.get("promptFeedback") or {}).get("blockReason")
    parts = (candidate.get("content") or {}).get("parts") or []
    return {
        "model": (body.get("modelVersion"), "modelVersion"),
        "response_id": (body.get("responseId"), "responseId"),
        "native_finish_reason": (candidate.get("finishReason"), "finishReason"),
        "usage.input_tokens": (
            usage["promptTokenCount"] + usage.get("toolUsePromptTokenCount", 0) if usage else None,
            "promptTokenCount",
        ),
        "usage.output_tokens": (None if told is None else told + (thoughts or 0), "candidatesTokenCount"),
        "usage.total_tokens": (usage.get("totalTokenCount"), "totalTokenCount"),
        "usage.reasoning_tokens": (thoughts, "thoughtsTokenCount"),
        "usage.cache_read_tokens": (usage.get("cachedContentTokenCount"), "cachedContentTokenCount"),
        "refusal.category": (block, "blockReason"),
        "ratings": (len(candidate.get("safetyRatings") or []) or None, "probability"),
        "urls": (
            {c["web"]["uri"] for c in grounding.get("groundingChunks") or [] if "web" in c} or None,
            "uri",
        ),
        "recited": ({c["uri"] for c in recited.get("citations") or [] if "uri" in c} or None, "uri"),
        "tool names": ([p["functionCall"]["name"] for p in parts if "functionCall" in p] or None, "name"),
    }


def cohere(body: dict[str, Any]) -> Facts:
    usage = body.get("usage") or {}
    counts = (usage.get("billed_units") if body.get("stream") else usage.get("tokens")) or {}
    message = body.get("message") or {}
    cited = [source for note in message.get("citations") or [] for source in note.get("sources") or []]
    return {
        "response_id": (body.get("id"), "id"),
        "native_finish_reason": (body.get("finish_reason"), "finish_reason"),
        "usage.input_tokens": (counts.get("input_tokens"), "input_tokens"),
        "usage.output_tokens": (counts.get("output_tokens"), "output_tokens"),
        "tools": (ids(message.get("tool_calls")), "tool_calls"),
        "urls": ({source["document"]["url"] for source in cited if source.get("document")} or None, "url"),
    }


def ollama(body: dict[str, Any]) -> Facts:
    seconds = {
        "timing.provider_total_s": "total_duration",
        "timing.load_s": "load_duration",
        "timing.prompt_s": "prompt_eval_duration",
        "timing.completion_s": "eval_duration",
    }
    return {
        "model": (body.get("model"), "model"),
        "native_finish_reason": (body.get("done_reason"), "done_reason"),
        "usage.input_tokens": (body.get("prompt_eval_count"), "prompt_eval_count"),
        "usage.output_tokens": (body.get("eval_count"), "eval_count"),
        **{field: (body[key] / 1e9 if key in body else None, key) for field, key in seconds.items()},
    }


DIALECTS = (
    (lambda body: body.get("choices"), chat),
    (lambda body: body.get("object") == "response", responses),
    (lambda body: "stop_reason" in body, anthropic),
    (lambda body: "stopReason" in body, converse),
    (lambda body: "candidates" in body or "promptFeedback" in body, gemini),
    (lambda body: "finish_reason" in body and "message" in body, cohere),
    (lambda body: "done_reason" in body, ollama),
)
