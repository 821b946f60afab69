"""A failed or abandoned call as a draft: what was answered, and status, code and waiting time of the failure.

Most SDKs hang the HTTP response on the exception, botocore a dict, Google's its own fields; LangChain adds an
`LLMResult` whose message holds `body`, `headers` and `status_code`, and the part of the answer that had come. The answer
may be whole: then its end, its counts and its price are read as usual, and the error is added.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from langchain_respmeta._reading import headers as _headers
from langchain_respmeta._reading.answer_in_exception import answer_behind
from langchain_respmeta._reading.caller_frames import held_by_raising_code
from langchain_respmeta._reading.cancellation import ABANDONED, BY_NAME
from langchain_respmeta._reading.conform import conform
from langchain_respmeta._reading.cost import bill_nothing
from langchain_respmeta._reading.error_body import before_page, code_of, fault_in_words, fault_of, words_of
from langchain_respmeta._reading.error_codes import is_of_connection, retryable
from langchain_respmeta._reading.faults import part
from langchain_respmeta._reading.headers import told_by
from langchain_respmeta._reading.read import read_answer
from langchain_respmeta._reading.refused_requests import read_declined
from langchain_respmeta._reading.stream_notes import StreamNotes
from langchain_respmeta._reading.stream_repair import completed
from langchain_respmeta._reading.traced_text import facts_in_text, thrown_in_javascript
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import MAX_CANDIDATES, answers_of
from langchain_respmeta.providers.engine.cells import Unreadable, read_span
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.providers.engine.values import plain_word
from langchain_respmeta.record.bounds import MAX_KEPT_CHARS, Budget, LeftOut, key_text, tamed
from langchain_respmeta.record.plain import as_mapping

_FAILED_FROM: Final = 400


def draft_of_failure(
    error: BaseException, response: object, start: RunStart, stream: StreamNotes | None = None
) -> ReadDraft:
    """A draft with what came before the failure, and the failure.

    Args:
        error: What was raised.
        response: The `LLMResult` that LangChain made of it.
        start: What was known at the start.
        stream: What was noted of the stream, if it was one.
    """
    leftovers = Leftovers()
    answers: list[Answer] = []
    with part("what came before the failure", leftovers):
        answers = _answers(response)
    came = _came_before(answers)
    with part("the answer behind the failure", leftovers):
        came = _whole(came, error, answers, stream, start)
    with part("error headers", leftovers):
        came.headers = _facts(error, answers).get("headers") or {}
    draft = read_answer(came, start)
    if "finish_reason" not in draft:
        draft["finish_reason"] = "cancelled" if isinstance(error, ABANDONED) else "error"
        if isinstance(error, ABANDONED):
            draft["cancelled"] = True
    if not isinstance(error, ABANDONED):
        draft["event"] = "error"
        draft["error.type"] = type(error).__name__
        _read_error(error, answers, draft, leftovers)
    if draft.pop("_from_gateways_cache", False) and "usage.input_tokens" in draft:
        bill_nothing(draft)
    if leftovers.warnings:
        draft.setdefault("warnings", []).extend(leftovers.warnings)
    conform(draft, safe=draft.get("provider_data"))
    return draft


def _whole(
    came: Answer, error: BaseException, answers: list[Answer], stream: StreamNotes | None, start: RunStart
) -> Answer:
    """What came, completed by the answer that lies behind the exception, or by what the stream said in passing."""
    if stream is not None:
        came = completed(came, stream, start.integration)
    told = (answer.metadata.get("body") for answer in answers if _is_failed_response(answer))
    held = (_said_by(one, name) for one in (error, error.__cause__) for name in ("completion", "body"))
    bodies = (*told, *held)
    behind = answer_behind(bodies, getattr(error, "raw_message", None))
    if behind is None:
        behind = answer_behind(tamed(one, Budget.for_reading()) for one in held_by_raising_code(error))
    if behind is None:
        return came
    if behind.usage is None and "token_usage" not in behind.metadata:
        behind.usage = came.usage
    behind.metadata = {**came.metadata, **behind.metadata}
    return behind


def _read_error(error: BaseException, answers: list[Answer], draft: ReadDraft, leftovers: Leftovers) -> None:
    """Read the exception, part by part."""
    text = ""
    with part("error message", leftovers):
        text = str.__str__(str(error))
    facts: dict[str, Any] = {"fault": {}}
    with part("error", leftovers):
        facts = _facts(error, answers)
        _read_status(error, facts, text, draft)
    with part("error message", leftovers):
        _read_words(text, facts["fault"], draft)
    with part("error headers", leftovers):
        _read_headers(facts, draft, leftovers)
    with part("refusal", leftovers):
        read_declined(error, facts["fault"], draft)


def _read_words(text: str, fault: Mapping[str, object], draft: ReadDraft) -> None:
    """The provider's own words where there are any, else the exception's; a web page is neither."""
    text = words_of(fault) or before_page(text)
    if len(text) > MAX_KEPT_CHARS:
        text = f"{text[:MAX_KEPT_CHARS]}<… {len(text)} characters>"
    if text:
        draft["error.message"] = text


def draft_of_traced_failure(
    error: str,
    live: BaseException | None,
    outputs: object,
    start: RunStart,
    stream: StreamNotes | None = None,
) -> ReadDraft:
    """The same from a traced run, whose error is text: `TypeName('words')` and a traceback.

    `live` is the exception being handled on this thread, which is the run's own when its name leads the text. In
    async code there is none: then the traceback's last line tells its class and its words.
    """
    if (thrown := thrown_in_javascript(error)) is not None:
        draft = draft_of_failure(_Traced(thrown.words, None), outputs, start, stream)
        draft["error.type"] = thrown.name
        return draft
    name = error.partition("(")[0].strip().rpartition(".")[2]
    if live is not None and type(live).__name__ == name:
        return draft_of_failure(live, outputs, start, stream)
    kind, words = _told_by_traceback(error, name)
    kind = kind or BY_NAME.get(name)
    if kind is not None and issubclass(kind, ABANDONED):
        return draft_of_failure(kind(), outputs, start, stream)
    draft = draft_of_failure(_Traced(words or "", kind), outputs, start, stream)
    draft["error.type"] = name if name.isidentifier() else "Exception"
    return draft


_RESPONSE: Final = frozenset({"body", "headers", "status_code", "request_id"})
"""What LangChain keeps of a failed HTTP response: `_facts` picks what the record may hold."""


def _came_before(answers: list[Answer]) -> Answer:
    """The part of the answer that had come, without the failed response: cookies and the prompt may be in that."""
    if not answers:
        return Answer(metadata={}, content=None, is_message=False)
    told = answers[0].metadata
    return replace(answers[0], metadata={key: told[key] for key in told.keys() - _RESPONSE})


class _Traced(Exception):  # noqa: N818 - never raised
    """Replaces an exception of which only the text is left; its class may still decide whether to try again."""

    def __init__(self, words: str, kind: type[BaseException] | None) -> None:
        super().__init__(words)
        self.is_retryable = getattr(kind, "is_retryable", None)
        vars(self).update(facts_in_text(words))


def _told_by_traceback(error: str, name: str) -> tuple[type[BaseException] | None, str | None]:
    """Class and words of the exception, from `module.Name: words` at the end of a traceback."""
    found = list(re.finditer(rf"^((?:\w+\.)*){re.escape(name)}(?:: |$)", error, re.MULTILINE)) if name else []
    if not found:
        return None, None
    module = sys.modules.get(found[-1][1].rstrip(".") or "builtins")
    kind = getattr(module, name, None)
    is_exception = isinstance(kind, type) and issubclass(kind, BaseException)
    return kind if is_exception else None, error[found[-1].end() :].strip() or None


def _answers(response: object) -> list[Answer]:
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


def _read_status(error: BaseException, facts: Mapping[str, Any], text: str, draft: ReadDraft) -> None:
    status, fault = facts.get("status"), facts["fault"]
    if isinstance(status, int) and 100 <= status < 600:
        draft.setdefault("http.status_code", status)
    status = next((one for one in (status, *_numbers(fault)) if _is_failure(one)), None)
    if status is not None:  # a lower one is that of the stream in which the error came
        draft["error.status_code"] = status
    code = code_of(fault) or plain_word(facts.get("code")) or _aws_code(facts.get("headers"))
    if code:
        draft["error.code"] = code
    said = retryable(
        fault,
        code,
        words_of(fault) or text,
        _said_by(error, "is_retryable"),
        status,
        broke_off=is_of_connection(error),
    )
    if said is not None:
        draft["error.retryable"] = said


def _numbers(fault: Mapping[str, object]) -> tuple[Any, ...]:
    """The status in the error itself: OpenRouter, Google."""
    return fault.get("code"), fault.get("status")


def _is_failure(status: object) -> bool:
    return isinstance(status, int) and _FAILED_FROM <= status < 600


def _read_headers(facts: Mapping[str, Any], draft: ReadDraft, leftovers: Leftovers) -> None:
    draft["_headers"] = facts.get("headers")
    _headers.read_headers(draft, leftovers)
    wait = draft.get("rate_limits.retry_after_s", _retry_info(facts["fault"]))
    if wait is not None:
        draft["error.retry_after_s"] = wait
    if request_id := facts.get("request_id"):
        draft.setdefault("request_id", key_text(request_id))


def _facts(error: BaseException, answers: list[Answer]) -> dict[str, Any]:
    """The facts of an exception; where an integration wrapped the SDK's, those of its cause."""
    facts = _own_facts(error, answers)
    cause = error.__cause__
    if facts.get("status") is None and cause is not None:
        of_cause = {name: fact for name, fact in _own_facts(cause, []).items() if fact}
        facts = {**facts, **of_cause}
    if facts["fault"].keys() <= {"message"}:
        texts = (_text_of(one) for one in (error, cause) if one is not None)
        facts["fault"] = next(filter(None, map(fault_in_words, texts)), facts["fault"])
    return facts


def _text_of(error: BaseException) -> str:
    """The exception's text; empty where it raises, which `_read_error` notes."""
    try:
        return str.__str__(str(error))
    except Exception:  # noqa: BLE001 - a foreign exception may raise anything: then it has no text
        return ""


def _own_facts(error: BaseException, answers: list[Answer]) -> dict[str, Any]:
    response = _said_by(error, "response")
    if isinstance(response, Mapping):
        return _botocore_facts(response)
    told = next((answer.metadata for answer in answers if "status_code" in answer.metadata), {})
    code = _said_by(error, "status")
    return {
        "status": next((s for s in _statuses(error, response, told) if isinstance(s, int)), None),
        "code": code if isinstance(code, str) else _said_code(error),
        "fault": next(filter(None, map(fault_of, _bodies(error, told))), {}),
        "headers": told_by(told.get("headers"))
        or told_by(_said_by(response, "headers"))
        or _own_headers(error),
        "request_id": told.get("request_id") or _said_by(error, "request_id"),
    }


def _bodies(error: BaseException, told: Mapping[str, object]) -> tuple[Any, ...]:
    """Wherever an error's body may be; some integrations raise a `ValueError` of the very object."""
    args = _said_by(error, "args")
    first = args[0] if isinstance(args, list | tuple) and args else None
    words = _said_by(error, "error")  # Ollama's
    return (
        told.get("body"),
        _said_by(error, "body"),
        _said_by(error, "details"),
        first if isinstance(first, Mapping) else None,
        {"error": words} if isinstance(words, str) else words,
    )


def _said_code(error: BaseException) -> str | None:
    code = _said_by(error, "code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


_CODE: Final = re.compile(r"(?!\d+$)[\w.-]{1,64}")
"""A number is the status once more (LiteLLM)."""


def _said_by(thing: object, name: str) -> Any:
    """An attribute, bounded and tame; None where there is none, or where looking at it raises."""
    try:
        value = getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a foreign property may raise anything: then there is no value
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


def _statuses(error: BaseException, response: object, told: Mapping[str, object]) -> tuple[Any, ...]:
    return (
        told.get("status_code"),
        _said_by(error, "status_code"),
        _said_by(response, "status_code"),
        _said_by(error, "code"),
        _said_by(error, "http_status"),
    )


def _botocore_facts(response: Mapping[str, object]) -> dict[str, Any]:
    meta, fault = as_mapping(response.get("ResponseMetadata")) or {}, as_mapping(response.get("Error")) or {}
    return {
        "status": meta.get("HTTPStatusCode"),
        "code": fault.get("Code"),
        "fault": {"code": fault.get("Code"), "message": fault.get("Message")} if fault else {},
        "headers": told_by(meta.get("HTTPHeaders")),
        "request_id": meta.get("RequestId"),
    }


def _retry_info(fault: Mapping[str, object]) -> float | None:
    """How long Google asks to wait: its errors have details in place of a header."""
    details = fault.get("details")
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
