"""Times of streams, and what LangChain's newer streams lose on the way."""

from __future__ import annotations

import json
from time import perf_counter, sleep
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs import table as runs
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.demo import Answer, ReplayServer
from tests.peers.bodies import chat, claude, gemini, response, said, spent
from tests.peers.calls import STREAMS, ask, model_at, tokens

LONG = "a good many words " * 20
DELAY = 0.02


@STREAMS
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_the_first_token_is_not_the_first_empty_chunk(replay: ReplayServer, provider: str, mode: str) -> None:
    """langsmith-sdk#1752 asks what the first token is; langfuse#15615: none at all with v3's stream events.

    OpenAI's and Anthropic's first chunks are empty: a first *callback* is not a first token.
    """
    usage = {"input_tokens": 10, "output_tokens": 60}
    body = (
        chat(spent(10, 60), message={"content": LONG})
        if provider == "openai"
        else claude(usage, [{"type": "text", "text": LONG}])
    )
    timing = ask(replay, provider, Answer(body, chunk_delay_s=DELAY), mode, model="m").timing
    assert timing is not None
    assert timing.time_to_first_chunk_s < timing.time_to_first_token_s < timing.latency_s  # type: ignore[operator]
    assert timing.tokens_per_second is not None


@pytest.mark.parametrize(
    "holds",
    [
        {"content": "Hi"},
        {"content": [{"type": "text", "text": "Hi"}]},
        {"content": "", "additional_kwargs": {"reasoning_content": "Hm."}},
        {"content": "", "tool_call_chunks": [{"name": "f", "args": "", "id": "1", "index": 0}]},
    ],
    ids=["text", "block", "reasoning", "tool call"],
)
def test_an_empty_chunk_is_no_token_and_a_thought_or_a_tool_call_is_one(holds: dict[str, Any]) -> None:
    """langsmith-sdk#1752, inference-perf#559: told apart without a network in between."""
    handler, run_id = RespMetaHandler(feedback=False, prices=False), uuid4()
    handler.on_chat_model_start({"id": ["ChatOpenAI"]}, [[]], run_id=run_id)
    for fields in ({"content": ""}, holds):
        chunk = ChatGenerationChunk(message=AIMessageChunk(**fields))
        handler.on_llm_new_token(token=chunk.text, chunk=chunk, run_id=run_id)
        sleep(DELAY)
    handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=AIMessage("Hi"))]]), run_id=run_id)
    timing = handler.records[0].timing
    assert timing is not None
    assert timing.time_to_first_token_s - timing.time_to_first_chunk_s >= DELAY  # type: ignore[operator]
    assert timing.latency_s - timing.time_to_first_token_s >= DELAY  # type: ignore[operator]


def test_the_first_thought_is_a_first_token(replay: ReplayServer) -> None:
    """inference-perf#559: the time to the first token leaves out reasoning, so that a thinking model seems slow."""
    content = [
        {"type": "thinking", "thinking": LONG, "signature": "s"},
        {"type": "text", "text": LONG},
    ]
    body = claude({"input_tokens": 10, "output_tokens": 60}, content)
    model = model_at(replay, "anthropic", body, model="m", thinking=THINKING, max_tokens=2000)
    handler = RespMetaHandler(feedback=False, prices=False)
    began, thoughts, text_began = perf_counter(), 0, None
    for chunk in model.stream("hi", config={"callbacks": [handler]}):
        if chunk.text:
            text_began = text_began or perf_counter() - began
        elif text_began is None and "thinking" in str(chunk.content):
            thoughts += 1
            sleep(DELAY)
    assert thoughts > 1
    timing = handler.records[0].timing
    assert timing is not None
    assert timing.time_to_first_token_s + thoughts * DELAY <= text_began  # type: ignore[operator]


THINKING = {"type": "enabled", "budget_tokens": 1024}


@STREAMS
def test_details_that_a_newer_stream_overwrites_come_back(replay: ReplayServer, mode: str) -> None:
    """In v3 the last chunk's details win, and Gemini's last chunk adds nothing: cached and thoughts become 0."""
    usage = {
        "promptTokenCount": 1000,
        "cachedContentTokenCount": 600,
        "candidatesTokenCount": 80,
        "thoughtsTokenCount": 120,
        "totalTokenCount": 1200,
    }
    record = ask(replay, "google", gemini(usage, LONG), mode)
    assert tokens(record, "input", "output", "cache_read", "reasoning") == (1000, 200, 600, 120)


@STREAMS
def test_every_citation_of_a_block_survives_a_stream(replay: ReplayServer, mode: str) -> None:
    """In v3 a text block keeps its last annotation only; no peer implements `on_stream_event`."""
    cited = [
        {
            "type": "url_citation",
            "url": f"https://{n}.example",
            "title": f"{n}",
            "start_index": n,
            "end_index": n + 2,
        }
        for n in range(4)
    ]
    usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    record = ask(replay, "openai_responses", response(usage, [said(LONG, annotations=cited)]), mode)
    assert [citation.url for citation in record.citations] == [f"https://{n}.example" for n in range(4)]


def test_a_stream_whose_chunks_cannot_be_merged_is_not_kept_for_ever(
    replay: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that changes kind between chunks: LangChain's merge raises, and no callback ends the run."""
    frame = {**chat(), "object": "chat.completion.chunk"}
    del frame["choices"]

    def chunk(tier: Any) -> str:
        choices = [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]
        return f"data: {json.dumps({**frame, 'choices': choices, 'service_tier': tier})}\n\n"

    raw = "".join([chunk("flex"), chunk({"odd": 1}), "data: [DONE]\n\n"]).encode()
    answer = Answer(raw=raw, content_type="text/event-stream")
    handler = RespMetaHandler(feedback=False, prices=False)
    model = model_at(replay, "openai", answer, model="m")
    with pytest.raises(TypeError):
        list(model.stream("hi", config={"callbacks": [handler]}))
    monkeypatch.setattr(runs, "MAX_AGE_S", 0.0)
    model_at(replay, "openai", chat(spent(1, 1))).invoke("hi", config={"callbacks": [handler]})
    assert sorted(str(record.finish_reason) for record in handler.records) == [
        "stop",
        "stop",
    ]  # the word had come
    assert STATE[RUNS]._live == {}
