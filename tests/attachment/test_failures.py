"""Failed and abandoned calls: the run shows the reason, in either order of handler and tracer."""

import asyncio
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.exceptions import LangChainException
from langchain_core.outputs import ChatGenerationChunk, LLMResult
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import LangChainTracer
from pydantic import BaseModel

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import Answer, ReplayServer, chat_model
from tests.attachment.check import ours_of
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced
from tests.waiting import never

_LIMITED: Final = {
    "retry-after": "7",
    "set-cookie": "session=a-cookie",
    "openai-organization": "an-organization",
    "x-request-id": "req_1",
    "request-id": "req_1",
}
_OPENAI_TEXT: Final[dict[str, Any]] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-5-mini",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "one two three four"},
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
}
_ANTHROPIC_TEXT: Final = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "one two three four"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 4},
}
_TEXTS: Final = {"openai": _OPENAI_TEXT, "anthropic": _ANTHROPIC_TEXT}
_MODELS: Final = {"openai": "gpt-5-mini", "anthropic": "claude-sonnet-4-5"}


def _error(provider: str, status: int) -> Answer:
    body = {
        "openai": {
            "error": {
                "message": "your prompt was: a-prompt",
                "type": "some_error",
                "code": "some_error",
                "param": None,
            }
        },
        "anthropic": {
            "type": "error",
            "error": {"type": "some_error", "message": "your prompt was: a-prompt"},
        },
    }
    return Answer(body[provider], status=status, headers=_LIMITED)


Make = Callable[[str], tuple[Answer, Mapping[str, Any]]]
_FAULTS: Final[dict[str, tuple[Make, dict[str, Any]]]] = {
    "429": (
        lambda provider: (_error(provider, 429), {}),
        {
            "error.type": "RateLimitError",
            "error.status_code": 429,
            "error.code": "some_error",
            "error.retry_after_s": 7.0,
            "error.retryable": True,
            "request_id": "req_1",
        },
    ),
    "500": (
        lambda provider: (_error(provider, 500), {}),
        {"error.status_code": 500, "error.code": "some_error", "error.retryable": True},
    ),
    "401": (
        lambda provider: (_error(provider, 401), {}),
        {"error.type": "AuthenticationError", "error.status_code": 401, "error.retryable": False},
    ),
    "hang": (
        lambda _: (Answer(fault="hang"), {"timeout": 0.3}),
        {"error.type": "TimeoutError", "error.status_code": None},
    ),
    "disconnect": (
        lambda _: (Answer(fault="disconnect"), {}),
        {"error.type": "ConnectionError", "error.status_code": None},
    ),
}
"""Name → what the provider does, and the facts that the record must hold."""


_RUNNER: Final = asyncio.Runner()
"""One event loop for all: the integrations share one HTTP client among models, and it is bound to a loop."""


def _invoke(model: Any, config: Any) -> None:
    model.invoke("why?", config)


def _ainvoke(model: Any, config: Any) -> None:
    _RUNNER.run(model.ainvoke("why?", config))


def _stream(model: Any, config: Any) -> None:
    for _ in model.stream("why?", config):
        pass


def _astream(model: Any, config: Any) -> None:
    async def run() -> None:
        async for _ in model.astream("why?", config):
            pass

    _RUNNER.run(run())


_CALLS: Final = {"invoke": _invoke, "ainvoke": _ainvoke, "stream": _stream, "astream": _astream}
_ORDERS: Final = ("tracer first", "handler first")


def _callbacks(traced: Traced, handler: RespMetaHandler, order: str) -> list[Any]:
    tracer = LangChainTracer(project_name=traced.project, client=traced.client)
    return [tracer, handler] if order == "tracer first" else [handler, tracer]


def _get(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


@pytest.mark.parametrize("call", _CALLS)
@pytest.mark.parametrize("fault", _FAULTS)
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_failure_of_the_provider_stands_on_the_run(
    traced: Traced, replay: ReplayServer, provider: str, fault: str, call: str
) -> None:
    make, expected = _FAULTS[fault]
    answer, options = make(provider)
    model = chat_model(provider, replay.add(provider, fault, answer), _MODELS[provider], **options)
    for order in _ORDERS:
        handler = RespMetaHandler(feedback=False, include_content=True)
        with pytest.raises(Exception, match=r"."):
            _CALLS[call](model, {"callbacks": _callbacks(traced, handler, order)})
        (record,) = handler.records
        assert (record.provider, record.finish_reason) == (provider, "error")
    both = [run["extra"]["metadata"] for run in traced.runs(run_type="llm")]
    for metadata in both:
        _judge(metadata, expected)
    first, second = (_lasting(metadata["respmeta"]) for metadata in both)
    assert first == second


def _judge(metadata: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert metadata["respmeta_finish_reason"] == "error"
    assert metadata.get("respmeta_error_status") == expected.get("error.status_code")
    found = {path: _get(metadata["respmeta"], path) for path in ("error.message", *expected)}
    assert found.pop("error.message")
    # The integrations' own classes stand before the SDK's since langchain-core 1.6: OpenAIRateLimitError.
    assert found.pop("error.type", "").endswith(expected.get("error.type", ""))
    assert found == {path: value for path, value in expected.items() if path != "error.type"}


def _lasting(record: Mapping[str, Any]) -> dict[str, Any]:
    """What does not differ from call to call."""
    passing = {"run_id", "trace_id", "timing", "received_at"}
    headers = {**(_get(record, "http.headers") or {})}
    headers.pop("date", None)
    return {**{key: value for key, value in record.items() if key not in passing}, "http": headers}


@pytest.mark.parametrize("order", _ORDERS)
@pytest.mark.parametrize("call", ["stream", "astream"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_stream_that_breaks_off_keeps_what_came(
    traced: Traced, replay: ReplayServer, provider: str, call: str, order: str
) -> None:
    answer = Answer(_TEXTS[provider], fault="disconnect", fault_after=4)
    model = chat_model(provider, replay.add(provider, "breaks", answer), _MODELS[provider])
    handler = RespMetaHandler(feedback=False)
    with pytest.raises(Exception, match=r"."):
        _CALLS[call](model, {"callbacks": _callbacks(traced, handler, order)})
    metadata = traced.model_metadata()
    came = {"openai": "stop", "anthropic": "error"}  # OpenAI's word had come already
    assert metadata["respmeta_finish_reason"] == came[provider]
    assert metadata["respmeta"]["event"] == "error"
    assert metadata["respmeta_streamed"] is True
    assert metadata["respmeta_model"] == _MODELS[provider]
    assert metadata["respmeta"]["timing"]["time_to_first_token_s"] > 0


@pytest.mark.parametrize("call", ["invoke", "ainvoke"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("order", _ORDERS)
def test_a_failed_response_leaves_no_text_and_no_cookie_in_the_record(
    traced: Traced, replay: ReplayServer, provider: str, call: str, order: str
) -> None:
    model = chat_model(provider, replay.add(provider, "leaky", _error(provider, 400)), _MODELS[provider])
    with pytest.raises(Exception, match=r"."):
        _CALLS[call](model, {"callbacks": _callbacks(traced, RespMetaHandler(feedback=False), order)})
    metadata = traced.model_metadata()
    written = repr(ours_of(metadata))
    assert "some_error" in written
    for leak in ("a-cookie", "an-organization", "a-prompt"):
        assert leak not in written


class _Found(BaseModel):
    place: str


def test_what_an_agent_paid_for_an_answer_that_was_cut_stands_on_its_root(
    traced: Traced, replay: ReplayServer
) -> None:
    """langchain#30924: the SDK raises instead of handing over the answer; the root's sums have it."""
    body = {**copy.deepcopy(_OPENAI_TEXT), "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs"}
    body["choices"][0] |= {"finish_reason": "length", "message": {"role": "assistant", "content": '{"pl'}}
    model = chat_model("openai", replay.add("openai", "cut", Answer(body)), _MODELS["openai"])
    agent: Any = create_agent(model, tools=[], response_format=ProviderStrategy(_Found))
    with pytest.raises(Exception, match="length limit"):
        agent.invoke({"messages": [("user", "why?")]}, {"callbacks": [RespMetaHandler(feedback=False)]})
    metadata, root = traced.model_metadata(), traced.root_metadata()
    assert metadata["respmeta_error_type"] == "LengthFinishReasonError"
    assert metadata["respmeta_cost_usd"] == root["respmeta_cost_usd"] > 0
    assert (root["respmeta_finish_reason"], root["respmeta_truncated"]) == ("length", True)
    assert (root["respmeta_llm_calls"], root["respmeta_error_calls"]) == (1, 1)
    assert (root["respmeta_input_tokens"], root["respmeta_output_tokens"]) == (3, 4)


# --- given up by the caller ------------------------------------------------------------------------------------------


def _break_stream(model: Any, config: Any) -> None:
    stream = model.stream("why?", config)
    for number, _ in enumerate(stream):
        if number == 1:
            break
    stream.close()


def _break_astream(model: Any, config: Any) -> None:
    async def run() -> None:
        stream = model.astream("why?", config)
        async for _ in stream:
            break
        await stream.aclose()

    _RUNNER.run(run())


def _cancel_astream(model: Any, config: Any) -> None:
    async def listen(begun: asyncio.Event) -> None:
        async for _ in model.astream("why?", config):
            begun.set()
            await never()

    async def run() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(listen(begun))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    _RUNNER.run(run())


_GIVING_UP: Final = {"break": _break_stream, "async break": _break_astream, "cancel": _cancel_astream}


@pytest.mark.parametrize("order", _ORDERS)
@pytest.mark.parametrize("giving_up", _GIVING_UP)
def test_a_stream_that_nobody_listens_to_any_more_is_cancelled(
    traced: Traced, giving_up: str, order: str
) -> None:
    handler = RespMetaHandler(feedback=False)
    _GIVING_UP[giving_up](NumberedModel(), {"callbacks": _callbacks(traced, handler, order)})
    metadata = traced.model_metadata()
    assert metadata["respmeta_finish_reason"] == "cancelled"
    assert metadata["respmeta_cancelled"] is True
    assert "respmeta_error_type" not in metadata
    (record,) = handler.records
    assert (record.finish_reason, record.cancelled, record.error) == ("cancelled", True, None)


# --- odd ends --------------------------------------------------------------------------------------------------------


class _Retryable(LangChainException):
    """As the typed model errors of langchain-core 1.6 are."""

    is_retryable = True


class _Failing(NumberedModel):
    error: Any = None

    def _generate(self, *args: Any, **kwargs: Any) -> Any:
        raise self.error


@pytest.mark.parametrize("order", _ORDERS)
@pytest.mark.parametrize("call", ["invoke", "ainvoke"])
def test_a_typed_model_error_says_whether_to_try_again(traced: Traced, call: str, order: str) -> None:
    handler = RespMetaHandler(feedback=False)
    with pytest.raises(_Retryable):
        _CALLS[call](_Failing(error=_Retryable("later")), {"callbacks": _callbacks(traced, handler, order)})
    error = traced.model_metadata()["respmeta"]["error"]
    assert error == {"type": "_Retryable", "retryable": True}


def test_an_error_text_stays_in_the_process_unless_asked_for(traced: Traced) -> None:
    for include in (False, True):
        handler = RespMetaHandler(feedback=False, include_content=include)
        with pytest.raises(ValueError, match="about a customer"):
            _Failing(error=ValueError("about a customer")).invoke("why?", {"callbacks": [handler]})
    withheld, told = (run["extra"]["metadata"]["respmeta"]["error"] for run in traced.runs(run_type="llm"))
    assert withheld == {"type": "ValueError"}
    assert told == {"type": "ValueError", "message": "about a customer"}


def test_an_error_followed_by_an_end_counts_once() -> None:
    """As Bedrock's guardrails do, and core's own v3 streams when they are closed early."""
    from uuid import uuid4

    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    handler.on_chat_model_start({}, [[]], run_id=run_id)
    handler.on_llm_error(ValueError("blocked"), run_id=run_id)
    handler.on_llm_end(LLMResult(generations=[]), run_id=run_id)
    handler.on_llm_error(ValueError("again"), run_id=run_id)
    (record,) = handler.records
    assert record.finish_reason == "error"
    assert handler.summary()["calls"] == 1


class _HalfWay(NumberedModel):
    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for number, chunk in enumerate(super()._stream(*args, **kwargs)):
            if number == 2:
                raise ConnectionResetError("gone")
            yield chunk


def test_a_fallback_after_half_a_stream_has_a_record_of_its_own(traced: Traced) -> None:
    handler = RespMetaHandler(feedback=False)
    model = _HalfWay()

    def ask(question: str) -> Any:
        try:
            return list(model.stream(question))
        except ConnectionResetError:
            return NumberedModel().invoke(question)

    RunnableLambda(ask).invoke("why?", {"callbacks": [handler]})
    reasons = [run["extra"]["metadata"]["respmeta_finish_reason"] for run in traced.runs(run_type="llm")]
    assert sorted(reasons) == ["error", "stop"]
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_error_calls"]) == (2, 1)
    assert root["respmeta_finish_reason"] == "stop"  # the call that made up for it decides
