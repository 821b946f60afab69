"""Cohere's Chat, version 2, and the older Generate."""

from __future__ import annotations

from typing import Any

from tests.conformance._facts import Expected, Fact, dig, text, whole
from tests.conformance.expect._shared import conclude, finish, logprobs, reasoning, tool_call, total


def expect(payload: Any) -> list[Expected]:
    """What the answer says."""
    answer = _assemble(payload) if isinstance(payload, list) else payload
    if not isinstance(answer, dict):
        return []
    expected = Expected()
    expected.say("api", "chat")
    expected.say("response_id", text(answer.get("id")))
    message = answer.get("message") or {}
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        tool_call(expected, call.get("id"), function.get("name"), function.get("arguments") or "")
    finish(expected, text(answer.get("finish_reason")))
    content = message.get("content") or []
    reasoning(expected, "".join(block.get("thinking") or "" for block in content if isinstance(block, dict)))
    for citation in message.get("citations") or []:
        _citation(expected, citation, _written(content))
    chances = [value for token in answer.get("logprobs") or [] for value in token.get("logprobs") or []]
    logprobs(expected, chances)
    usage = answer.get("usage") or {}
    if isinstance(payload, list):  # of a stream the integration hands over the billed units only
        usage = {"billed_units": usage.get("billed_units")}
    _usage(expected, usage)
    conclude(expected)
    return [expected]


def expect_raw(payload: Any) -> list[Expected]:
    """The same of what came over the wire, also of version 1: there a stream tells its tokens, and what was cached."""
    is_stream = isinstance(payload, list)
    last = payload[-1] if is_stream and payload else payload
    if not isinstance(last, dict):
        return []
    if "text" in last or "event_type" in last:
        return [_version_1({**last, **(last.get("response") or {})})]
    (expected,) = expect(payload)
    if is_stream:
        _usage(expected, _assemble(payload).get("usage") or {})
    return [expected]


def _version_1(answer: dict[str, Any]) -> Expected:
    expected = Expected()
    expected.say("api", "chat")
    expected.say("response_id", text(answer.get("response_id")))
    for call in answer.get("tool_calls") or []:
        tool_call(expected, None, call.get("name"), call.get("parameters") or {})
    finish(expected, text(answer.get("finish_reason")))
    documents = {one.get("id"): one for one in answer.get("documents") or []}
    for citation in answer.get("citations") or []:
        ids = citation.get("document_ids") or []
        for one in ids or [None]:  # one for each source, as the record has them
            source = {"id": one, "document": documents.get(one) or {}}
            _citation(expected, {**citation, "sources": [source]}, str(answer.get("text") or ""))
    usage, old = answer.get("meta") or {}, answer.get("token_count") or {}
    told = {"input_tokens": old.get("prompt_tokens"), "output_tokens": old.get("response_tokens")}
    _usage(expected, {"tokens": told if old else {}, **usage})
    conclude(expected)
    return expected


def expect_generate(payload: Any) -> list[Expected]:
    """The completion endpoint, which tells little."""
    answer = payload[-1] if isinstance(payload, list) and payload else payload
    answer = answer.get("response", answer) if isinstance(answer, dict) else {}
    expected = Expected()
    expected.say("api", "generate")
    expected.say("response_id", text(answer.get("id")))
    finish(expected, text(dig(answer, "generations", 0, "finish_reason")))
    billed = dig(answer, "meta", "billed_units") or {}
    expected.say("usage.input_tokens", whole(billed.get("input_tokens")))
    expected.say("usage.output_tokens", whole(billed.get("output_tokens")))
    conclude(expected)
    return [expected]


def _assemble(events: list[Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    calls: dict[int, dict[str, Any]] = {}
    citations: list[Any] = []
    for event in events:
        kind, delta = event.get("type"), event.get("delta") or {}
        told = delta.get("message") or {}
        if kind == "message-start":
            answer["id"] = event.get("id")
        elif kind in ("content-start", "content-delta"):
            _add_text(blocks.setdefault(event.get("index") or 0, {}), told.get("content") or {})
        elif kind in ("tool-call-start", "tool-call-delta"):
            _add_call(
                calls.setdefault(event.get("index") or 0, {"function": {"arguments": ""}}),
                told.get("tool_calls"),
            )
        elif kind == "citation-start":
            citations.append(told.get("citations"))
        elif kind == "message-end":
            answer.update(delta)
    message = {
        "content": [blocks[index] for index in sorted(blocks)],
        "tool_calls": [calls[index] for index in sorted(calls)],
        "citations": [citation for citation in citations if isinstance(citation, dict)],
    }
    return {**answer, "message": message}


def _add_text(block: dict[str, Any], piece: dict[str, Any]) -> None:
    for key, value in piece.items():
        block[key] = block.get(key, "") + value if key in ("text", "thinking") else value


def _add_call(call: dict[str, Any], piece: Any) -> None:
    if not isinstance(piece, dict):
        return
    if piece.get("id"):
        call["id"] = piece["id"]
    function = piece.get("function") or {}
    if function.get("name"):
        call["function"]["name"] = function["name"]
    call["function"]["arguments"] += function.get("arguments") or ""


def _written(content: list[Any]) -> str:
    return "".join(str(block.get("text") or "") for block in content if isinstance(block, dict))


def _citation(expected: Expected, citation: dict[str, Any], written: str) -> None:
    words = text(citation.get("text"))
    stands = written.find(words) if words else -1  # where the words are, if not where the offsets say
    found = () if stands < 0 else (stands,)
    sources = [source for source in citation.get("sources") or [] if isinstance(source, dict)]
    ids = [text(source.get("id")) for source in sources]
    quotes = [value for source in sources for value in (source.get("document") or {}).values()]
    expected.add(
        "citations",
        {
            "text": Fact(words, witness=ids[0] if ids else words),
            "url": Fact(*_told(sources, "url"), required=False),
            "title": Fact(*_told(sources, "title"), required=False),
            "file_id": Fact(ids[0] if ids else None, also=(*ids, None), required=False),
            "quote": Fact(quotes[0] if quotes else None, also=(*quotes, None), required=False),
            "start_index": Fact(whole(citation.get("start")), also=found, witness=words),
            "end_index": Fact(
                whole(citation.get("end")), also=tuple(s + len(words or "") for s in found), witness=words
            ),
        },
    )


def _told(sources: list[dict[str, Any]], name: str) -> tuple[str | None, tuple[str | None, ...]]:
    """The first source's word, and all that are as right."""
    words = [text((source.get("document") or {}).get(name)) for source in sources]
    return (words[0] if words else None), (*words, None)


def _usage(expected: Expected, usage: dict[str, Any]) -> None:
    tokens = usage.get("tokens") or usage.get("billed_units") or {}
    expected.say_all(
        {
            "usage.input_tokens": whole(tokens.get("input_tokens")),
            "usage.output_tokens": whole(tokens.get("output_tokens")),
            "usage.cache_read_tokens": whole(usage.get("cached_tokens")),
            "usage.input_image_tokens": whole(tokens.get("image_tokens")),
            "usage.reasoning_tokens": whole(tokens.get("reasoning_tokens")),
        }
    )
    total(expected, None)
