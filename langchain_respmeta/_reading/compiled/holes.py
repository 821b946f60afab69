"""What of an answer differs from call to call, and is a hole of its shape: numbers, ids and texts, and whole values.

All other texts, flags and None are words of the provider's: a compiled reader is made for each combination of them.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from langchain_respmeta._reading.repetitions import one_id
from langchain_respmeta.providers.endpoints import signature_of_id

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
        "created_at", "explanation",
    }
)  # fmt: skip
_VALUE_NAMES: Final = frozenset(
    {"args", "arguments", "input", "partial_json", "logprobs", "logprobs_result", "parsed"}
)
"""Where tools' arguments, and other things of any shape, are."""

LONGEST_ID: Final = 256
_PLAIN_ID: Final = re.compile(r"[!-~]{1,256}")
_HEAD: Final = re.compile(r"[a-z]{2,12}[-_]")


def kind_of_text(name: str, text: str) -> Kind | None:
    """What hole a text is under the name of a key; None where it is a word."""
    if not text:
        return None
    if name in _VALUE_NAMES:
        return "value"
    if name in _TEXT_NAMES:
        return "text"
    is_id = (name in _ID_NAMES or name.endswith(_ID_ENDS)) and _OF_MODELS not in name
    return "id" if is_id and _PLAIN_ID.fullmatch(text) else None


def is_value(name: str) -> bool:
    """Whether all that stands under the name of a key is one hole."""
    return name in _VALUE_NAMES


IdKind: TypeAlias = "tuple[str, int] | None"


def id_kind(text: str, *, is_chunk: bool) -> IdKind:
    """All that readers ask of an id: how it begins, and whose signature it is; None for one that they would change."""
    if not _PLAIN_ID.fullmatch(text) or (is_chunk and one_id(text) != text):
        return None
    head = _HEAD.match(text)
    return head[0] if head is not None else "", signature_of_id(text)
