"""The events of InvokeModelWithResponseStream, as one answer of InvokeModel.

Each event wraps one of the vendor's own; the last one of these has Bedrock's measurements in it.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.raw import converse_stream, messages_stream
from langchain_respmeta.providers.raw.chat_completions import CHAT_COMPLETIONS
from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, others
from langchain_respmeta.providers.raw.invoke_texts import LISTS, TEXTS, pieces, text_of, word_of

ADDED: Final = "amazon-bedrock-"
"""How the names of the keys begin that Bedrock adds to the vendors' bodies and events."""

_JOINED_BY: Final = (
    (messages_stream.is_event, messages_stream.join),
    (converse_stream.is_event, converse_stream.join),
    (CHAT_COMPLETIONS.is_event, CHAT_COMPLETIONS.join),
)
_ONLY_HERE: Final = ("generation", "outputText", "completion", "outputs")


def is_event(event: Body) -> bool:
    """Whether it is a chunk of InvokeModel, boto3's dict beside them, or an event of a text model."""
    if "ResponseMetadata" in event:
        return "body" in event
    if "bytes" in mapping(event.get("chunk")) or event.keys() <= {"bytes", "p"}:
        return "chunk" in event or "bytes" in event
    if event.get("type") == "completion" and "model" in event:
        return False  # Anthropic's own
    return any(isinstance(event.get(name), str | list) for name in _ONLY_HERE)


def join(events: Sequence[Body]) -> Joined:
    """The vendor's events as its body, beside it what Bedrock tells."""
    beside: dict[str, Any] = {"contentType": "application/json"}
    inner: list[Mapping[str, Any]] = []
    for event in events:
        if "ResponseMetadata" in event:
            beside["ResponseMetadata"] = event["ResponseMetadata"]
        elif (fault := _fault(event)) is not None:
            beside["error"] = fault
        elif (opened := _opened(event)) is not None:
            beside.update({name: value for name, value in opened.items() if _is_added(name)})
            inner.append({name: value for name, value in opened.items() if not _is_added(name)})
    joined = _of_vendor(inner)
    stopped = "error" in beside or beside.get(f"{ADDED}guardrailAction") == "INTERVENED"
    return Joined({**beside, "body": joined.body}, is_whole=stopped or joined.is_whole)


def _is_added(name: object) -> bool:
    return isinstance(name, str) and name.startswith(ADDED)


def _fault(event: Body) -> dict[str, Any] | None:
    """An exception in place of a chunk, with its name."""
    for name, told in event.items():
        if isinstance(name, str) and name.endswith("Exception") and isinstance(told, Mapping):
            return {"type": name, **told}
    return None


def _opened(event: Body) -> Mapping[str, Any] | None:
    """The vendor's event inside a chunk: bytes of boto3's, base64 on the wire; a bare one itself."""
    wrapped = event["chunk"] if isinstance(event.get("chunk"), Mapping) else event
    held = wrapped.get("bytes")
    if held is None:
        return event
    if not isinstance(held, str | bytes | bytearray):
        return None
    try:
        found = json.loads(b64decode(held) if isinstance(held, str) else held)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def _of_vendor(events: Sequence[Body]) -> Joined:
    for is_own, put_together in _JOINED_BY:
        if any(map(is_own, events[:3])):
            return put_together(events)
    return _of_texts(events)


def _of_texts(events: Sequence[Body]) -> Joined:
    """A text model's pieces: the texts joined, of all else the last."""
    texts: list[str] = []
    told: dict[str, Any] = {}
    word = None
    for event in events:
        last = mapping(event.get("response"))  # Command R's last event has the whole answer once more
        for piece in pieces(event)[:1]:
            word = word_of(piece) or word_of(last) or word
            told.update(others({**piece, **last}, (*TEXTS, *LISTS)))
            texts.append(text_of(piece) or "")
    body = {**others(told, ("finishReason", "completionReason", "finish_reason", "stop_reason", "data"))}
    key = "completion" if any("completion" in event for event in events[:1]) else "text"
    return Joined({**body, key: "".join(texts), "stop_reason": word}, is_whole=word is not None)
