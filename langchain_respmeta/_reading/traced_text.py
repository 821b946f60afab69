"""What SDKs write into an exception's text, of which a tracer keeps nothing else: the body of the answer, and its status."""

from __future__ import annotations

import json
import re
from ast import literal_eval
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_MAX_TEXT: Final = 50_000
"""Characters of a text that is looked at."""

_AWS: Final = re.compile(
    r"An error occurred \((?P<code>[\w.]{1,100})\) when calling the \w+ operation(?: \([^)]*\))?: (?P<words>.*)",
    re.DOTALL,
)
"""Of botocore."""

_BODY: Final = re.compile(
    r"(?:Error code: |^|: |\) )(?P<status>[45]\d\d)(?: - | [A-Z_]{2,40}\. | )(?P<body>\{.*\})\s*$", re.DOTALL
)
"""Of the SDKs of OpenAI's kind (`Error code: 429 - {…}`), of Google's (`429 RESOURCE_EXHAUSTED. {…}`), of LangChain.js (`429 {…}`)."""

_STATUS: Final = re.compile(r"^(?:Error code: )?(?P<status>[45]\d\d)\b")


def facts_in_text(words: str) -> dict[str, Any]:
    """The attributes that the exception had, as far as its text says them for sure: `response`, or `status_code` and `body`."""
    words = words[:_MAX_TEXT]
    if found := _AWS.match(words):
        return {"response": {"Error": {"Code": found["code"], "Message": found["words"]}}}
    if found := _BODY.search(words):
        body = _read(found["body"])
        return {"status_code": int(found["status"])} | ({} if body is None else {"body": body})
    found = _STATUS.match(words)
    return {} if found is None else {"status_code": int(found["status"])}


class Thrown(NamedTuple):
    """An exception of JavaScript."""

    name: str
    words: str


_THROWN: Final = re.compile(r"(?:\A|\n\n)(?P<name>[A-Za-z_$][\w$]{0,99}): (?P<words>.*?)\n\s+at ", re.DOTALL)


def thrown_in_javascript(error: str) -> Thrown | None:
    """The exception whose stack LangChain.js wrote down, behind its message; None for Python's tracebacks."""
    error = error[:_MAX_TEXT]
    found = None if "Traceback (most recent" in error else _THROWN.search(error)
    return None if found is None else Thrown(found["name"], found["words"])


def _read(body: str) -> Mapping[str, Any] | None:
    """A body, printed by Python or as JSON."""
    for read in (literal_eval, json.loads):
        try:
            value = read(body)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict):
            return value
    return None
