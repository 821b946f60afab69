"""What of an answer differs from call to call, and is a hole of its shape: numbers, ids and texts, and whole values.

All other texts, flags and None are words of the provider's: a compiled reader is made for each combination of them.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from langchain_respmeta._reading.headers import CACHE_KEYS, CACHES
from langchain_respmeta._reading.repetitions import one_id
from langchain_respmeta.providers.endpoints import kind_of_id
from langchain_respmeta.record.content import vendor
from langchain_respmeta.record.words import TOKEN

Kind: TypeAlias = Literal["number", "id", "text", "value"]
"""`number` is int or float; `id` is a short text in ASCII that readers look at (`id_kind`); `text` is one that they only
copy; `value` is of any shape and is handed to one function."""

_ID_NAMES: Final = frozenset({"id", "uuid", "cf-ray"})
_ID_ENDS: Final = ("_id", "Id", "-id", "requestid", "RequestId")
_OF_MODELS: Final = "model"
_TEXT_NAMES: Final = frozenset(
    {
        "text", "thinking", "reasoning", "reasoning_content", "refusal", "signature", "thought_signature", "thoughtSignature",
        "encrypted_content", "encrypted_reasoning", "data", "date", "content-length", "message", "content", "summary", "input_text",
        "created_at", "explanation", "age", "expires", "etag", "set-cookie", "server-timing", "x-envoy-upstream-service-time",
        "openai-processing-ms",
    }
)  # fmt: skip
_VALUE_NAMES: Final = frozenset(
    {
        "args", "arguments", "input", "partial_json", "logprobs", "logprobs_result", "parsed",
        "__gemini_function_call_thought_signatures__",
    }
)  # fmt: skip
"""Where tools' arguments, and other things of any shape, are."""


_SAID: Final = frozenset(
    {
        "title", "url", "query", "queries", "code", "stdout", "stderr", "cited_text", "page_age", "snippet", "diff", "tool_plan",
        "description", "format", "encrypted_index", "uri", "document_title", "$schema",
    }
)  # fmt: skip
"""Words of the provider's in some answers, a model's or a source's in others: there nobody but who copies them looks."""

HEADERS: Final = frozenset({"headers", "HTTPHeaders"})
"""Below these, whatever is no id is a text: readers copy headers, or hand them to one function."""

_OF_CACHES: Final = frozenset({*CACHES, *CACHE_KEYS})
"""Headers with words in them, that are looked at."""

LONGEST_WORD: Final = 64


_MODEL: Final = re.compile(r"@?[A-Za-z0-9_.:/-]{1,128}(@[A-Za-z0-9_.-]{1,32})?")
"""Names of models; Cloudflare's begin with the sign, Vertex AI's end with a version after it."""


def is_word(text: str, name: str = "") -> bool:
    """Whether a text may be one of the provider's words: readers keep them, and they shall keep nothing of anybody's."""
    if _OF_MODELS in name and _MODEL.fullmatch(text):
        return True
    return (
        len(text) <= LONGEST_WORD
        and "://" not in text
        and (TOKEN.fullmatch(text) is not None or vendor(text) == text)
    )


def kind_of_text(name: str, text: str, *, is_header: bool = False) -> Kind | None:
    """What hole a text is under the name of a key; None where it is a word, or nothing that a shape may have."""
    if not text:
        return None
    if name in _VALUE_NAMES:
        return "value"
    if name in _TEXT_NAMES or (name in _SAID and not is_word(text)):
        return "text"
    is_id = (name in _ID_NAMES or name.endswith(_ID_ENDS)) and _OF_MODELS not in name
    if is_id and kind_of_id(text) is not None:
        return "id"
    return "text" if is_header and name not in _OF_CACHES else None


def is_value(name: str) -> bool:
    """Whether all that stands under the name of a key is one hole."""
    return name in _VALUE_NAMES


def id_kind(text: str, *, is_chunk: bool) -> tuple[str | None, int] | None:
    """All that readers ask of an id: how it begins, and whose signature it is; None for one that they would change."""
    kind = kind_of_id(text)
    return None if is_chunk and (kind is None or one_id(text) != text) else kind
