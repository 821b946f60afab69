"""A failed or abandoned call as a draft: status, code and waiting time from whatever the exception carries.

Most SDKs hang the HTTP response on the exception, botocore a dict, Google's its own fields; LangChain adds an
`LLMResult` whose message holds `body`, `headers` and `status_code`, and the part of the answer that had come.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from langchain_respmeta import _headers
from langchain_respmeta._abandoned import ABANDONED, BY_NAME
from langchain_respmeta._declined import fault_of, read_declined
from langchain_respmeta._json import as_mapping
from langchain_respmeta._normalize import read_answer
from langchain_respmeta.answer import Answer, RunStart, answers_of
from langchain_respmeta.providers._fields import Unreadable, read_span
from langchain_respmeta.providers._parts import plain_word
from langchain_respmeta.providers._table import Draft, Leftovers

_FAILED_FROM: Final = 400
_RETRYABLE: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


def draft_of_failure(error: BaseException, response: Any, start: RunStart) -> Draft:
    """A draft with what came before the failure, and the failure."""
    answers = _answers(response)
    draft = read_answer(_came_before(answers), start)
    if isinstance(error, ABANDONED):
        draft["cancelled"] = True
        draft["finish_reason"] = "cancelled"
        return draft
    draft["finish_reason"] = "error"
    draft["event"] = "error"
    draft["error.type"] = type(error).__name__
    if text := str(error):
        draft["error.message"] = text
    _read_status(error, answers, draft)
    return draft


def draft_of_traced_failure(error: str, live: BaseException | None, outputs: Any, start: RunStart) -> Draft:
    """The same from a traced run, whose error is text: `TypeName('words')` and a traceback.

    `live` is the exception being handled on this thread, which is the run's own when its name leads the text. In
    async code there is none: then the traceback's last line tells its class and its words.
    """
    name = error.partition("(")[0].strip().rpartition(".")[2]
    if live is not None and type(live).__name__ == name:
        return draft_of_failure(live, outputs, start)
    kind, words = _told_by_traceback(error, name)
    kind = kind or BY_NAME.get(name)
    if kind is not None and issubclass(kind, ABANDONED):
        return draft_of_failure(kind(), outputs, start)
    draft = draft_of_failure(_Traced(words or "", kind), outputs, start)
    draft["error.type"] = name if name.isidentifier() else "Exception"
    return draft


_RESPONSE: Final = frozenset({"body", "headers", "status_code", "request_id"})
"""What LangChain writes of a failed HTTP response, as it came: `_facts` picks what may be told of it."""


def _came_before(answers: list[Answer]) -> Answer:
    """The part of the answer that had come, without the failed response: cookies and the prompt may be in that."""
    if not answers:
        return Answer(metadata={}, content=None, is_message=False)
    told = answers[0].metadata
    return replace(answers[0], metadata={key: told[key] for key in told.keys() - _RESPONSE})


class _Traced(Exception):  # noqa: N818 - never raised
    """Stands for an exception of which only the text is left; its class may still say whether to try again."""

    def __init__(self, words: str, kind: type[BaseException] | None) -> None:
        super().__init__(words)
        self.is_retryable = getattr(kind, "is_retryable", None)


def _told_by_traceback(error: str, name: str) -> tuple[type[BaseException] | None, str | None]:
    """Class and words of the exception, from `module.Name: words` at the end of a traceback."""
    found = list(re.finditer(rf"^((?:\w+\.)*){re.escape(name)}(?:: |$)", error, re.MULTILINE)) if name else []
    if not found:
        return None, None
    module = sys.modules.get(found[-1][1].rstrip(".") or "builtins")
    kind = getattr(module, name, None)
    is_exception = isinstance(kind, type) and issubclass(kind, BaseException)
    return kind if is_exception else None, error[found[-1].end() :].strip() or None


def _answers(response: Any) -> list[Answer]:
    """Partial answers first; the metadata of the failed HTTP response is another outer row, read by `_facts`."""
    if response is None:
        return []
    rows = (
        response.get("generations")
        if isinstance(response, Mapping)
        else getattr(response, "generations", None)
    )
    if not isinstance(rows, list):
        return []
    answers = [answer for row in rows for answer in answers_of({"generations": [row], "llm_output": None})]
    partial = [answer for answer in answers if "status_code" not in answer.metadata or answer.content]
    return partial + [answer for answer in answers if answer not in partial]


def _read_status(error: BaseException, answers: list[Answer], draft: Draft) -> None:
    facts = _facts(error, answers)
    status = facts.get("status")
    if isinstance(status, int) and 100 <= status < 600:
        draft["error.status_code"] = status
        draft.setdefault("http.status_code", status)
    if code := _code(facts.get("body")) or plain_word(facts.get("code")) or _aws_code(facts.get("headers")):
        draft["error.code"] = code
    retryable = getattr(error, "is_retryable", None)
    if isinstance(retryable, bool):
        draft["error.retryable"] = retryable
    elif isinstance(status, int) and status >= _FAILED_FROM:  # 200 says nothing of the error in the body
        draft["error.retryable"] = status in _RETRYABLE
    leftovers = Leftovers()
    draft["_headers"] = facts.get("headers")
    _headers.settle(draft, leftovers)
    wait = draft.get("rate_limits.retry_after_s", _retry_info(facts.get("body")))
    if wait is not None:
        draft["error.retry_after_s"] = wait
    if request_id := facts.get("request_id"):
        draft.setdefault("request_id", str(request_id))
    read_declined(error, facts.get("body"), draft)


def _facts(error: BaseException, answers: list[Answer]) -> dict[str, Any]:
    """What the exception says; where an integration wrapped the SDK's in one of its own, what its cause says."""
    facts = _own_facts(error, answers)
    cause = error.__cause__
    if facts.get("status") is None and cause is not None:
        return {**facts, **{name: fact for name, fact in _own_facts(cause, []).items() if fact is not None}}
    return facts


def _own_facts(error: BaseException, answers: list[Answer]) -> dict[str, Any]:
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):
        return _botocore_facts(response)
    told = next((answer.metadata for answer in answers if "status_code" in answer.metadata), {})
    headers = told.get("headers") or getattr(response, "headers", None) or _own_headers(error)
    return {
        "status": next((s for s in _statuses(error, response, told) if isinstance(s, int)), None),
        "code": getattr(error, "status", None) if isinstance(getattr(error, "status", None), str) else None,
        "body": told.get("body") or getattr(error, "body", None) or getattr(error, "details", None),
        "headers": _lowered(headers),
        "request_id": told.get("request_id") or getattr(error, "request_id", None),
    }


def _own_headers(error: BaseException) -> Any:
    """Headers on the exception itself: OpenRouter's SDK; LiteLLM, whose `response` is made up."""
    return getattr(error, "headers", None) or getattr(error, "litellm_response_headers", None)


def _lowered(headers: Any) -> dict[str, str] | None:
    try:
        return {str(name).lower(): str(value) for name, value in dict(headers or {}).items()} or None
    except (TypeError, ValueError):
        return None


def _statuses(error: BaseException, response: Any, told: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        told.get("status_code"),
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "code", None),
        getattr(error, "http_status", None),
    )


def _botocore_facts(response: Mapping[str, Any]) -> dict[str, Any]:
    meta, fault = as_mapping(response.get("ResponseMetadata")) or {}, as_mapping(response.get("Error")) or {}
    headers = as_mapping(meta.get("HTTPHeaders")) or {}
    return {
        "status": meta.get("HTTPStatusCode"),
        "code": fault.get("Code"),
        "headers": {str(k).lower(): str(v) for k, v in headers.items()} or None,
        "request_id": meta.get("RequestId"),
    }


def _code(body: Any) -> str | None:
    """The machine-readable code in an error body: OpenAI's `error.code`, Anthropic's `error.type`, Google's `status`."""
    inner = fault_of(body)
    return next((word for key in ("code", "type", "status") if (word := _text(inner.get(key)))), None)


def _retry_info(body: Any) -> float | None:
    """How long Google asks to wait: its errors have details in place of a header."""
    details = fault_of(body).get("details")
    for detail in map(as_mapping, details if isinstance(details, list) else ()):
        if detail is not None and "retryDelay" in detail:
            try:
                return read_span(detail["retryDelay"])
            except Unreadable:
                continue
    return None


def _aws_code(headers: Mapping[str, str] | None) -> str | None:
    """Amazon's kind of error, up to the address of its description."""
    return (headers or {}).get("x-amzn-errortype", "").partition(":")[0] or None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
