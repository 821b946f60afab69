"""Cohere's Chat, of both versions, and its Generate of old, as `ChatCohere` hands their answers over.

https://docs.cohere.com/reference/chat, https://docs.cohere.com/v1/reference/chat, https://docs.cohere.com/reference/generate
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import MAX_CANDIDATES
from langchain_respmeta.providers.engine.values import finite
from langchain_respmeta.providers.raw import cohere_stream as stream
from langchain_respmeta.providers.raw.asked_calls import AskedCalls
from langchain_respmeta.providers.raw.dialect import Body, Dialect, mapping, mappings, named, others

_VENDOR: Final = "cohere"
_OF_CHAT: Final = frozenset({"message", "usage"})
_OF_MESSAGE: Final = frozenset({"role", "content", "tool_calls"})
_OF_V1: Final = frozenset(
    {"text", "tool_calls", "meta", "chat_history", "prompt", "message", "response_id", "token_count"}
)
_OF_GENERATE: Final = frozenset({"generations", "meta", "prompt"})
_OF_GENERATION: Final = frozenset({"text", "index", "token_likelihoods"})
_SIGNS_OF_V1: Final = ("generation_id", "response_id", "is_search_required", "chat_history")


def is_chat(body: Body) -> bool:
    """Whether it is an answer of version 2: a message of the assistant beside the finish reason, which is in capitals."""
    message, end = body.get("message"), body.get("finish_reason", "")
    is_choice = isinstance(end, str) and (end.islower() or not end)  # of OpenAI's dialect, alone
    return isinstance(message, Mapping) and message.get("role") == "assistant" and not is_choice


def chat_answers(body: Body) -> list[Answer]:
    """The one answer."""
    message = mapping(body.get("message"))
    asked = _asked(message.get("tool_calls"))
    return [
        Answer(
            metadata={
                "model_provider": _VENDOR,
                **others(body, _OF_CHAT),
                **others(message, _OF_MESSAGE),
                **_counted(body.get("usage")),
            },
            usage=_usage(body.get("usage")),
            content=_content(message.get("content")),
            tool_calls=asked.tool_calls,
            invalid_tool_calls=asked.invalid_tool_calls,
        )
    ]


def _content(content: object) -> Any:
    """Text, or blocks."""
    blocks = mappings(content)
    if len(blocks) == 1 and blocks[0].get("type") == "text":
        return blocks[0].get("text") or ""
    return blocks or (content if isinstance(content, str) else "")


def _asked(calls: object) -> AskedCalls:
    asked = AskedCalls()
    for call in mappings(calls):
        function = mapping(call.get("function"))
        asked.add(function.get("name"), function.get("arguments"), call.get("id") or None)
    return asked


def _counted(usage: object) -> dict[str, Any]:
    """The tokens, and what is billed: fewer, as those of Cohere's own template are left out."""
    fields = mapping(usage)
    billed, tokens = mapping(fields.get("billed_units")), mapping(fields.get("tokens"))
    counts = {**(tokens or billed), **named(cached_tokens=fields.get("cached_tokens"))}
    return {
        **({"token_count": counts} if counts else {}),
        **({"billed_units": dict(billed)} if billed else {}),
    }


def _usage(usage: object) -> dict[str, Any] | None:
    """What is input and output together, as LangChain's integration sums it."""
    tokens = mapping(mapping(usage).get("tokens"))
    given, made = finite(tokens.get("input_tokens")), finite(tokens.get("output_tokens"))
    return {"total_tokens": given + made} if given is not None and made is not None else None


# --- version 1 -------------------------------------------------------------------------------------------------------


def is_chat_v1(body: Body) -> bool:
    """Whether it is an answer of version 1: its text stands alone."""
    return isinstance(body.get("text"), str) and any(sign in body for sign in _SIGNS_OF_V1)


def chat_v1_answers(body: Body) -> list[Answer]:
    """The one answer."""
    meta = {**_of_old(body.get("token_count")), **mapping(body.get("meta"))}
    return [
        Answer(
            metadata={
                "model_provider": _VENDOR,
                **named(id=body.get("response_id") or body.get("generation_id")),
                **others(body, _OF_V1),
                **_cited(body),
                **_counted(meta),
                **_warned(meta),
            },
            usage=_usage(meta),
            content=body.get("text") or "",
            tool_calls=[
                {
                    "type": "tool_call",
                    "id": None,
                    "name": call.get("name"),
                    "args": call.get("parameters") or {},
                }
                for call in mappings(body.get("tool_calls"))
            ],
        )
    ]


def _cited(body: Body) -> dict[str, Any]:
    """The citations as those of version 2, each with its sources in place of their ids."""
    found = mappings(body.get("documents"))
    documents = {one["id"]: one for one in found if isinstance(one.get("id"), str)}
    cited = [_with_sources(one, documents) for one in mappings(body.get("citations"))]
    return {"citations": cited} if cited else {}


def _with_sources(citation: Body, documents: Mapping[str, Any]) -> dict[str, Any]:
    ids = citation.get("document_ids")
    named_ids = [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
    sources = [{"type": "document", "id": one, "document": documents.get(one)} for one in named_ids]
    return {**others(citation, ("document_ids",)), **({"sources": sources} if sources else {})}


def _of_old(count: object) -> dict[str, Any]:
    """The tokens as answers told them before `meta` did."""
    fields = mapping(count)
    tokens = named(input_tokens=fields.get("prompt_tokens"), output_tokens=fields.get("response_tokens"))
    return {"tokens": tokens} if tokens else {}


def _warned(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {"meta": told} if (told := named(warnings=meta.get("warnings") or None)) else {}


def is_generate(body: Body) -> bool:
    """Whether it lists texts that were generated."""
    pieces = mappings(body.get("generations"))
    return bool(pieces) and isinstance(pieces[0].get("text"), str) and "message" not in pieces[0]


def generate_answers(body: Body) -> list[Answer]:
    """One for each text."""
    meta = mapping(body.get("meta"))
    about = {"model_provider": _VENDOR, **others(body, _OF_GENERATE), **_counted(meta), **_warned(meta)}
    return [
        Answer(
            metadata={
                **about,
                **others(piece, _OF_GENERATION),
                **named(id=body.get("id")),
                **_chances(piece),
            },
            usage=_usage(meta),
            content=piece["text"] if isinstance(piece.get("text"), str) else "",
            is_message=False,
        )
        for piece in mappings(body.get("generations"))[:MAX_CANDIDATES]
    ]


def _chances(piece: Mapping[str, Any]) -> dict[str, Any]:
    likelihoods = [token.get("likelihood") for token in mappings(piece.get("token_likelihoods"))]
    return {"logprobs": likelihoods} if likelihoods else {}


COHERE_CHAT: Final = Dialect("chat", _VENDOR, is_chat, chat_answers, stream.is_chat_event, stream.join_chat)
COHERE_CHAT_V1: Final = Dialect(
    "chat", _VENDOR, is_chat_v1, chat_v1_answers, stream.is_v1_event, stream.join_v1
)
COHERE_GENERATE: Final = Dialect(
    "generate", _VENDOR, is_generate, generate_answers, stream.is_generate_event, stream.join_generate
)
