"""Facts of failed, abandoned and cancelled calls, which peers drop, or keep with the run for ever."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.demo import Answer, ReplayServer
from tests.peers.bodies import chat, claude, spent
from tests.peers.calls import model_at
from tests.waiting import auntil

LIMITED = Answer(
    {"error": {"message": "Slow down, please.", "type": "requests", "code": "rate_limit_exceeded"}},
    status=429,
    headers={
        "retry-after": "7",
        "x-request-id": "req_429",
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "6m0s",
        "set-cookie": "secret=1",
    },
)


@pytest.mark.parametrize("provider", ["openai", "openai_responses", "groq"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_rate_limit_tells_its_limits_and_request_id(
    replay: ReplayServer, provider: str, *, stream: bool
) -> None:
    """langchain#9601 and #36983, langfuse#190: asked for, and nowhere to be had. `on_llm_error(response=…)` holds them."""
    handler = RespMetaHandler(feedback=False)
    model = model_at(replay, provider, LIMITED, model="m")
    config: Any = {"callbacks": [handler]}
    with pytest.raises(Exception):  # noqa: B017, PT011 - the SDK's own
        list(model.stream("hi", config=config)) if stream else model.invoke("hi", config=config)
    (record,) = handler.records
    assert record.error is not None
    assert (record.error.status_code, record.error.retryable) == (429, True)
    assert record.error.retry_after_s == 7
    assert record.request_id == "req_429"
    assert record.rate_limits is not None
    assert (record.rate_limits.requests_limit, record.rate_limits.requests_remaining) == (500, 0)
    assert record.rate_limits.requests_reset_s == 360


@pytest.mark.parametrize("stream", [False, True])
def test_how_long_google_asks_to_wait_is_told(replay: ReplayServer, *, stream: bool) -> None:
    """langchain#9601 again: Google sends no header, the delay stands in the error's details."""
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]
    error = {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": details}
    model = model_at(replay, "google", Answer({"error": error}, status=429), model="gemini-2.5-flash")
    handler = RespMetaHandler(feedback=False)
    config: Any = {"callbacks": [handler]}
    with pytest.raises(Exception):  # noqa: B017, PT011 - the SDK's own
        list(model.stream("hi", config=config)) if stream else model.invoke("hi", config=config)
    told = handler.records[0].error
    assert told is not None
    assert (told.status_code, told.code, told.retry_after_s) == (429, "RESOURCE_EXHAUSTED", 34.5)


def test_limits_of_answers_that_succeed_are_told_where_the_integration_hands_them_over(
    replay: ReplayServer,
) -> None:
    """langchain#9601: `include_response_headers` brings them, and nobody reads them."""
    answer = Answer(chat(spent(1, 1)), headers=dict(LIMITED.headers))
    handler = RespMetaHandler(feedback=False)
    model_at(replay, "openai", answer, include_response_headers=True).invoke("hi", {"callbacks": [handler]})
    record = handler.records[0]
    assert record.rate_limits is not None
    assert record.rate_limits.requests_reset_s == 360
    assert record.request_id == "req_429"
    assert record.http is not None
    assert "set-cookie" not in (record.http.headers or {})


LONG = chat(spent(10, 60), message={"content": "a good many words " * 40})


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_stream_that_is_left_is_cancelled_not_failed(replay: ReplayServer, provider: str) -> None:
    """Leaving the loop gives `on_llm_error(GeneratorExit)`: peers show a failure, and drop what had come."""
    usage = {"input_tokens": 10, "output_tokens": 60}
    long = [{"type": "text", "text": "a good many words " * 40}]
    body = LONG if provider == "openai" else claude(usage, long)
    handler = RespMetaHandler(feedback=False)
    model = model_at(replay, provider, body)
    for chunk in model.stream("hi", config={"callbacks": [handler]}):
        if chunk.content:
            break
    del chunk
    gc.collect()
    (record,) = handler.records
    assert (record.finish_reason, record.cancelled) == ("cancelled", True)
    assert record.error is None
    assert record.model == (body["model"] if provider == "anthropic" else None)  # OpenAI's comes at the end


def test_a_hundred_cancelled_calls_leave_nothing_behind_and_are_all_told(replay: ReplayServer) -> None:
    """A cancelled task fires neither end nor error: eight of eight handlers keep a hundred entries for ever.

    opik#7516, langfuse#2974, openllmetry#2790, maxim-py#142 (memory grows), langchain#17010 (pending for ever).
    """
    hanging = Answer(chat(spent(1, 1)), fault="hang")
    model = model_at(replay, "openai", hanging, model="m")
    handler = RespMetaHandler(feedback=False, prices=False)
    live = len(STATE[RUNS]._live)

    async def cancel_all() -> None:
        tasks = [
            asyncio.create_task(model.ainvoke("hi", config={"callbacks": [handler]})) for _ in range(100)
        ]
        await auntil(lambda: len(STATE[RUNS]._live) >= live + 100, "a hundred calls under way")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(cancel_all())
    records = list(handler.records)
    assert len(records) == 100
    assert {record.finish_reason for record in records} == {"cancelled"}
    assert len(STATE[RUNS]._live) == live


def test_nothing_of_a_call_is_kept_but_its_facts(replay: ReplayServer) -> None:
    """opik#7516, langfuse#2974, openllmetry#2790: messages, chunks and spans that stay in the handler."""
    handler = RespMetaHandler(feedback=False, prices=False)
    model = model_at(replay, "openai", LONG)
    whole = model.invoke("hi", config={"callbacks": [handler]})
    chunks = list(model.stream("hi", config={"callbacks": [handler]}))
    handler.summary()
    gone = [weakref.ref(whole), *(weakref.ref(chunk) for chunk in chunks)]
    del whole, chunks
    gc.collect()
    assert [ref for ref in gone if ref() is not None] == []
    assert len(handler.records) == 2


def test_a_retry_is_seen_as_a_further_attempt(replay: ReplayServer) -> None:
    """open-swe#2863: retries and fallbacks cannot be seen in traces."""
    handler = RespMetaHandler(feedback=False)
    model = model_at(replay, "openai", [LIMITED, Answer(chat(spent(10, 2)))], model="m")
    retrying = model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
    retrying.invoke("hi", config={"callbacks": [handler]})
    first, second = handler.records
    assert (first.finish_reason, first.attempt, first.superseded) == ("error", 1, True)
    assert (second.finish_reason, second.attempt, second.superseded) == ("stop", 2, None)


def test_a_failed_response_is_a_failed_call(replay: ReplayServer) -> None:
    """The Responses API can answer with status 200 and an error inside."""
    handler = RespMetaHandler(feedback=False)
    body = {
        "id": "resp_1",
        "object": "response",
        "status": "failed",
        "model": "m",
        "output": [],
        "error": {"code": "server_error", "message": "no"},
        "usage": None,
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "created_at": 1,
    }
    with pytest.raises(Exception):  # noqa: B017, PT011 - the integration's own
        model_at(replay, "openai_responses", body).invoke("hi", config={"callbacks": [handler]})
    assert handler.records[0].finish_reason == "error"
