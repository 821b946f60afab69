"""Odd answers through the real classes: `invoke` that streams by itself (LangGraph), answers that end in an error."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.tracers._streaming import _StreamingCallbackHandler

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.cli.demo.wire import Event
from langchain_respmeta.demo import Answer, ReplayServer, chat_model
from tests.integrations.modes import MODES
from tests.peers.bodies import spent
from tests.peers.calls import model_at


class _Listener(BaseCallbackHandler, _StreamingCallbackHandler):  # type: ignore[misc]
    """What makes core stream: the sign that LangGraph's and `astream_events`' own handlers carry."""

    def tap_output_aiter(self, run_id: Any, output: Any) -> Any:
        return output

    def tap_output_iter(self, run_id: Any, output: Any) -> Any:
        return output


def _choice(index: int, content: str, finish_reason: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {"index": index, "message": message, "finish_reason": finish_reason}


def _ask(replay: ReplayServer, model: str, *ends: str) -> ResponseMetadata:
    body = {
        "id": "chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWXYZ123",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": model,
        "choices": [_choice(index, "Hi", end) for index, end in enumerate(ends)],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        "service_tier": "default",
        "system_fingerprint": "fp_0123abcd",
    }
    handler = RespMetaHandler(feedback=False)
    chat = chat_model("openai", replay.add("openai", "by_itself", body), model, n=len(ends))
    chat.invoke("Hi", {"callbacks": [handler, _Listener()]})
    (record,) = handler.records
    return record


@pytest.mark.parametrize(
    ("model", "ends", "finish_reason"),
    [
        ("gpt-4o-2024-08-06", ("stop", "stop"), "stop"),
        ("gpt-4o-2024-08-06", ("stop", "length"), "length"),
        ("o3", ("stop", "stop"), "stop"),
    ],
)
def test_candidates_that_were_merged_double_no_word(
    replay: ReplayServer, model: str, ends: tuple[str, ...], finish_reason: str
) -> None:
    record = _ask(replay, model, *ends)
    told = record.provider, record.model, record.service_tier, record.system_fingerprint
    assert told == ("openai", model, "default", "fp_0123abcd")
    assert (record.finish_reason, record.native_finish_reason) == (finish_reason, finish_reason)
    assert (record.streamed, record.unmapped) == (True, ())
    assert record.cost is not None
    assert record.cost.total is not None


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("deepseek-ai/DeepSeek-V3", "DeepSeek-V3", "deepseek-ai/DeepSeek-V3"),
        ("small", "large-2", "large-2"),
        ("gpt-5-mini", "gpt-5-mini-2025-08-07", "gpt-5-mini-2025-08-07"),
    ],
)
@pytest.mark.parametrize("mode", ["stream", "astream"])
def test_of_models_that_chunks_name_in_several_ways_one_is_told(
    replay: ReplayServer, mode: str, first: str, then: str, told: str
) -> None:
    """LangChain's merge writes them in a row; the chunks tell where one ends."""

    def end(model: str, **more: Any) -> Event:
        choice = {"index": 0, "delta": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": model}
        return Event({**chunk, "choices": [choice], **more})

    answer = Answer({}, events=[end(first), end(then, usage=spent(10, 5)), Event("[DONE]")])
    handler = RespMetaHandler(feedback=False)
    MODES[mode](model_at(replay, "openai", answer, model="asked"), {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.model, record.finish_reason) == (told, "stop")


def test_an_answer_that_ends_in_an_error_is_billed_and_priced(replay: ReplayServer) -> None:
    candidate = {"index": 0, "finishReason": "MALFORMED_FUNCTION_CALL", "content": {}}
    body = {
        "candidates": [candidate],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
        "modelVersion": "gemini-2.5-flash",
    }
    handler = RespMetaHandler(feedback=False)
    chat = chat_model("google", replay.add("google", "malformed", body), "gemini-2.5-flash")
    chat.invoke("Hi", {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.finish_reason, record.error) == ("error", None)
    assert record.cost is not None
    assert record.cost.total == Decimal("0.0000155")


def test_arguments_that_were_cut_in_a_stream_by_itself_are_not_valid(replay: ReplayServer) -> None:
    function = {"name": "weather", "arguments": '{"city": "Par'}
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
    }
    choice = {"index": 0, "message": message, "finish_reason": "length"}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o", "choices": [choice]}
    handler = RespMetaHandler(feedback=False)
    chat = chat_model("openai", replay.add("openai", "cut", body), "gpt-4o")
    answer = chat.invoke("Hi", {"callbacks": [handler, _Listener()]})
    assert answer.tool_calls[0]["args"] == {"city": "Par"}  # LangChain closed them
    (call,) = handler.records[0].tool_calls
    assert (call.id, call.valid, call.args_size_bytes) == ("call_1", False, len('{"city": "Par'))
