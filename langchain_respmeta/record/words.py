"""Which texts of an answer may leave unasked: words of known vocabularies, ids, numbers, times and addresses.

It is a positive list. What is not on it is somebody's words until a table says otherwise, in any script.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, get_args

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record import vocabulary
from langchain_respmeta.record.enumerated import ENUMERATED
from langchain_respmeta.record.secrets import is_secret_name, text_without_secrets
from langchain_respmeta.record.word_sources import SOURCES

LONGEST_FACT: Final = 256
"""Characters of a word or an id."""

_LONGEST_URL: Final = 2048


@cache
def known_words() -> frozenset[str]:
    """`ENUMERATED`, the record's own closed words, and the words and names that the providers' tables know."""
    closed = [
        word for alias in vars(vocabulary).values() for word in get_args(alias) if isinstance(word, str)
    ]
    with loading:
        told = [word for source in SOURCES for word in source()]
    return ENUMERATED | {word.lower() for word in (*closed, *told)}


# --- shapes ----------------------------------------------------------------------------------------------------------

_NUMBER: Final = re.compile(r"[+-]?\$?\d{1,30}(?:[.,]\d{1,30})*(?:[eE][+-]?\d{1,4})?(?:%|ns|us|ms|s|m|h|d)?")
_SPAN: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+|\d{1,5}[:/x]\d{1,5}")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?|"
    r"\d\d:\d\d:\d\d(?:\.\d{1,12})?|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d"
    r" (?:GMT|UTC|[+-]\d{4})"
)
_HEX: Final = re.compile(r"(?=.*\d)[0-9a-fA-F]{8,128}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PREFIXED: Final = re.compile(
    r"(?:chatcmpl|cmpl|gen|resp|msg|req|run|call|toolu|srvtoolu|fp|rs|fc|ws|ig|ci|fs|mcp|mcpl|file|vs|cntr|container|"
    r"batch|thread|asst|step|proj|org|trace|ctc|cu|lsh|msgu|tlk|gpr|audio|prompt|ft)[-_](?=[A-Za-z0-9_\-]*\d)"
    r"[A-Za-z0-9_\-]{6,200}"
)
_VERSION: Final = re.compile(r"v?\d{1,6}(?:\.\d{1,6})*(?:[-+_.][a-z]{1,8}\d{0,8})?|v\d{1,4}[a-z]{0,8}")
_MEDIA_TYPE: Final = re.compile(
    r"(?:application|audio|image|text|video|font)/[a-zA-Z0-9.+\-]{1,80}(?:; ?charset=[\w-]{1,20})?"
)
_PLACEHOLDER: Final = re.compile(
    r"<(?:text of \d+ characters|\d+ bytes|\d+ more|(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)>|\[secret removed\]"
)
_FACTS: Final = (_NUMBER, _SPAN, _TIME, _HEX, _PREFIXED, _VERSION, _MEDIA_TYPE, _PLACEHOLDER)
_URL: Final = re.compile(r"(?:https?|gs|s3|wss?)://[!-~]+")

TOKEN: Final = re.compile(r"(?!.*@[A-Za-z])[!#-&(-;=?-Z\\^_a-z|~]{1,256}")
"""What an id, or a model's name, is made of: printable, no blank, no quotes or brackets, not a mail address."""

MACHINE_WORD: Final = re.compile(r"_*[A-Za-z][A-Za-z0-9]*(?:[_.:/-][A-Za-z0-9]+)*")
_COMPOUND: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
TOOL: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_.:/$-]{0,127}")
KEY: Final = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.:$\-]{0,79}|\d{1,9}")
LONGEST_WORD: Final = 64

_ID_KEYS: Final = frozenset({"id", "uuid", "arn", "fingerprint", "etag", "cf-ray", "request-id", "requestid"})
_ID_ENDS: Final = ("_id", "-id", "Id", "_ids", "Ids", "_fingerprint", "Arn", "-requestid", "-reqid")
_MODEL_ENDS: Final = ("model", "model_name", "model_id", "modelId", "model_version", "modelVersion", "models")
_PERSONS: Final = ("user", "customer", "email", "name", "patient", "session")
"""Ids of people are often their names or addresses."""

_ENUM_KEYS: Final = frozenset(
    {"type", "object", "status", "role", "action", "category", "code", "mode", "tier", "service_tier", "reason",
     "finish_reason", "stop_reason", "severity", "probability", "level", "modality", "event", "source", "format",
     "effort", "cache_type", "verbosity", "trafficType", "traffic_type", "phase", "outcome"}
)  # fmt: skip
"""Keys over enumerations: a word of several parts is one of the provider's, also where no table knows it."""


def _is_model_key(key: str) -> bool:
    return key.endswith(_MODEL_ENDS)


def _is_id_key(key: str) -> bool:
    return (key in _ID_KEYS or key.endswith(_ID_ENDS)) and not any(word in key.lower() for word in _PERSONS)


@lru_cache(maxsize=8192)
def _is_fact(text: str, key: str) -> bool:
    if text.lower() in known_words() or any(shape.fullmatch(text) for shape in _FACTS):
        return True
    if _is_model_key(key):
        return TOKEN.fullmatch(text) is not None
    if _is_id_key(key):
        return TOKEN.fullmatch(text) is not None and any(map(str.isdigit, text))
    return key in _ENUM_KEYS and len(text) <= LONGEST_WORD and _COMPOUND.fullmatch(text) is not None


def length_of(text: str) -> str:
    """What stands in place of a text."""
    return f"<text of {len(text)} characters>"


def fact(text: str, key: str = "") -> str:
    """`text` where it may leave, an address without its secrets, else its length.

    Args:
        text: A text of the answer.
        key: The name that it stands under: `id` and `model` may hold any token, other names only what is known.
    """
    if not text or (len(text) <= LONGEST_FACT and not is_secret_name(key) and _is_fact(text, key)):
        return text
    return url(text)


def url(text: str) -> str:
    """An address without secrets; anything else is a text."""
    if len(text) <= _LONGEST_URL and _URL.fullmatch(text):
        return text_without_secrets(text)
    return length_of(text)
