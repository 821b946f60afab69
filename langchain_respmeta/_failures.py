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
from langchain_respmeta._bounds import MAX_KEPT_CHARS, Budget, LeftOut, key_text, tamed
from langchain_respmeta._conform import conform
from langchain_respmeta._declined import fault_of, read_declined
from langchain_respmeta._headers import told_by
from langchain_respmeta._json import as_mapping
from langchain_respmeta._normalize import read_answer
from langchain_respmeta._settle import part
from langchain_respmeta.answer import MAX_CANDIDATES, Answer, RunStart, answers_of
from langchain_respmeta.providers._fields import Unreadable, read_span
from langchain_respmeta.providers._parts import plain_word
from langchain_respmeta.providers._table import Draft, Leftovers

_FAILED_FROM: Final = 400
_RETRYABLE: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


def draft_of_failure(error: BaseException, response: Any, start: RunStart) -> Draft:
    """A draft with what came before the failure, and the failure."""
    leftovers = Leftovers()
    answers: list[Answer] = []
    with part("what came before the failure", leftovers):
        answers = _answers(response)
    draft = read_answer(_came_before(answers), start)
    if isinstance(error, ABANDONED):
        draft["cancelled"] = True
        draft["finish_reason"] = "cancelled"
    else:
        draft["finish_reason"] = "error"
        draft["event"] = "error"
        draft["error.type"] = type(error).__name__
        _read_error(error, answers, draft, leftovers)
    if leftovers.warnings:
        draft.setdefault("warnings", []).extend(leftovers.warnings)
    conform(draft, safe=draft.get("provider_data"))
    return draft


def _read_error(error: BaseException, answers: list[Answer], draft: Draft, leftovers: Leftovers) -> None:
    """What the exception says, part by part."""
    with part("error message", leftovers):
        _read_words(error, draft)
    facts: dict[str, Any] = {}
    with part("error", leftovers):
        facts = _facts(error, answers)
        _read_status(error, facts, draft)
    with part("error headers", leftovers):
        _read_headers(facts, draft, leftovers)
    with part("refusal", leftovers):
        read_declined(error, facts.get("body"), draft)


def _read_words(error: BaseException, draft: Draft) -> None:
    text = str.__str__(str(error))
    if len(text) > MAX_KEPT_CHARS:
        text = f"{text[:MAX_KEPT_CHARS]}<… {len(text)} characters>"
    if text:
        draft["error.message"] = text


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
    answers = [
        answer
        for row in rows[:MAX_CANDIDATES]
        for answer in answers_of({"generations": [row], "llm_output": None})
    ]
    return sorted(answers, key=_is_failed_response)  # which keeps the order of each kind


def _is_failed_response(answer: Answer) -> bool:
    return "status_code" in answer.metadata and not answer.content


def _read_status(error: BaseException, facts: Mapping[str, Any], draft: Draft) -> None:
    status = facts.get("status")
    if isinstance(status, int) and 100 <= status < 600:
        draft["error.status_code"] = status
        draft.setdefault("http.status_code", status)
    if code := _code(facts.get("body")) or plain_word(facts.get("code")) or _aws_code(facts.get("headers")):
        draft["error.code"] = code
    retryable = _said_by(error, "is_retryable")
    if isinstance(retryable, bool):
        draft["error.retryable"] = retryable
    elif isinstance(status, int) and status >= _FAILED_FROM:  # 200 says nothing of the error in the body
        draft["error.retryable"] = status in _RETRYABLE


def _read_headers(facts: Mapping[str, Any], draft: Draft, leftovers: Leftovers) -> None:
    draft["_headers"] = facts.get("headers")
    _headers.settle(draft, leftovers)
    wait = draft.get("rate_limits.retry_after_s", _retry_info(facts.get("body")))
    if wait is not None:
        draft["error.retry_after_s"] = wait
    if request_id := facts.get("request_id"):
        draft.setdefault("request_id", key_text(request_id))


def _facts(error: BaseException, answers: list[Answer]) -> dict[str, Any]:
    """What the exception says; where an integration wrapped the SDK's in one of its own, what its cause says."""
    facts = _own_facts(error, answers)
    cause = error.__cause__
    if facts.get("status") is None and cause is not None:
        return {**facts, **{name: fact for name, fact in _own_facts(cause, []).items() if fact is not None}}
    return facts


def _own_facts(error: BaseException, answers: list[Answer]) -> dict[str, Any]:
    response = _said_by(error, "response")
    if isinstance(response, Mapping):
        return _botocore_facts(response)
    told = next((answer.metadata for answer in answers if "status_code" in answer.metadata), {})
    code = _said_by(error, "status")
    return {
        "status": next((s for s in _statuses(error, response, told) if isinstance(s, int)), None),
        "code": code if isinstance(code, str) else None,
        "body": told.get("body") or _said_by(error, "body") or _said_by(error, "details"),
        "headers": told_by(told.get("headers"))
        or told_by(_said_by(response, "headers"))
        or _own_headers(error),
        "request_id": told.get("request_id") or _said_by(error, "request_id"),
    }


def _said_by(thing: Any, name: str) -> Any:
    """An attribute, bounded and tame; None where there is none, or where looking at it raises."""
    try:
        value = getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a stranger's property: whatever it raises, it says nothing
        return None
    if name in _WITH_OWN_SHAPE:
        return value
    said = tamed(value, Budget.for_reading())
    return None if type(said) is LeftOut else said


_WITH_OWN_SHAPE: Final = frozenset({"response", "headers"})
"""A response is asked for its own attributes; headers have a budget of their own."""


def _own_headers(error: BaseException) -> dict[str, str] | None:
    """Headers on the exception itself: OpenRouter's SDK; LiteLLM, whose `response` is made up."""
    return told_by(_said_by(error, "headers")) or told_by(_said_by(error, "litellm_response_headers"))


def _statuses(error: BaseException, response: Any, told: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        told.get("status_code"),
        _said_by(error, "status_code"),
        _said_by(response, "status_code"),
        _said_by(error, "code"),
        _said_by(error, "http_status"),
    )


def _botocore_facts(response: Mapping[str, Any]) -> dict[str, Any]:
    meta, fault = as_mapping(response.get("ResponseMetadata")) or {}, as_mapping(response.get("Error")) or {}
    return {
        "status": meta.get("HTTPStatusCode"),
        "code": fault.get("Code"),
        "headers": told_by(meta.get("HTTPHeaders")),
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
