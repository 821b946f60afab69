"""The meaning of a failed request's status and headers alone."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from uuid import uuid4

import pytest
from httpx import HTTPStatusError

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import Answer, ReplayServer, chat_model

_numbers = itertools.count(1)


def failed(replay: ReplayServer, status: int, headers: dict[str, str] | None = None) -> ResponseMetadata:
    """The record of a refused call, by a class whose errors have no other fact about retries."""
    answer = Answer({"message": "no", "type": "x"}, status=status, headers=headers or {})
    url = replay.add("mistral", f"http-failures-{next(_numbers)}", answer)
    handler = RespMetaHandler(feedback=False, prices=False)
    model: Any = chat_model("mistral", url, "mistral-large-latest", max_retries=0)
    with pytest.raises(HTTPStatusError):
        model.invoke("hi", config={"callbacks": [handler]})
    (record,) = handler.records
    return record


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_another_try_may_help_where_the_status_says_so(replay: ReplayServer, status: int) -> None:
    error = failed(replay, status).error
    assert error is not None
    assert (error.status_code, error.retryable) == (status, True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 501])
def test_no_other_try_helps_where_the_request_is_wrong(replay: ReplayServer, status: int) -> None:
    error = failed(replay, status).error
    assert error is not None
    assert (error.status_code, error.retryable) == (status, False)


@pytest.mark.parametrize(
    "header",
    [
        "x-request-id",
        "request-id",
        "x-amzn-requestid",
        "x-goog-request-id",
        "apim-request-id",
        "x-ms-request-id",
        "nvcf-reqid",
        "mistral-correlation-id",
        "x-kong-request-id",
        "x-inference-request-id",
    ],
)
def test_every_vendors_request_id_is_told(replay: ReplayServer, header: str) -> None:
    record = failed(replay, 429, {header: "req-1"})
    assert record.request_id == "req-1"
    assert record.http is not None
    assert record.http.headers[header] == "req-1"  # type: ignore[index]


def test_headers_that_no_list_names_are_dropped(replay: ReplayServer) -> None:
    record = failed(replay, 429, {"set-cookie": "session=1", "x-secret-thing": "s", "x-request-id": "req-1"})
    assert record.http is not None
    assert not {"set-cookie", "x-secret-thing"} & {*(record.http.headers or {})}


@pytest.mark.parametrize("kind", [KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
def test_who_stops_listening_makes_no_failure(kind: type[BaseException]) -> None:
    handler, run_id = RespMetaHandler(feedback=False, prices=False), uuid4()
    handler.on_chat_model_start({}, [[]], run_id=run_id)
    handler.on_llm_error(kind(), run_id=run_id)
    (record,) = handler.records
    assert (record.finish_reason, record.cancelled, record.error) == ("cancelled", True, None)
