"""What single SDKs' exceptions carry beyond a response."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from langchain_respmeta import RespMetaHandler, ResponseMetadata, RunStart
from langchain_respmeta._reading.failures import draft_of_failure


class Failed(Exception):  # noqa: N818 - stands for any SDK's
    def __init__(self, **fields: Any) -> None:
        super().__init__("no")
        for name, value in fields.items():
            setattr(self, name, value)


def failed(integration: str, error: Exception) -> ResponseMetadata:
    handler, run = RespMetaHandler(metadata=False, feedback=False), uuid4()
    handler.on_chat_model_start({"id": [integration]}, [[]], run_id=run)
    handler.on_llm_error(error, run_id=run)
    return handler.records[0]


def test_amazons_kind_of_error_is_the_code_where_the_body_has_none() -> None:
    headers = {"x-amzn-errortype": "ValidationException:http://internal.example/"}
    error = failed("ChatAnthropicBedrock", Failed(status_code=400, headers=headers)).error
    assert error is not None
    assert (error.status_code, error.code) == (400, "ValidationException")


def test_litellm_keeps_the_headers_beside_a_made_up_response() -> None:
    response = Failed(headers={}, status_code=429)
    headers = {"x-request-id": "req_7", "x-ratelimit-limit-requests": "9990", "retry-after": "77"}
    record = failed("ChatLiteLLM", Failed(response=response, litellm_response_headers=headers))
    assert record.request_id == "req_7"
    assert record.rate_limits is not None
    assert (record.rate_limits.requests_limit, record.rate_limits.retry_after_s) == (9990, 77.0)
    assert record.error is not None
    assert record.error.status_code == 429


def test_an_error_after_a_status_of_200_has_none_and_says_by_its_code_whether_to_try_again() -> None:
    told = {code: _after_200(code) for code in ("server_error", "of_nobodys")}
    assert [draft["error.code"] for draft in told.values()] == list(told)
    assert not any("error.status_code" in draft for draft in told.values())
    assert told["server_error"]["error.retryable"] is True
    assert "error.retryable" not in told["of_nobodys"]


def _after_200(code: str) -> dict[str, Any]:
    facts = {"body": {"error": {"code": code}}, "headers": {}, "status_code": 200}
    response = LLMResult(generations=[[ChatGeneration(message=AIMessage("", response_metadata=facts))]])
    return draft_of_failure(ValueError("boom"), response, RunStart())


def test_a_number_is_the_status_once_more_and_no_code() -> None:
    """LiteLLM's exceptions have the status as a text, too."""
    for code, told in (("429", None), ("rate_limit_exceeded", "rate_limit_exceeded")):
        error = failed("ChatLiteLLM", Failed(status_code=429, code=code)).error
        assert error is not None
        assert (error.status_code, error.code, error.retryable) == (429, told, True)
