"""Amazon Bedrock's InvokeModel: each model vendor's own body, as boto3 and the wire give it.

boto3's answer holds the body as a stream, which whoever made the call reads: pass `{**response, "body": body}` with the body
that was read (bytes, text or its JSON), or the body alone; then the counts of the headers are unknown.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw import converse, invoke_stream, messages
from langchain_respmeta.providers.raw.chat_completions import CHAT_COMPLETIONS
from langchain_respmeta.providers.raw.dialect import Body, Dialect, others
from langchain_respmeta.providers.raw.invoke_texts import has_text, is_text_model, text_answers

_PROVIDER: Final = "bedrock"
_AROUND: Final = frozenset({"ResponseMetadata", "contentType"})
"""Keys of boto3's answer, of which one stands beside the body."""
_OF_BOTO: Final = frozenset({"body", "contentType"})
_UNREAD_BODY: Final = (
    'the body is a stream that nobody read: pass {**response, "body": response["body"].read()} in its place'
)


def is_body(body: Body) -> bool:
    """Whether it is boto3's answer, a body to which Bedrock added its own keys, or one of a text model."""
    if "body" in body:
        return not _AROUND.isdisjoint(body)
    if any(isinstance(key, str) and key.startswith(invoke_stream.ADDED) for key in body):
        return True
    return is_text_model(body) or (converse.is_output(body) and not converse.is_body(body))


def answers(body: Body) -> list[Answer]:
    """The answers of the vendor's body, each with what Bedrock says beside it."""
    inner = _json(body["body"]) if "body" in body else body
    if not isinstance(inner, Mapping):
        return [Answer(metadata={}, content=None, is_message=False, is_unread=True, faults=[_UNREAD_BODY])]
    beside = others(body, _OF_BOTO) if "body" in body else {}
    found = _of_vendor(inner)
    for answer in found:
        answer.metadata = {**answer.metadata, **beside, "model_provider": _PROVIDER}
    return found


def _of_vendor(inner: Mapping[str, Any]) -> list[Answer]:
    if messages.is_body(inner):
        return messages.answers(inner)
    if converse.is_output(inner):
        return [converse.answer(inner, _PROVIDER)]
    if has_text(inner):
        return text_answers(inner)
    if CHAT_COMPLETIONS.is_body(inner):
        return CHAT_COMPLETIONS.answers(_with_finish(inner))
    told = "expected the body of a model that answers in text or messages"
    return [
        Answer(
            metadata=others(inner, ()),
            content=None,
            is_message=False,
            is_unread="error" not in inner,
            faults=[told],
        )
    ]


def _with_finish(inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mistral's choices have their finish word as `stop_reason`; others tell there which text matched."""
    choices = inner.get("choices")
    if not isinstance(choices, list):
        return inner
    return type_of(inner)({**inner, "choices": [_choice(choice) for choice in choices]})


def type_of(inner: Mapping[str, Any]) -> type[dict[str, Any]]:
    """A stream's body stays one."""
    return type(inner) if isinstance(inner, dict) else dict


def _choice(choice: object) -> object:
    if not isinstance(choice, Mapping) or "stop_reason" not in choice:
        return choice
    word = choice["stop_reason"]
    name = "matched_stop" if choice.get("finish_reason") else "finish_reason"
    return {
        **others(choice, ("stop_reason", "finish_reason")),
        "finish_reason": choice.get("finish_reason"),
        name: word,
    }


def _json(body: Any) -> Any:
    """The body as JSON. A stream is read only if it can be put back."""
    if not isinstance(body, bytes | bytearray | str | Mapping):
        body = _peeked(body)
    if isinstance(body, bytes | bytearray | str):
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None
    return body


def _peeked(stream: Any) -> Any:
    """What a stream holds that can be set back to where it was; None of others."""
    try:
        if not stream.seekable():
            return None
        place = stream.tell()
        try:
            return stream.read()
        finally:
            stream.seek(place)
    except Exception:  # noqa: BLE001 - a foreign stream may raise anything: then it cannot be had
        return None


INVOKE_MODEL: Final = Dialect(
    "invoke_model", _PROVIDER, is_body, answers, invoke_stream.is_event, invoke_stream.join
)
