"""Chat Completions, as OpenAI and most others speak it, and the older Completions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from tests.conformance._facts import Expected, Fact, dig, first, text, whole
from tests.conformance.expect._shared import conclude, epoch, finish, logprobs, reasoning, tool_call, total

TIMES = tuple(f"timing.{name}_s" for name in ("queue", "prompt", "completion", "provider_total"))
WRITTEN = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")


def expect(payload: Any, *, api: str = "chat_completions") -> list[Expected]:
    """One expectation for each choice."""
    answer = _assemble(payload) if isinstance(payload, list) else payload
    if not isinstance(answer, dict):
        return []
    choices = [choice for choice in answer.get("choices") or [] if isinstance(choice, dict)]
    expected = [_choice(answer, choice, api) for choice in choices] or [_choice(answer, {}, api)]
    for index, one in enumerate(expected):
        if index == 0:
            _usage(one, answer)
            _sources(one, answer)
        else:
            one.leave(*TIMES)  # the call's: repeated or not
        if len(expected) > 1:
            one.say_all({"candidates": len(expected), "candidate_index": index}, required=False)
    return expected


# --- streams ---------------------------------------------------------------------------------------------------------


def _assemble(chunks: list[Any]) -> dict[str, Any]:
    """The chunks of a stream as the answer that would have come without streaming."""
    answer: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        if not isinstance(chunk, dict):
            continue
        answer |= {key: value for key, value in chunk.items() if value not in (None, "", [], {})}
        for choice in chunk.get("choices") or []:
            _add_choice(choices.setdefault(choice.get("index") or 0, {"message": {}}), choice)
    return {**answer, "choices": [choices[index] for index in sorted(choices)]}


def _add_choice(whole_choice: dict[str, Any], piece: dict[str, Any]) -> None:
    for key, value in piece.items():
        if key == "logprobs" and isinstance(value, dict):
            told = whole_choice.setdefault("logprobs", {})
            for name, items in value.items():
                if isinstance(items, list):
                    told.setdefault(name, []).extend(items)
        elif key == "text":
            whole_choice["text"] = whole_choice.get("text", "") + (value or "")
        elif key == "delta":
            _add_delta(whole_choice["message"], value or {})
        elif key != "message" and value not in (None, "", [], {}):  # Writer repeats the delta as a message
            whole_choice[key] = value


def _add_delta(message: dict[str, Any], delta: dict[str, Any]) -> None:
    for key, value in delta.items():
        if value is not None:
            MERGE.get(key, _add_other)(message, key, value)


def _add_other(message: dict[str, Any], key: str, value: Any) -> None:
    known = message.get(key)
    if isinstance(value, list):
        message[key] = (known or []) + value
    elif isinstance(value, dict):
        message[key] = {**(known or {}), **value}
    else:
        message[key] = value


def _add_calls(message: dict[str, Any], key: str, pieces: Any) -> None:
    for piece in pieces:
        _add_call(message.setdefault(key, []), piece)


def _add_content(message: dict[str, Any], key: str, piece: Any) -> None:
    if isinstance(piece, str):
        _add_text(message, key, piece)
    else:
        message[key] = _blocks(message.get(key)) + _blocks(piece)


def _add_text(message: dict[str, Any], key: str, piece: str) -> None:
    known = message.get(key) or ""
    message[key] = known + piece if isinstance(known, str) else [*known, *_blocks(piece)]


def _blocks(content: Any) -> list[Any]:
    """Content as blocks; Mistral changes between text and blocks within one stream."""
    return content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []


def _add_call(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    index = piece.get("index")
    known = next((call for call in calls if index is not None and call.get("index") == index), None)
    if known is None:
        known = {"index": index, "function": {}}
        calls.append(known)
    if piece.get("id"):
        known["id"] = piece["id"]
    _merge_function(known["function"], piece.get("function") or {})


def _add_tools(message: dict[str, Any], key: str, pieces: Any) -> None:
    """Groq tells a tool it runs twice: when it starts, and with its output."""
    known = message.setdefault(key, [])
    for piece in pieces:
        same = next((tool for tool in known if tool.get("index") == piece.get("index")), None)
        if same is None:
            known.append(dict(piece))
        else:
            same.update({key: value for key, value in piece.items() if value is not None})


def _merge_function(known: dict[str, Any], piece: dict[str, Any]) -> None:
    if piece.get("name"):
        known["name"] = piece["name"]
    if isinstance(piece.get("arguments"), str):
        known["arguments"] = known.get("arguments", "") + piece["arguments"]


def _add_function(message: dict[str, Any], key: str, piece: Any) -> None:
    _merge_function(message.setdefault(key, {}), piece)


MERGE: Final[Mapping[str, Callable[[dict[str, Any], str, Any], None]]] = {
    "content": _add_content,
    **dict.fromkeys(("refusal", "reasoning_content", "reasoning"), _add_content),
    "tool_calls": _add_calls,
    "function_call": _add_function,
    "executed_tools": _add_tools,
}
"""How the pieces of a delta's key are put together; all others: lists grow, objects are merged, the last word counts."""


# --- one choice ------------------------------------------------------------------------------------------------------


def _choice(answer: dict[str, Any], choice: dict[str, Any], api: str) -> Expected:
    expected = Expected()
    message = choice.get("message") or {}
    expected.say("api", api)
    expected.say("response_id", text(answer.get("id")))
    expected.say("model", first(text(answer.get("model")), text(answer.get("model_id"))))
    expected.say("created_at", epoch(answer.get("created")), witness=answer.get("created"))
    expected.say("service_tier", text(answer.get("service_tier")))
    expected.say("system_fingerprint", text(answer.get("system_fingerprint")))
    expected.say("routing.upstream_provider", text(answer.get("provider")))
    _tools(expected, message)
    finish(expected, text(choice.get("finish_reason")), tools=bool(expected.items["tool_calls"]))
    if isinstance(stop := choice.get("stop_reason"), str) and choice.get("finish_reason") == "stop":
        expected.say("stop_sequence", stop)
    _refusal(expected, message)
    _reasoning(expected, message)
    logprobs(expected, _token_logprobs(choice.get("logprobs")))
    _safety(expected, answer, choice)
    _citations(expected, message)
    _media(expected, answer, message)
    conclude(expected)
    return expected


def _tools(expected: Expected, message: dict[str, Any]) -> None:
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        tool_call(expected, call.get("id"), function.get("name"), function.get("arguments") or "")
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and not message.get("tool_calls") and legacy.get("name"):
        tool_call(expected, None, legacy.get("name"), legacy.get("arguments") or "")
    for tool in message.get("executed_tools") or []:
        tool_call(
            expected,
            None,
            first(tool.get("name"), tool.get("type")),
            tool.get("arguments") or "",
            server=True,
        )


def _executed_sources(expected: Expected, message: dict[str, Any]) -> None:
    for tool in message.get("executed_tools") or []:
        for result in dig(tool, "search_results", "results") or []:
            expected.add("citations", {"url": text(result.get("url")), "title": text(result.get("title"))})


def _refusal(expected: Expected, message: dict[str, Any]) -> None:
    words = text(message.get("refusal"))
    if words:
        expected.say("refusal.source", "message", witness=words)
        expected.say("refusal.reason", words)


def _reasoning(expected: Expected, message: dict[str, Any]) -> None:
    blocks = _blocks(message.get("content"))
    summed = "".join(
        part.get("text") or ""
        for block in blocks
        if isinstance(block, dict) and block.get("type") == "reasoning"
        for part in block.get("summary") or []
    )
    thinking = summed or "".join(
        part.get("text") or ""
        for block in blocks
        if isinstance(block, dict)
        for part in block.get("thinking") or []
        if isinstance(part, dict)
    )
    _spoken_thought(expected, message.get("content"))
    plain = message.get("reasoning") if isinstance(message.get("reasoning"), str) else None
    reasoning(expected, first(text(message.get("reasoning_content")), text(plain), text(thinking)))


def _spoken_thought(expected: Expected, content: Any) -> None:
    """Models that think aloud in their text: some integrations take that out of it."""
    thought = re.search(r"<think>(.*?)</think>", content, re.DOTALL) if isinstance(content, str) else None
    if thought:
        expected.say("reasoning.present", value=True, required=False)
        expected.say("reasoning.redacted", value=False, required=False)
        expected.say("reasoning.text", thought[1].strip(), also=(thought[1],), required=False)


def _token_logprobs(told: Any) -> list[Any]:
    if not isinstance(told, dict):
        return []
    tokens = told.get("content") or told.get("refusal")
    if isinstance(tokens, list):
        return [token.get("logprob") for token in tokens if isinstance(token, dict)]
    return list(told.get("token_logprobs") or [])


def _safety(expected: Expected, answer: dict[str, Any], choice: dict[str, Any]) -> None:
    found = [("completion", choice.get("content_filter_results"))]
    found += [
        ("prompt", one.get("content_filter_results")) for one in answer.get("prompt_filter_results") or []
    ]
    for scope, results in found:
        azure_ratings(expected, scope, results)


def azure_ratings(expected: Expected, scope: str, results: Any) -> None:
    """What Azure's filter found of the prompt or of the completion."""
    for category, result in (results or {}).items():
        if isinstance(result, dict):
            _rating(expected, scope, category, result)


def _rating(expected: Expected, scope: str, category: str, result: dict[str, Any]) -> None:
    detected = result.get("detected")
    expected.add(
        "safety",
        {
            "category": category,
            "scope": scope,
            "severity": text(result.get("severity")),
            "blocked": Fact(result.get("filtered"), witness=category),
            "probability": Fact(
                None if detected is None else ("detected" if detected else "not_detected"), witness=category
            ),
            "source": Fact("azure_content_filter", required=False),
        },
    )


def _citations(expected: Expected, message: dict[str, Any]) -> None:
    for note in message.get("annotations") or []:
        cited = note.get("url_citation") if isinstance(note, dict) else None
        if isinstance(cited, dict):
            expected.add(
                "citations",
                {
                    "type": Fact("url", required=False),
                    "url": text(cited.get("url")),
                    "title": text(cited.get("title")),
                    "start_index": Fact(whole(cited.get("start_index")), witness=cited.get("url")),
                    "end_index": Fact(whole(cited.get("end_index")), witness=cited.get("url")),
                },
            )
    _executed_sources(expected, message)
    _references(expected, message)


def _sources(expected: Expected, answer: dict[str, Any]) -> None:
    """Sources of the whole answer."""
    results = {item.get("url"): item for item in answer.get("search_results") or [] if isinstance(item, dict)}
    listed = [item for item in answer.get("citations") or [] if isinstance(item, str)]
    for url in dict.fromkeys([*listed, *results]):
        title = text(results.get(url, {}).get("title"))
        expected.add("citations", {"type": Fact("url", required=False), "url": url, "title": title})


def _references(expected: Expected, message: dict[str, Any]) -> None:
    """Mistral's pieces of text that point to documents by number, and its sources between them."""
    offset = 0
    for block in _blocks(message.get("content")):
        words = block.get("text") or "" if isinstance(block, dict) else ""
        for number in block.get("reference_ids") or []:
            span = (offset, offset + len(words)) if words else (None, None)
            place = {"start_index": Fact(span[0], witness=words), "end_index": Fact(span[1], witness=words)}
            expected.add("citations", {"document_index": Fact(number, witness="reference_ids"), **place})
        if block.get("type") == "tool_reference":
            expected.add("citations", {"url": text(block.get("url")), "title": text(block.get("title"))})
        offset += len(words)


def _media(expected: Expected, answer: dict[str, Any], message: dict[str, Any]) -> None:
    audio = message.get("audio")
    if isinstance(audio, dict):
        expected.add("media", {"kind": Fact("audio", required=False), "id": text(audio.get("id"))})
    for image in message.get("images") or []:
        expected.add("media", {"kind": Fact("image", witness=str(dig(image, "image_url", "url"))[:40])})
    for image in answer.get("images") or []:  # Perplexity's search
        expected.add("media", {"kind": "image", "url": text(dig(image, "image_url"))})
    for video in answer.get("videos") or []:
        expected.add("media", {"kind": "video", "url": text(dig(video, "url"))})


# --- numbers ---------------------------------------------------------------------------------------------------------


def _usage(expected: Expected, answer: dict[str, Any]) -> None:
    usage = first(answer.get("usage"), dig(answer, "x_groq", "usage"))
    if isinstance(usage, dict):
        into = first(usage.get("prompt_tokens_details"), usage.get("prompt_token_details"))
        out = first(usage.get("completion_tokens_details"), usage.get("completion_token_details"))
        cached = first(
            dig(into, "cached_tokens"),
            usage.get("prompt_cache_hit_tokens"),
            usage.get("cached_tokens"),
            usage.get("num_cached_tokens"),
            usage.get("cache_read_input_tokens"),
        )
        written = first(*(dig(into, name) for name in WRITTEN), usage.get("cache_creation_input_tokens"))
        expected.say_all(
            {
                "usage.input_tokens": whole(usage.get("prompt_tokens")),
                "usage.output_tokens": whole(usage.get("completion_tokens")),
                "usage.cache_read_tokens": whole(cached),
                "usage.cache_write_tokens": whole(written),
                "usage.reasoning_tokens": whole(
                    first(dig(out, "reasoning_tokens"), usage.get("reasoning_tokens"))
                ),
                "usage.input_audio_tokens": whole(dig(into, "audio_tokens")),
                "usage.output_audio_tokens": whole(dig(out, "audio_tokens")),
                "usage.input_image_tokens": whole(dig(into, "image_tokens")),
                "usage.output_image_tokens": whole(dig(out, "image_tokens")),
                "usage.input_video_tokens": whole(dig(into, "video_tokens")),
                "usage.accepted_prediction_tokens": whole(dig(out, "accepted_prediction_tokens")),
                "usage.rejected_prediction_tokens": whole(dig(out, "rejected_prediction_tokens")),
            }
        )
        total(expected, whole(usage.get("total_tokens")))
        _add_missing_reasoning(expected)
        _cost(expected, usage)
        _timing(expected, usage)
    _own_timing(expected, answer)


def _add_missing_reasoning(expected: Expected) -> None:
    """xAI counts reasoning outside the completion: its total shows it."""
    names = ("input_tokens", "output_tokens", "total_tokens", "reasoning_tokens")
    into, out, all_, thought = (expected.get(f"usage.{name}") for name in names)
    if None not in (into, out, all_, thought) and thought and into + out + thought == all_:
        expected.say("usage.output_tokens", out + thought, witness=out)


def _cost(expected: Expected, usage: dict[str, Any]) -> None:
    cost = usage.get("cost")
    amount = cost.get("total_cost") if isinstance(cost, dict) else first(cost, usage.get("estimated_cost"))
    ticks = usage.get("cost_in_usd_ticks")
    if isinstance(amount, int | float):
        expected.say("cost.total", Decimal(str(amount)), witness=amount)
    elif isinstance(ticks, int):
        expected.say("cost.total", Decimal(ticks) / 10**10, witness=ticks)
    upstream = dig(usage, "cost_details", "upstream_inference_cost")
    if isinstance(upstream, int | float):
        expected.say("cost.upstream_inference", Decimal(str(upstream)), witness=upstream)
    expected.say("routing.is_byok", usage.get("is_byok"))
    expected.say("usage.num_search_results", whole(usage.get("num_sources_used")), required=False)
    expected.say("usage.web_search_requests", whole(usage.get("num_search_queries")), required=False)


def _timing(expected: Expected, usage: dict[str, Any]) -> None:
    names = {
        "queue_time": "queue_s",
        "prompt_time": "prompt_s",
        "completion_time": "completion_s",
        "total_time": "provider_total_s",
    }
    expected.say_all({f"timing.{to}": usage.get(name) for name, to in names.items()})
    expected.say("timing.provider_total_s", usage.get("total_latency"))  # this and the next are SambaNova's
    expected.say("timing.tokens_per_second", usage.get("completion_tokens_per_sec"))


def _own_timing(expected: Expected, answer: dict[str, Any]) -> None:
    """Cerebras (seconds) and llama.cpp (milliseconds)."""
    told = answer.get("time_info") or {}
    names = {
        "queue_time": "queue_s",
        "prompt_time": "prompt_s",
        "completion_time": "completion_s",
        "total_time": "provider_total_s",
    }
    for name, to in names.items():
        expected.say(f"timing.{to}", told.get(name))
    local = answer.get("timings") or {}
    for name, to in {"prompt_ms": "prompt_s", "predicted_ms": "completion_s"}.items():
        if isinstance(value := local.get(name), int | float):
            expected.say(f"timing.{to}", value / 1000, witness=value)
    expected.say("timing.tokens_per_second", local.get("predicted_per_second"))
