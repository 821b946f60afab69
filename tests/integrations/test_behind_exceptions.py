"""Calls that raise although an answer came: the record has its cost, model, finish reason and the error."""

from __future__ import annotations

import gc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.runnables import RunnableLambda
from pydantic import BaseModel

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.cli.demo.wire import Event
from langchain_respmeta.demo import Answer, ReplayServer
from tests.integrations.modes import MODES
from tests.peers.bodies import MINI, chat, claude, response, said, spent
from tests.peers.calls import model_at

USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 400},
    "output_tokens": 100,
    "output_tokens_details": {"reasoning_tokens": 30},
    "total_tokens": 1100,
}
CUT = chat(spent(1000, 100), "length", {"content": '{"place": "Ur'})
NO_JSON = chat(spent(1000, 100), "stop", {"content": '{"place": 3'})
COST = Decimal("0.00045")  # 1,000 at 0.25 and 100 at 2 dollars a million


class Find(BaseModel):
    """What is asked for."""

    place: str


def structured(model: Any, **options: Any) -> Any:
    return model.with_structured_output(Find, method="json_schema", **options)


def raised(
    replay: ReplayServer, provider: str, body: Any, mode: str = "invoke", kind: str = "", **options: Any
) -> ResponseMetadata:
    """The one record of a structured call that raises."""
    handler = RespMetaHandler(feedback=False, include_content=True)
    model = structured(model_at(replay, provider, body, **options))
    with pytest.raises(Exception, match=r".") as caught:
        MODES[mode](model, {"callbacks": [handler]})
    assert type(caught.value).__name__ == kind or not kind
    (record,) = handler.records
    return record


def is_told(record: ResponseMetadata, finish: str, cost: Decimal | None = COST) -> None:
    assert (record.finish_reason, record.model, record.event) == (finish, MINI, "error")
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (1000, 100)
    assert record.cost is not None
    assert record.cost.total == cost
    assert record.error is not None
    assert (record.error.status_code, record.error.code) == (None, None)
    assert record.error.type
    assert record.error.message
    assert record.cancelled is None


@pytest.mark.parametrize("mode", ["invoke", "ainvoke"])
@pytest.mark.parametrize("provider", ["openai", "xai"])
def test_an_answer_that_the_token_limit_cut(replay: ReplayServer, provider: str, mode: str) -> None:
    """langchain#30924, openai-python#1700: LengthFinishReasonError."""
    record = raised(replay, provider, CUT, mode, "LengthFinishReasonError")
    assert (record.finish_reason, record.truncated, record.native_finish_reason) == ("length", True, "length")
    if provider == "openai":
        is_told(record, "length")
    else:
        assert record.usage is not None
        assert record.usage.total_tokens == 1100


@pytest.mark.parametrize("mode", ["invoke", "ainvoke"])
def test_an_answer_that_a_filter_cut(replay: ReplayServer, mode: str) -> None:
    body = chat(spent(1000, 100), "content_filter", {"content": ""})
    record = raised(replay, "openai", body, mode, "ContentFilterFinishReasonError")
    is_told(record, "content_filter")
    assert record.refused


@pytest.mark.parametrize("mode", ["invoke", "ainvoke"])
def test_an_answer_that_is_not_what_was_asked_for(replay: ReplayServer, mode: str) -> None:
    is_told(raised(replay, "openai", NO_JSON, mode, "ValidationError"), "stop")


@pytest.mark.parametrize("mode", ["invoke", "ainvoke"])
def test_an_answer_of_the_responses_api_that_is_not_what_was_asked_for(
    replay: ReplayServer, mode: str
) -> None:
    """langchain#38561: its status is no code of an error."""
    record = raised(replay, "openai_responses", response(USAGE, [said('{"place": 3')]), mode)
    is_told(record, "stop", Decimal("0.00036"))
    assert (record.api, record.native_finish_reason) == ("responses", "completed")
    assert record.usage is not None
    assert (record.usage.cache_read_tokens, record.usage.reasoning_tokens) == (400, 30)


@pytest.mark.parametrize("mode", ["stream", "astream"])
def test_a_stream_that_the_token_limit_cut(replay: ReplayServer, mode: str) -> None:
    """The SDK raises before the counts come: the end and the model are told, and no price is made up."""
    record = raised(replay, "openai", CUT, mode, "LengthFinishReasonError")
    assert (record.finish_reason, record.truncated, record.model) == ("length", True, MINI)
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "no_usage")


@pytest.mark.parametrize("mode", ["stream", "astream"])
@pytest.mark.parametrize("provider", ["openai", "xai"])
def test_a_stream_that_is_not_what_was_asked_for(replay: ReplayServer, provider: str, mode: str) -> None:
    """The SDK raises at the chunk that ends the answer, before anybody gets it: that chunk is still in its hands."""
    record = raised(replay, provider, NO_JSON, mode, "ValidationError")
    assert (record.finish_reason, record.native_finish_reason, record.event) == ("stop", "stop", "error")
    assert (record.model, record.usage) == (MINI, None)
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "no_usage")


@pytest.mark.parametrize("mode", ["stream", "astream", "v3"])
def test_a_response_that_failed_in_its_stream_has_its_model_and_counts(
    replay: ReplayServer, mode: str
) -> None:
    error = {"code": "server_error", "message": "Gone."}
    failed = {**response(USAGE, []), "status": "failed", "error": error}
    event = {"type": "response.failed", "sequence_number": 1, "response": failed}
    model = model_at(replay, "openai_responses", Answer(chat(), events=[Event(event, "response.failed")]))
    handler = RespMetaHandler(feedback=False)
    with pytest.raises(ValueError, match="Gone"):
        MODES[mode](model, {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.finish_reason, record.model, record.api) == ("error", MINI, "responses")
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.cache_read_tokens) == (1000, 400)
    assert record.error is not None
    assert (record.error.code, record.error.retryable) == ("server_error", True)


# --- ends that came --------------------------------------------------------------------------------------------------

REFUSED = chat(spent(1000, 100), "stop", {"content": None, "refusal": "I'm sorry, no."})


@pytest.mark.parametrize("mode", ["invoke", "ainvoke", "stream", "astream"])
def test_a_refusal_in_the_message_ends_with_the_providers_word_in_every_mode(
    replay: ReplayServer, mode: str
) -> None:
    """langchain#39747: a parser raises after the last chunk, and the finished stream is closed."""
    handler = RespMetaHandler(feedback=False)
    with pytest.raises(Exception, match="sorry"):
        MODES[mode](structured(model_at(replay, "openai", REFUSED)), {"callbacks": [handler]})
    gc.collect()
    (record,) = handler.records
    assert (record.finish_reason, record.refused, record.cancelled) == ("stop", True, None)
    assert record.refusal is not None
    assert record.refusal.source == "message"
    assert record.cost is not None
    assert record.cost.total == COST


def _counts(chunk: Any) -> bool:
    return bool(chunk.usage_metadata and chunk.usage_metadata["output_tokens"])


def _ends(chunk: Any) -> bool:
    return bool(chunk.response_metadata.get("finish_reason") or chunk.response_metadata.get("stop_reason"))


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_who_stops_listening_after_the_last_chunk_cancels_nothing(
    replay: ReplayServer, provider: str, *, asynchronous: bool
) -> None:
    body = chat(spent(1000, 100)) if provider == "openai" else claude({"input_tokens": 3, "output_tokens": 4})
    handler = RespMetaHandler(feedback=False)
    _listen(model_at(replay, provider, body), handler, _counts, asynchronous=asynchronous)
    (record,) = handler.records
    assert (record.finish_reason, record.cancelled, record.error) == ("stop", None, None)
    assert record.cost is not None
    assert record.cost.total is not None


def _listen(
    model: Any, handler: RespMetaHandler, enough: Callable[[Any], bool], *, asynchronous: bool = False
) -> None:
    config: Any = {"callbacks": [handler]}
    if not asynchronous:
        stream = model.stream("hi", config)
        next(chunk for chunk in stream if enough(chunk))
        stream.close()
        return

    class Once:
        async def ainvoke(self, prompt: str, config: Any) -> None:
            stream = model.astream(prompt, config=config)
            async for chunk in stream:
                if enough(chunk):
                    break
            await stream.aclose()

    MODES["ainvoke"](Once(), config)


def test_an_end_without_counts_has_no_price(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False)
    _listen(model_at(replay, "openai", chat(spent(1000, 100))), handler, _ends)
    (record,) = handler.records
    assert (record.finish_reason, record.usage, record.cancelled) == ("stop", None, None)
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "no_usage")


def part(text: str, finish: str | None = None, usage: Any = None, **top: Any) -> Event:
    """One event of a chat completion's stream, which may tell the counts so far."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    told = {"usage": usage} if usage else {}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MINI}
    return Event({**chunk, "choices": [choice], **told, **top})


def test_counts_that_are_told_on_the_way_are_no_bill(replay: ReplayServer) -> None:
    """A server that tells them with every chunk: what had come is told, and has no price."""
    events = [part("a", usage=spent(9, 1)), part("b", usage=spent(9, 2)), part("c", usage=spent(9, 3))]
    handler = RespMetaHandler(feedback=False)
    answer = Answer(chat(), events=[*events, Event("[DONE]")])
    _listen(model_at(replay, "openai", answer), handler, lambda chunk: chunk.content == "b")
    (record,) = handler.records
    assert (record.finish_reason, record.cancelled) == ("cancelled", True)
    assert record.usage is not None
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "usage_incomplete")


@pytest.mark.parametrize("mode", ["stream", "astream", "v3"])
def test_a_stream_that_ends_before_its_end_says_so(replay: ReplayServer, mode: str) -> None:
    events = [part("a"), part("b", usage=spent(9, 2))]
    handler = RespMetaHandler(feedback=False)
    MODES[mode](model_at(replay, "openai", Answer(chat(), events=events)), {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.finish_reason, record.error) == (None, None)
    assert "no finish reason came" in " ".join(record.warnings)
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "usage_incomplete")


@pytest.mark.parametrize("mode", ["stream", "astream", "v3"])
def test_a_stream_that_breaks_after_its_end_is_told_whole(replay: ReplayServer, mode: str) -> None:
    last = Event({"error": {"message": "Gone.", "type": "server_error", "code": "server_error"}})
    events = [part("a"), part("", "stop"), part("", None, spent(1000, 100), choices=[]), last]
    handler = RespMetaHandler(feedback=False)
    with pytest.raises(Exception, match=r"Gone"):
        MODES[mode](model_at(replay, "openai", Answer(chat(), events=events)), {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.finish_reason, record.model, record.event) == ("stop", MINI, "error")
    assert record.cost is not None
    assert record.cost.total == COST
    assert record.error is not None
    assert (record.error.code, record.error.retryable) == ("server_error", True)


def test_a_parser_that_raises_leaves_the_answer_as_it_is(replay: ReplayServer) -> None:
    def refuse(message: Any) -> Any:
        raise OutputParserException("no place in it", llm_output=str(message.content))

    handler = RespMetaHandler(feedback=False)
    chain = model_at(replay, "openai", chat(spent(1000, 100))) | RunnableLambda(refuse)
    with pytest.raises(OutputParserException):
        chain.invoke("where?", {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.finish_reason, record.error) == ("stop", None)
    assert record.cost is not None
    assert record.cost.total == COST
