"""OpenAI's Responses API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from tests.conformance._facts import Expected, Fact, dig, first, text, whole
from tests.conformance.expect._shared import conclude, epoch, finish, logprobs, reasoning, tool_call, total

SERVER_TOOLS: Final = {
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
    "mcp_call",
    "tool_search_call",
}
CLIENT_TOOLS: Final = {"computer_call", "local_shell_call", "shell_call", "apply_patch_call"}
READ: Final = ("cached_tokens", "cache_read_input_tokens")
WRITTEN: Final = ("cache_write_tokens", "cache_creation_input_tokens")
ENDS: Final = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def expect(payload: Any) -> list[Expected]:
    """What the response object says."""
    response = _assemble(payload) if isinstance(payload, list) else payload
    if not isinstance(response, dict):
        return []
    expected = Expected()
    expected.say("api", "responses")
    expected.say("response_id", text(response.get("id")))
    expected.say("model", text(response.get("model")))
    expected.say("created_at", epoch(response.get("created_at")), witness=response.get("created_at"))
    expected.say("service_tier", text(response.get("service_tier")))
    _output(expected, [item for item in response.get("output") or [] if isinstance(item, dict)])
    _finish(expected, response)
    _usage(expected, response.get("usage"))
    _searches(expected, response)
    if isinstance(error := response.get("error"), dict) and response.get("status") == "failed":
        expected.say("error.code", text(error.get("code")))
    conclude(expected)
    return [expected]


def _assemble(events: list[Any]) -> dict[str, Any] | None:
    """The response of the last event that carries one; its output from the items where it came without."""
    ended = [
        event["response"]
        for event in events
        if event.get("type") in ENDS and isinstance(event.get("response"), dict)
    ]
    begun = [event["response"] for event in events if isinstance(event.get("response"), dict)]
    if not begun:
        return None
    response = dict((ended or begun)[-1])
    if not ended:
        response["status"] = None
    items = [event["item"] for event in events if event.get("type") == "response.output_item.done"]
    if not response.get("output"):
        response["output"] = items
    for item in response["output"]:
        item["_sent"] = _pieces(
            events, item.get("id")
        )  # recordings were cleaned of paths, but not in their pieces
    return response


def _pieces(events: list[Any], identity: Any) -> str:
    kind = "response.function_call_arguments.delta"
    return "".join(
        one["delta"] for one in events if one.get("type") == kind and one.get("item_id") == identity
    )


def _finish(expected: Expected, response: dict[str, Any]) -> None:
    native = first(text(dig(response, "incomplete_details", "reason")), text(response.get("status")))
    finish(expected, native)
    if native == "completed" and any(not item["server_side"].value for item in expected.items["tool_calls"]):
        expected.say("finish_reason", "tool_calls", witness="completed")


def _output(expected: Expected, items: list[dict[str, Any]]) -> None:
    offset = 0
    thoughts: list[str] = []
    thought = False
    chances: list[Any] = []
    sources: list[dict[str, Any]] = []
    for item in items:
        kind = item.get("type")
        if kind == "message":
            offset, found = _message(expected, item, offset)
            chances += found
        elif kind in ("function_call", "custom_tool_call"):
            sent = item.get("arguments") if kind == "function_call" else json_input(item)
            tool_call(expected, item.get("call_id"), item.get("name"), item.get("_sent") or sent or "")
        elif kind == "reasoning":
            thought = True
            thoughts += [
                part.get("text") or "" for part in (item.get("summary") or []) + (item.get("content") or [])
            ]
        elif kind in SERVER_TOOLS | CLIENT_TOOLS:
            _own_tool(expected, item)
        elif kind == "search_results":  # Perplexity
            sources += [result for result in item.get("results") or [] if isinstance(result, dict)]
    _search_results(expected, sources)
    if thought:
        expected.say("reasoning.present", value=True, witness="reasoning")
        expected.leave("reasoning.redacted")
    reasoning(expected, "".join(thoughts))
    logprobs(expected, chances)


def _search_results(expected: Expected, sources: list[dict[str, Any]]) -> None:
    """Sources beside the answer, where no span of it names them."""
    named = {item["url"].value for item in expected.items["citations"] if "url" in item}
    for source in sources:
        if source.get("url") not in named:
            expected.add("citations", {"url": text(source.get("url")), "title": text(source.get("title"))})


def json_input(item: dict[str, Any]) -> Any:
    """A custom tool's free text, as LangChain wraps it."""
    return {"__arg1": item.get("input")}


def _own_tool(expected: Expected, item: dict[str, Any]) -> None:
    kind = item["type"]
    name = first(text(item.get("name")), kind.removesuffix("_call"))
    identity = first(text(item.get("id")), text(item.get("call_id")))
    expected.add(
        "tool_calls",
        {
            "id": Fact(identity, also=(item.get("call_id"),)),
            "name": Fact(name, also=(kind, kind.removesuffix("_call")), witness=kind),
            # a search for tools that the request wanted to run itself
            "server_side": Fact(kind in SERVER_TOOLS and item.get("execution") != "client", witness=kind),
        },
    )
    if kind == "image_generation_call" and item.get("result"):
        expected.add("media", {"kind": Fact("image", required=False), "id": text(item.get("id"))})


def _message(expected: Expected, item: dict[str, Any], offset: int) -> tuple[int, list[Any]]:
    chances: list[Any] = []
    for part in item.get("content") or []:
        if part.get("type") == "refusal":
            expected.say("refusal.source", "message", witness=part.get("refusal"))
            expected.say("refusal.reason", text(part.get("refusal")))
        if part.get("type") != "output_text":
            continue
        for note in part.get("annotations") or []:
            _annotation(expected, note, offset)
        chances += [token.get("logprob") for token in part.get("logprobs") or []]
        offset += len(part.get("text") or "")
    return offset, chances


def _annotation(expected: Expected, note: dict[str, Any], offset: int) -> None:
    source = note.get("url") or note.get("file_id") or note.get("filename")
    start, end = whole(note.get("start_index")), whole(note.get("end_index"))
    span = (start + offset, end + offset) if start is not None and end is not None else (None, None)
    kinds = {"url_citation": "url", "file_path": "file_path"}
    expected.add(
        "citations",
        {
            "type": Fact(kinds.get(note.get("type", ""), "file"), witness=source),
            "url": text(note.get("url")),
            "title": text(note.get("title")),
            "file_id": text(note.get("file_id")),
            "filename": text(note.get("filename")),
            "start_index": Fact(span[0], witness=start),
            "end_index": Fact(span[1], witness=end),
        },
    )


def _searches(expected: Expected, response: dict[str, Any]) -> None:
    """OpenAI bills what was looked for, and not the pages that were opened."""
    items = [item for item in response.get("output") or [] if isinstance(item, dict)]
    did = [dig(item, "action", "type") for item in items if item.get("type") == "web_search_call"]
    if did and None not in did:
        expected.say("usage.web_search_requests", did.count("search"), required=False)


def _usage(expected: Expected, usage: Any) -> None:
    if not isinstance(usage, dict):
        return
    into, out = usage.get("input_tokens_details"), usage.get("output_tokens_details")
    expected.say_all(
        {
            "usage.input_tokens": whole(usage.get("input_tokens")),
            "usage.output_tokens": whole(usage.get("output_tokens")),
            "usage.cache_read_tokens": whole(first(*(dig(into, name) for name in READ))),
            "usage.cache_write_tokens": whole(first(*(dig(into, name) for name in WRITTEN))),
            "usage.reasoning_tokens": whole(dig(out, "reasoning_tokens")),
        }
    )
    total(expected, whole(usage.get("total_tokens")))
    cost = usage.get("cost")
    amount = cost.get("total_cost") if isinstance(cost, dict) else cost
    if isinstance(amount, int | float):
        expected.say("cost.total", Decimal(str(amount)), witness=amount)
