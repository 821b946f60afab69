"""The fault in an error's body, or in the text of an exception, in any shape."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta._reading.answer_in_exception import is_answer, parsed
from langchain_respmeta._reading.error_codes import is_known
from langchain_respmeta.providers.engine.values import text_or_none
from langchain_respmeta.record.plain import as_mapping

_MAX_TEXT: Final = 100_000
"""Characters of an exception's text, or of a web page, that are looked at."""

_EMPTY: Final[Mapping[str, Any]] = {}


def fault_of(body: object) -> Mapping[str, Any]:
    """The part of an error's body that describes the fault, its words under `message`; empty where it is no error's.

    As a rule that is `error`. xAI, Venice, Ollama and Text Generation Inference have a text there, Google sends a list
    of one, Hugging Face has a list of texts, watsonx and Cloudflare have `errors`, Apigee `fault`, an event of the
    Responses API wraps the whole answer; a proxy's body may be a text.
    """
    read = parsed(body)
    fields = as_mapping(read)
    if fields is None or type(read) is str:
        return _of_text(body)
    inner = fields.get("error")
    if isinstance(inner, list):
        inner = _first(inner) if as_mapping(_first(inner)) else _sentence(inner, 1)
    if isinstance(inner, str) and inner:
        return {**fields, "message": fields.get("error_description") or inner}
    for place in (
        inner,
        _first(fields.get("errors")),
        fields.get("fault"),
        _error_of(fields.get("response")),
        fields.get("base_resp"),
    ):
        if (fault := as_mapping(place)) and type(place) is not str:
            return fault
    return _EMPTY if is_answer(fields) else fields


def _of_text(body: object) -> Mapping[str, Any]:
    """A body that is no JSON: a proxy's line, or the text of an error within a stream."""
    words = body.strip() if isinstance(body, str) and len(body) <= _MAX_TEXT else ""
    return {"message": words} if words and not is_page(words) and not words.startswith(("{", "[")) else _EMPTY


def _error_of(response: object) -> Any:
    return (as_mapping(response) or _EMPTY).get("error")


def _first(value: object) -> Any:
    return value[0] if isinstance(value, list) and value else None


def code_of(fault: Mapping[str, object]) -> str | None:
    """The machine-readable code of a fault: OpenAI's `code`, Anthropic's `type`, Google's `status`, AWS's `__type`."""
    words = [word for key in _CODES if (word := text_or_none(fault.get(key)))]
    return next((word for word in words if not _STATUS.fullmatch(word)), words[0] if words else None)


_CODES: Final = ("code", "type", "status", "error_type", "error_code", "__type")


_STATUS: Final = re.compile(r"[45]\d\d")
"""The status as text: used only where there is no better word (LiteLLM's proxy, Azure)."""

_MESSAGES: Final = (
    "message",
    "Message",
    "msg",
    "detail",
    "status_msg",
    "error_message",
    "faultstring",
    "title",
)
"""Keys of the words, the most informative first."""


def words_of(fault: Mapping[str, object], depth: int = 0) -> str | None:
    """The provider's words; None where there are none, and for a web page."""
    for name in _MESSAGES:
        if words := _sentence(fault.get(name), depth):
            return words
    return None


def _sentence(value: object, depth: int) -> str | None:
    if depth > _NESTED:
        return None
    if isinstance(value, str):
        inner = as_mapping(parsed(value))
        if inner is not None:  # Google's gateways put a whole body into the message
            return words_of(fault_of(inner), depth + 1) or value
        return None if is_page(value) else value.strip() or None
    if isinstance(value, list):  # FastAPI's `detail`: one for each place of the request
        found = [words for item in value[:_LISTED] if (words := _sentence(item, depth + 1))]
        return "; ".join(found) or None
    fields = as_mapping(value)
    return words_of(fields, depth + 1) if fields else None


_NESTED: Final = 4
_LISTED: Final = 10
_PAGE: Final = re.compile(r"<!doctype|<html\b|<head\b|<body\b", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Whether a text holds a web page: a proxy's, as a rule."""
    return bool(_PAGE.search(text[:_MAX_TEXT]))


def before_page(text: str) -> str:
    """The text before a web page, or all of a text without one."""
    found = _PAGE.search(text[:_MAX_TEXT])
    return text if found is None else text[: found.start()].strip(" :\n")


# --- texts of exceptions ---------------------------------------------------------------------------------------------

_DUMPED: Final = re.compile(
    r"""\A\w*Error\w*\(code=(?P<code>'[\w.-]{1,64}'|None), message=(?P<quote>['"])(?P<message>.*?)(?P=quote)(?:, \w+=|\))""",
    re.DOTALL,
)
"""`ResponseError(code='server_error', message='…', param=None)`: LangChain's OpenAI class makes such a text of it."""

_ROUTER: Final = re.compile(
    r"\AOpenRouter API returned an error[\w ]*: (?P<message>.*) \(code: (?P<code>[\w.-]{1,64})\)\Z", re.DOTALL
)
_LABELED: Final = re.compile(
    r"\A(?:\[(?P<status>\d{3})\] |(?P<code>[A-Za-z][\w.-]{2,63}): )(?P<message>.+)", re.DOTALL
)
"""`rate_limit_exceeded: slow down` of the Responses API's `error` event, `[429] Too Many Requests` of NVIDIA."""


def fault_in_words(text: str) -> Mapping[str, Any]:
    """What integrations write into an exception that holds a text only; empty where it is no such text."""
    text = text[:_MAX_TEXT]
    if found := _DUMPED.match(text):
        code = found["code"].strip("'")
        return {"code": code if code != "None" else None, "message": _unquoted(found)}
    if found := _ROUTER.match(text):
        code = found["code"]
        return {"code": int(code) if code.isdecimal() else code, "message": found["message"]}
    if found := _LABELED.match(text):
        if found["status"]:
            return {"code": int(found["status"]), "message": found["message"]}
        if is_known(found["code"]):
            return {"code": found["code"], "message": found["message"]}
    return _EMPTY


def _unquoted(found: re.Match[str]) -> str:
    """The message as it was before `repr` wrote it."""
    quote, text = found["quote"], found["message"]
    try:
        read = literal_eval(f"{quote}{text}{quote}")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return read if isinstance(read, str) else text
