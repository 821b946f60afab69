"""A failure's own code and message, and whether it is retryable, in any shape."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.demo.wire import Event
from langchain_respmeta.demo import Answer, ReplayServer
from langchain_respmeta.record.parts import ErrorInfo
from tests.integrations.modes import MODES
from tests.peers.bodies import chat
from tests.peers.calls import model_at
from tests.reading.test_sdk_errors import Failed, failed

_numbers = itertools.count(1)


def asked(
    replay: ReplayServer, provider: str, answer: Answer, mode: str = "invoke", **options: Any
) -> ErrorInfo:
    """The record's error of a call that fails."""
    handler = RespMetaHandler(feedback=False, prices=False, include_content=True)
    with pytest.raises(Exception, match=r"|."):
        MODES[mode](model_at(replay, provider, answer, **options), {"callbacks": [handler]})
    error = handler.records[-1].error
    assert error is not None
    return error


def refused(replay: ReplayServer, provider: str, status: int, body: Any, **options: Any) -> ErrorInfo:
    return asked(replay, provider, Answer(body, status=status), model=f"m-{next(_numbers)}", **options)


def _openai(code: str | None, kind: str, message: str = "no") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _anthropic(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _google(reason: str | None = None, quota: str | None = None, message: str = "no") -> Any:
    details = [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason},
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]},
    ]
    return {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}}


QUOTA = "You exceeded your current quota, please check your plan and billing details."
"""OpenAI says so of an empty account, Google of every quota, those of a minute too."""

SPENT: Mapping[str, tuple[str, int, Any]] = {
    "OpenAI: no money": ("openai", 429, _openai("insufficient_quota", "insufficient_quota")),
    "OpenAI: the month's limit": (
        "openai",
        429,
        _openai("billing_hard_limit_reached", "invalid_request_error"),
    ),
    "OpenAI: no way to pay": ("openai", 429, _openai("billing_not_active", "billing_not_active")),
    "OpenAI: the account is gone": ("openai", 429, _openai("account_deactivated", "invalid_request_error")),
    "OpenAI: a wrong key": ("openai", 401, _openai("invalid_api_key", "invalid_request_error")),
    "OpenAI: the kind alone says it": ("openai", 429, _openai(None, "insufficient_quota")),
    "OpenAI: Responses": ("openai_responses", 429, _openai("insufficient_quota", "insufficient_quota")),
    "Moonshot: no money": (
        "openai",
        429,
        {"error": {"message": "no", "type": "exceeded_current_quota_error"}},
    ),
    "Z.ai: no money": ("openai", 429, {"error": {"code": "1113", "message": "no"}}),
    "Alibaba: an overdue payment": ("openai", 400, _openai("Arrearage", "Arrearage")),
    "Anthropic: no credit": (
        "anthropic",
        429,
        _anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    ),
    "Anthropic: a bill": ("anthropic", 429, _anthropic("billing_error", "no")),
    "Google: the day's quota": (
        "google",
        429,
        _google(quota="GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
    ),
    "Google: billing is off": ("google", 429, _google("BILLING_DISABLED")),
    "Bedrock: the account's quota": (
        "bedrock",
        429,
        {"__type": "ServiceQuotaExceededException", "message": "no"},
    ),
    "Bedrock: the day's tokens": (
        "bedrock",
        429,
        {"__type": "ThrottlingException", "message": "Too many tokens per day, please wait."},
    ),
    "OpenRouter: the day's free calls": (
        "openai",
        429,
        {"error": {"code": 429, "message": "Rate limit exceeded: free-models-per-day"}},
    ),
    "OpenAI: no money, in words alone": ("openai", 429, {"error": {"message": QUOTA}}),
    "Anthropic: the month's limit": (
        "anthropic",
        429,
        _anthropic("rate_limit_error", "This would exceed your organization's monthly spend limit."),
    ),
    "Together: no credit": ("openai", 429, _openai(None, "credit_limit")),
    "LiteLLM: no budget": ("openai", 429, _openai("429", "budget_exceeded")),
    "Mistral: a wrong key": ("mistral", 429, {"message": "no", "type": "unauthorized", "code": None}),
}


@pytest.mark.parametrize("name", SPENT)
def test_no_other_try_helps_who_has_no_money_no_contract_or_no_key(replay: ReplayServer, name: str) -> None:
    """langchain#11914, opik#7148: the status of a rate limit, or the class for it, says nothing here."""
    provider, status, body = SPENT[name]
    assert refused(replay, provider, status, body).retryable is False


PASSING: Mapping[str, tuple[str, int, Any]] = {
    "OpenAI: a rate": ("openai", 429, _openai("rate_limit_exceeded", "tokens")),
    "OpenAI: a rate, of a wrong request's kind": (
        "openai",
        429,
        _openai("rate_limit_exceeded", "invalid_request_error"),
    ),
    "OpenAI: theirs": ("openai", 400, _openai(None, "server_error")),
    "Anthropic: overloaded": ("anthropic", 529, _anthropic("overloaded_error", "Overloaded")),
    "Google: a rate": ("google", 429, _google("RATE_LIMIT_EXCEEDED", "GenerateRequestsPerMinutePerProject")),
    "Google: a quota of a minute, in the words of an empty account": (
        "google",
        429,
        _google(quota="GenerateRequestsPerMinutePerProjectPerModel-FreeTier", message=QUOTA),
    ),
    "Google through OpenAI's class: the same": ("openai", 429, [_google(message=QUOTA)]),
    "Bedrock: a rate": ("bedrock", 429, {"__type": "ThrottlingException", "message": "Too many requests"}),
    "nobody's code": ("openai", 503, _openai("of_nobodys", "of_nobodys")),
}


@pytest.mark.parametrize("name", PASSING)
def test_another_try_may_help_where_the_code_says_so(replay: ReplayServer, name: str) -> None:
    provider, status, body = PASSING[name]
    assert refused(replay, provider, status, body).retryable is True


@pytest.mark.parametrize(
    ("source", "retryable"), [("openrouter_credits", False), ("openrouter_in_flight_budget", True)]
)
def test_why_openrouter_wants_money(source: str, *, retryable: bool) -> None:
    """https://openrouter.ai/docs/api/reference/errors-and-debugging: its SDK keeps the body as text."""
    body = f'{{"error": {{"code": 402, "message": "Not now.", "metadata": {{"limit_source": "{source}"}}}}}}'
    error = failed("ChatOpenRouter", Failed(status_code=402, body=body)).error
    assert error is not None
    assert (error.status_code, error.retryable) == (402, retryable)


WORDS: Mapping[str, tuple[Any, str]] = {
    "xAI": (
        {"code": "Some entity was not found", "error": "The model does not exist."},
        "The model does not exist.",
    ),
    "Venice": ({"error": "Authentication failed"}, "Authentication failed"),
    "FastAPI": ({"detail": "No such thing"}, "No such thing"),
    "FastAPI's list": (
        {"detail": [{"loc": ["body", "x"], "msg": "field required"}, {"msg": "too long"}]},
        "field required; too long",
    ),
    "Cloudflare": ({"success": False, "errors": [{"code": 7000, "message": "No route"}]}, "No route"),
    "flat": ({"object": "error", "message": "Too long", "code": 400}, "Too long"),
    "a list of one": ([{"error": {"code": 400, "message": "Bad"}}], "Bad"),
    "a body in the message": ({"error": {"message": '{"error": {"message": "Deep down"}}'}}, "Deep down"),
    "Hugging Face": ({"error": ["No such model", "no such task"]}, "No such model; no such task"),
    "Apigee": (
        {"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "a.b"}}},
        "Invalid ApiKey",
    ),
    "OAuth": ({"error": "invalid_grant", "error_description": "It is over."}, "It is over."),
}


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("mode", ["invoke", "stream"])
def test_the_providers_words_are_the_message_wherever_they_stand(
    replay: ReplayServer, name: str, mode: str
) -> None:
    body, words = WORDS[name]
    assert asked(replay, "openai", Answer(body, status=400), mode).message == words


def test_a_web_page_is_no_message(replay: ReplayServer) -> None:
    page = b"<!DOCTYPE html><html><head><title>502</title></head><body>Bad Gateway</body></html>"
    error = asked(replay, "openai", Answer(raw=page, content_type="text/html", status=502))
    assert (error.status_code, error.message, error.retryable) == (502, "Error code: 502", True)


@pytest.mark.parametrize("provider", ["openai", "mistral"])
def test_a_proxys_line_is_the_message(replay: ReplayServer, provider: str) -> None:
    line = Answer(raw=b"upstream connect error", content_type="text/plain", status=503)
    error = asked(replay, provider, line)
    assert (error.status_code, error.message, error.retryable) == (503, "upstream connect error", True)


@pytest.mark.parametrize(
    ("kind", "code"), [("budget_exceeded", "budget_exceeded"), (None, "429"), ("3505", "3505")]
)
def test_a_status_as_a_text_is_a_code_where_there_is_no_other(
    replay: ReplayServer, kind: str | None, code: str
) -> None:
    body = {"error": {"message": "no", "type": kind, "code": "429"}}
    assert refused(replay, "openai", 429, body).code == code


@pytest.mark.parametrize(
    ("fault", "retryable"),
    [
        (httpx.RemoteProtocolError("peer closed connection"), True),
        (httpx.ReadTimeout("too slow"), True),
        (ConnectionResetError("gone"), True),
        (TimeoutError("too slow"), True),
        (ValueError("no JSON"), None),
    ],
)
def test_a_connection_that_failed_may_be_tried_again(fault: Exception, *, retryable: bool | None) -> None:
    error = failed("ChatGroq", fault).error
    assert error is not None
    assert (error.status_code, error.code, error.retryable) == (None, None, retryable)


# --- in the midst of a stream ----------------------------------------------------------------------------------------


def _begun(*more: Event) -> Answer:
    delta = {"index": 0, "delta": {"role": "assistant", "content": "a"}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}
    return Answer(chat(), events=[Event(chunk), *more])


def _failed_response(code: str, message: str) -> Answer:
    response = {"id": "resp_1", "object": "response", "created_at": 1, "status": "failed", "model": "m"}
    lists = {"output": [], "tools": [], "tool_choice": "auto", "parallel_tool_calls": True, "usage": None}
    error = {"error": {"code": code, "message": message}}
    event = {"type": "response.failed", "sequence_number": 1, "response": {**response, **lists, **error}}
    return Answer(chat(), events=[Event(event, "response.failed")])


def _error_event(code: str) -> Answer:
    event = {"type": "error", "code": code, "message": "It broke.", "param": None, "sequence_number": 1}
    return Answer(chat(), events=[Event(event, "error")])


def _overloaded() -> Answer:
    usage = {"input_tokens": 5, "output_tokens": 1}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "usage": usage,
    }
    start = Event({"type": "message_start", "message": message}, "message_start")
    return Answer(chat(), events=[start, Event(_anthropic("overloaded_error", "Overloaded"), "error")])


def _unavailable() -> Answer:
    error = {"error": {"code": 503, "message": "It is overloaded.", "status": "UNAVAILABLE"}}
    part = {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "index": 0}]}
    return Answer(chat(), events=[Event(part), Event(error)])


MIDST: Mapping[str, tuple[str, Answer, tuple[str | None, bool | None, str]]] = {
    "chat": (
        "openai",
        _begun(Event(_openai("rate_limit_exceeded", "requests", "Slow down."))),
        ("rate_limit_exceeded", True, "Slow down."),
    ),
    "chat, no money": (
        "openai",
        _begun(Event(_openai("insufficient_quota", "insufficient_quota", "All spent."))),
        ("insufficient_quota", False, "All spent."),
    ),
    "chat, a text": ("openai", _begun(Event({"error": "upstream broke"})), (None, None, "upstream broke")),
    "groq, a text": ("groq", _begun(Event({"error": "upstream broke"})), (None, None, "upstream broke")),
    "groq": ("groq", _begun(Event(_openai("server_error", "x", "Gone."))), ("server_error", True, "Gone.")),
    "responses: failed": (
        "openai_responses",
        _failed_response("rate_limit_exceeded", 'It\'s "too" fast.'),
        ("rate_limit_exceeded", True, 'It\'s "too" fast.'),
    ),
    "responses: failed for good": (
        "openai_responses",
        _failed_response("invalid_prompt", "Never."),
        ("invalid_prompt", False, "Never."),
    ),
    "responses: error": (
        "openai_responses",
        _error_event("server_error"),
        ("server_error", True, "It broke."),
    ),
    "anthropic": ("anthropic", _overloaded(), ("overloaded_error", True, "Overloaded")),
    "google": ("google", _unavailable(), ("UNAVAILABLE", True, "It is overloaded.")),
}


@pytest.mark.parametrize("mode", ["stream", "astream", "v3"])
@pytest.mark.parametrize("name", MIDST)
def test_an_error_in_the_midst_of_a_stream_is_the_events_own(
    replay: ReplayServer, name: str, mode: str
) -> None:
    """langchain#39039: the integration's exception may hold a text only; the status of the stream was 200."""
    provider, answer, (code, retryable, message) = MIDST[name]
    error = asked(replay, provider, answer, mode)
    assert (error.code, error.retryable, error.message) == (code, retryable, message)
    assert error.status_code in {None, 503}


TEXTS: Mapping[str, tuple[str, tuple[int | None, str | None, bool | None]]] = {
    "OpenRouter": ("OpenRouter API returned an error during streaming: Gone (code: 502)", (502, None, True)),
    "OpenRouter, no money": ("OpenRouter API returned an error: No credits (code: 402)", (402, None, False)),
    "NVIDIA": ("[429] Too Many Requests\nlater", (429, None, True)),
    "a code of the table": ("overloaded_error: later", (None, "overloaded_error", True)),
    "somebody's sentence": ("Note: the patient asked for more", (None, None, None)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_integrations_write_into_a_text_is_read_and_no_other_text(name: str) -> None:
    text, told = TEXTS[name]
    error = failed("ChatOpenAI", ValueError(text)).error
    assert error is not None
    assert (error.status_code, error.code, error.retryable) == told


@pytest.mark.parametrize(
    "error", [{"code": 429, "message": "Slow down."}, {"code": "slow_down", "message": "Slow down."}]
)
def test_an_error_in_an_answer_with_status_200_is_read(replay: ReplayServer, error: Any) -> None:
    told = asked(replay, "openai", Answer({"error": error}))
    assert (told.retryable, told.message) == (True, "Slow down.")
    assert told.status_code in {None, 429}
