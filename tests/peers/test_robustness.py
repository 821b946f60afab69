"""The handler itself: cheap to import, on the caller's loop, and without content in its log."""

from __future__ import annotations

import asyncio
import inspect
import logging
import pickle
import subprocess
import sys
import threading
from enum import Enum
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.callbacks.manager import CallbackManager
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta.demo import ReplayServer
from tests.peers.bodies import BEDROCK_SONNET, chat, claude, converse, spent
from tests.peers.calls import ask, model_at


def test_callbacks_have_the_names_that_langchain_calls_them_with() -> None:
    """`token` comes by keyword; without `on_chat_model_start` core turns every prompt into text (280 us of 50 messages)."""
    assert "token" in inspect.signature(RespMetaHandler.on_llm_new_token).parameters
    assert "response" in inspect.signature(RespMetaHandler.on_llm_error).parameters
    for name in ("on_chat_model_start", "on_stream_event"):
        assert getattr(RespMetaHandler, name) is not getattr(BaseCallbackHandler, name, None)
    assert RespMetaHandler.raise_error is False


def test_async_calls_stay_on_their_own_thread() -> None:
    """Without `run_inline` each callback of `ainvoke` goes through a thread pool: 726 us in place of 78."""
    seen = set()

    class Watched(RespMetaHandler):
        def on_llm_end(self, response: Any, **kwargs: Any) -> None:
            seen.add(threading.get_ident())
            super().on_llm_end(response, **kwargs)

    handler = Watched(feedback=False, prices=False)
    model = GenericFakeChatModel(messages=iter([AIMessage("hi")]))
    asyncio.run(model.ainvoke("hi", config={"callbacks": [handler]}))
    assert seen == {threading.get_ident()}
    assert len(handler.records) == 1


def test_no_prompt_is_turned_into_text_for_it() -> None:
    """Core raises NotImplementedError inside, and stringifies the prompt, for handlers without `on_chat_model_start`."""
    handler = RespMetaHandler(feedback=False, prices=False)

    class Unprintable(AIMessage):
        def text(self) -> str:  # type: ignore[override]
            raise AssertionError("somebody reads the prompt")

        def __str__(self) -> str:
            raise AssertionError("somebody reads the prompt")

    manager = CallbackManager([handler])
    (run,) = manager.on_chat_model_start({"id": ["ChatOpenAI"]}, [[Unprintable("hi")]])
    run.on_llm_error(ValueError("no"))
    assert len(handler.records) == 1


HEAVY = (
    "genai_prices",
    "litellm",
    "openai",
    "anthropic",
    "langchain_openai",
    "starlette",
    "typer",
    "opentelemetry",
    "langsmith.client",
)


def test_importing_it_imports_nothing_heavy() -> None:
    """litellm takes 4.4 s, opik 3.5 s, langwatch 6.5 s: imports are paid by every process."""
    program = f"import sys, langchain_respmeta; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SECRET = "the patient's name is Ada Lovelace"


def test_what_it_cannot_read_is_logged_without_a_word_of_it(
    replay: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Opik logs the whole run, prompt and answer, when it finds no usage in it."""
    usage = {"prompt_tokens": SECRET, "completion_tokens": [SECRET], "total_tokens": 3, "odd": SECRET}
    message = AIMessage(
        SECRET, response_metadata={"token_usage": usage, "model_name": "m", "finish_reason": SECRET}
    )
    handler = RespMetaHandler(feedback=False)
    with caplog.at_level(logging.DEBUG, "langchain_respmeta"):
        model = GenericFakeChatModel(messages=iter([message]))
        model.invoke(SECRET, config={"callbacks": [handler]})
        assert handler.records[0].warnings
        ask(replay, "openai", chat(None, message={"content": SECRET}))
        handler.summary()
    assert SECRET not in caplog.text


def test_no_text_of_prompt_or_answer_is_in_a_record_unasked(replay: ReplayServer) -> None:
    """Of twelve handlers nine send content by default; this one's records hold none."""
    for provider, body in {
        "openai": chat(spent(1, 1), message={"content": SECRET}),
        "anthropic": claude({"input_tokens": 1, "output_tokens": 1}, [{"type": "text", "text": SECRET}]),
    }.items():
        handler = RespMetaHandler(feedback=False)
        model_at(replay, provider, body).invoke(SECRET, config={"callbacks": [handler]})
        assert SECRET not in str(handler.records[0].to_dict())


class Harm(Enum):
    HARASSMENT = "HARM_CATEGORY_HARASSMENT"


def test_enums_of_a_provider_become_words() -> None:
    """Gemini's metadata holds enums that pickle only where its package is installed."""
    message = AIMessage(
        "hi",
        response_metadata={
            "finish_reason": "STOP",
            "model_provider": "google_genai",
            "safety_ratings": [{"category": Harm.HARASSMENT, "probability": "LOW", "blocked": False}],
        },
    )
    record = normalize(message)
    assert record.safety[0].category == "HARM_CATEGORY_HARASSMENT"
    assert type(record.safety[0].category) is str
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301 - our own


@pytest.mark.parametrize("mode", ["invoke", "stream"])
def test_a_latency_in_a_list_is_a_number(replay: ReplayServer, mode: str) -> None:
    """Bedrock's `latencyMs` is `[551]` in an answer and 551 in a stream."""
    usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
    timing = ask(replay, "bedrock", converse(usage), mode, model=BEDROCK_SONNET).timing
    assert timing is not None
    assert timing.provider_total_s == 0.551


def test_one_bad_field_costs_only_itself() -> None:
    """opik#2705: one value of another kind, and the whole call is lost."""
    message = AIMessage(
        "hi",
        response_metadata={
            "model_name": 7,
            "finish_reason": "stop",
            "service_tier": ["odd"],
            "token_usage": spent(10, 2, prompt_tokens_details="odd"),
            "logprobs": "odd",
        },
    )
    record = normalize(message, start={"serialized": {"id": ["ChatOpenAI"]}})
    assert record.finish_reason == "stop"
    assert record.usage is not None
    assert record.usage.total_tokens == 12
    assert len(record.warnings) >= 2


def test_what_one_call_brought_does_not_colour_the_next() -> None:
    """Opik keeps the keys of one answer in a module's set, and looks for them in all that follow."""
    start = {"serialized": {"id": ["ChatOpenAI"]}}
    usage = spent(10, 2, brand_new_tokens=5)
    odd = AIMessage("hi", response_metadata={"model_name": MODEL, "token_usage": usage, "newest": 1})
    plain = AIMessage("hi", response_metadata={"model_name": MODEL, "token_usage": spent(10, 2)})
    before = normalize(plain, start=start).to_dict()
    assert normalize(odd, start=start).unmapped
    after = normalize(plain, start=start).to_dict()
    assert {**before, "received_at": None} == {**after, "received_at": None}


MODEL = "gpt-5-mini"
