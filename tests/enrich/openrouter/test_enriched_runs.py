"""Real models, an OpenRouter that knows their generations, and a LangSmith that takes the runs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI

from langchain_respmeta import RespMetaHandler, ResponseMetadata, SettingsError
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.enrich.openrouter.enricher import Lookups, OpenRouterEnricher
from tests.attachment.traced import Traced
from tests.enrich.openrouter.generation_server import GENERATION, KEY, GenerationServer, Says
from tests.waiting import CEILING_S, ended, until

Make = Callable[..., OpenRouterEnricher]
Model = Callable[..., Any]

CHAT: dict[str, Any] = {
    "id": "gen-1",
    "object": "chat.completion",
    "created": 1_721_086_398,
    "model": "openai/gpt-5-mini",
    "provider": "Infermatic",
    "system_fingerprint": None,
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "native_finish_reason": "completed",
            "logprobs": None,
            "message": {"role": "assistant", "content": "hello", "refusal": None},
        }
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 26, "total_tokens": 38, "cost": 0.0014},
}

_numbers = count(1)


def _chat_openrouter(base_url: str, **options: Any) -> Any:
    package = pytest.importorskip("langchain_openrouter")
    return package.ChatOpenRouter(
        model="openai/gpt-5-mini", api_key="sk-or-chat", base_url=base_url, **options
    )


def _chat_openai(base_url: str, **options: Any) -> Any:
    return ChatOpenAI(
        model="openai/gpt-5-mini", api_key="sk-or-chat", base_url=base_url, stream_usage=True, **options
    )


@pytest.fixture(params=[_chat_openrouter, _chat_openai], ids=["ChatOpenRouter", "ChatOpenAI"])
def model(request: pytest.FixtureRequest, chat: Model) -> Any:
    return request.param(chat())


@pytest.fixture
def chat(replay: ReplayServer) -> Model:
    """The base URL of an OpenRouter that chats."""

    def add(**changes: Any) -> str:
        return replay.add("openrouter", f"chat-{next(_numbers)}", CHAT | changes) + "/api/v1"

    return add


@pytest.fixture
def make(make: Make, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Enrichers that take the replayed answers of ChatOpenAI for OpenRouter's, as they take openrouter.ai's."""
    monkeypatch.setattr(
        OpenRouterEnricher, "wants", lambda _, draft, start: bool(start and draft.get("response_id"))
    )
    return make


def _stream(model: Any, config: Any) -> None:
    for _ in model.stream("hi", config=config):
        pass


async def _astream(model: Any, config: Any) -> None:
    async for _ in model.astream("hi", config=config):
        pass


WAYS: dict[str, Callable[[Any, Any], None]] = {
    "invoke": lambda model, config: model.invoke("hi", config=config),
    "ainvoke": lambda model, config: asyncio.run(model.ainvoke("hi", config=config)),
    "stream": _stream,
    "astream": lambda model, config: asyncio.run(_astream(model, config)),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_field_of_a_generation_lands_in_the_record(make: Make, model: Any, way: str) -> None:
    enricher = make()
    handler = RespMetaHandler(enrichers=[enricher], feedback=False)
    WAYS[way](model, {"callbacks": [handler]})
    assert handler.flush(CEILING_S)
    (record,) = handler.records
    if record.integration == "ChatOpenAI" and "stream" in way:
        # LangChain drops the generation's id there, so there is nothing to look up.
        assert (record.response_id, enricher.lookups) == (None, Lookups())
        return
    whole = ResponseMetadata.from_openrouter({"data": GENERATION})
    assert record.routing == whole.routing
    assert record.created_at == whole.created_at
    assert record.cost is not None
    assert record.usage is not None
    assert record.timing is not None
    assert whole.usage is not None
    assert whole.timing is not None
    assert (record.cost.total, record.cost.source, record.cost.currency) == (
        Decimal("0.0015"),
        "provider",
        "USD",
    )
    assert (record.cost.cache_discount, record.cost.upstream_inference) == (
        Decimal("0.0002"),
        Decimal("0.0012"),
    )
    assert (record.cost.unpriced_reason, record.cost.price_version) == (None, None)
    for name in (
        "native_input_tokens", "native_output_tokens", "native_reasoning_tokens", "native_cached_tokens",
        "native_output_image_tokens", "num_media_prompt", "num_media_completion", "num_search_results",
    ):  # fmt: skip
        assert getattr(record.usage, name) == getattr(whole.usage, name) is not None
    for name in ("provider_total_s", "moderation_s", "generation_s"):
        assert getattr(record.timing, name) == getattr(whole.timing, name) is not None
    assert (record.streamed, record.cancelled) == (True, False)
    assert (record.provider, record.response_id, record.model) == ("openrouter", "gen-1", "openai/gpt-5-mini")
    assert (record.finish_reason, record.native_finish_reason) == ("stop", "completed")
    assert (record.usage.input_tokens, record.usage.output_tokens) == (12, 26), (
        "the answer's count is what is billed"
    )
    assert record.provider_data["openrouter"] == {
        "tokens_prompt": 10, "tokens_completion": 25, "api_type": "completions",
    }  # fmt: skip
    assert enricher.lookups == Lookups(found=1)


def test_the_recorder_the_sinks_and_the_sums_learn_of_it(
    server: GenerationServer, make: Make, model: Any
) -> None:
    server.default = [Says(hang=True), Says(404), Says()]
    shown: list[ResponseMetadata] = []
    handler = RespMetaHandler(enrichers=[make()], feedback=False, sinks=[shown.append])
    model.invoke("hi", config={"callbacks": [handler]})
    until(lambda: len(shown) == 1, "the record as the answer told it")
    server.released.set()
    assert handler.flush(CEILING_S)
    summary = handler.summary()
    first, last = shown
    assert first.run_id == last.run_id == handler.records[0].run_id
    assert last == handler.records[0]
    assert first.cost is not None
    assert first.cost.total == Decimal("0.0014")
    assert (summary["calls"], summary["cost_usd"], summary["by"]["provider"]) == (
        1,
        Decimal("0.0015"),
        {"openrouter": 1},
    )
    assert summary["output_tokens"] == 26
    assert last.warnings == ("cost: the answer said 0.0014, OpenRouter later 0.0015",)


# --- the caller ----------------------------------------------------------------------------------------------------------


def test_the_callers_thread_never_touches_the_look_up(
    make: Make, chat: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []

    class Seen(httpx.Client):
        def send(self, *args: Any, **kwargs: Any) -> httpx.Response:
            touched.append(threading.current_thread().name)
            return super().send(*args, **kwargs)

    monkeypatch.setattr(httpx, "Client", Seen)
    model = _chat_openai(chat())
    handler = RespMetaHandler(enrichers=[make()], feedback=False)
    chain = RunnableLambda(str) | model
    for _ in range(5):
        chain.invoke("hi", {"callbacks": [handler]})
    asyncio.run(chain.ainvoke("hi", {"callbacks": [handler]}))
    assert handler.flush(CEILING_S)
    assert len(touched) == 6
    assert all(name.startswith("respmeta-openrouter") for name in touched)


@pytest.mark.parametrize(
    "says", [Says(hang=True), Says(404), Says(429, headers={"Retry-After": "60"}), Says(500)]
)
def test_a_chain_is_over_before_its_look_up_whatever_the_server_does(
    server: GenerationServer, make: Make, traced: Traced, model: Any, says: Says
) -> None:
    server.default = [says]
    long = 10 * CEILING_S
    enricher = make(timeout_s=long, max_wait_s=long, first_backoff_s=long)
    handler = RespMetaHandler(enrichers=[enricher])
    answers = [ended(lambda: model.invoke("hi", config={"callbacks": [handler]})) for _ in range(3)]
    runs = traced.runs(run_type="llm")
    assert [answer.content for answer in answers] == ["hello"] * 3
    assert len(runs) == 3
    assert enricher.lookups.waiting == 3
    assert len(handler.records) == 3


def test_a_handler_shows_the_plain_record_where_nothing_is_found(
    server: GenerationServer, make: Make, model: Any
) -> None:
    server.default = [Says(400)]
    handler = RespMetaHandler(enrichers=[make()], feedback=False)
    model.invoke("hi", config={"callbacks": [handler]})
    assert handler.flush(CEILING_S)
    assert handler.records[0].finish_reason == "stop"
    assert "openrouter" not in handler.records[0].provider_data


# --- LangSmith -----------------------------------------------------------------------------------------------------------


def _generation_feedback(traced: Traced, handler: RespMetaHandler) -> list[dict[str, Any]]:
    return [one for one in traced.feedback(handler) if one["key"].endswith("_generation")]


def test_what_comes_late_is_feedback_on_the_run(
    server: GenerationServer, make: Make, traced: Traced, model: Any
) -> None:
    server.default = [Says(hang=True), Says(404), Says()]
    handler = RespMetaHandler(enrichers=[make()])
    model.invoke("hi", config={"callbacks": [handler]})
    server.released.set()
    (feedback,) = _generation_feedback(traced, handler)
    run = traced.model_run()
    assert (
        "respmeta_upstream_provider" not in traced.model_metadata()
        or model.__class__.__name__ == "ChatOpenRouter"
    )
    assert (feedback["key"], feedback["run_id"]) == ("respmeta_generation", run["id"])
    value = feedback["value"]
    assert value["routing"] == {
        "upstream_id": "chatcmpl-791bcf62", "app_id": 12345, "upstream_provider": "Infermatic",
        "origin": "https://openrouter.ai/", "is_byok": False, "external_user": "user-123",
    }  # fmt: skip
    assert (value["response_id"], value["finish_reason"]) == ("gen-1", "stop")
    assert value["cost"]["total"] == "0.0015"
    assert value["usage"]["native_cached_tokens"] == 3
    assert value["timing"]["moderation_s"] == 0.05
    assert value["provider_data"]["openrouter"]["tokens_prompt"] == 10


def test_such_feedback_never_extends_retention_and_holds_no_key(
    make: Make, traced: Traced, model: Any
) -> None:
    handler = RespMetaHandler(enrichers=[make()], extend_trace_retention=True)
    model.invoke("hi", config={"callbacks": [handler]})
    assert _generation_feedback(traced, handler) or "respmeta_upstream_provider" in traced.model_metadata()
    posts = [json.loads(body) for body in traced.wire.requests("POST", "/feedback")]
    assert [post["extend_trace_retention"] for post in posts if post["key"].endswith("_generation")] in (
        [False],
        [],
    )
    assert KEY.encode() not in traced.wire.sent()


def test_where_anything_is_hidden_numbers_and_words_of_a_fixed_list_leave(
    server: GenerationServer, make: Make, traced: Traced, chat: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.default = [Says(hang=True), Says(changes={"router": "secret words of somebody"})]
    traced.use(monkeypatch, hide_outputs=True)
    handler = RespMetaHandler(enrichers=[make()], include_content=True)
    _chat_openai(chat()).invoke("hi", config={"callbacks": [handler]})
    server.released.set()
    (feedback,) = _generation_feedback(traced, handler)
    assert feedback["value"]["routing"] == {"upstream_provider": "Infermatic", "is_byok": False}
    assert feedback["value"]["usage"]["native_input_tokens"] == 12
    for secret in (b"user-123", b"https://openrouter.ai/", b"secret words", b"chatcmpl-791bcf62"):
        assert secret not in traced.wire.sent()
    assert handler.records[0].routing is not None
    assert handler.records[0].routing.external_user == "user-123"


def test_without_feedback_nothing_more_is_sent(
    server: GenerationServer, make: Make, traced: Traced, chat: Model
) -> None:
    server.default = [Says(404), Says()]
    handler = RespMetaHandler(enrichers=[make()], feedback=False)
    _chat_openai(chat()).invoke("hi", config={"callbacks": [handler]})
    assert traced.feedback(handler) == []
    assert handler.records[0].routing is not None


def test_each_prefix_gets_its_own_and_one_look_up_serves_all(
    server: GenerationServer, make: Make, traced: Traced, chat: Model
) -> None:
    server.default = [Says(hang=True), Says()]
    enricher = make()
    handlers = [
        RespMetaHandler(enrichers=[enricher]),
        RespMetaHandler(enrichers=[enricher], prefix="ours"),
        RespMetaHandler(prefix="plain"),
    ]
    _chat_openai(chat()).invoke("hi", config={"callbacks": handlers})
    server.released.set()
    keys = sorted(one["key"] for one in _generation_feedback(traced, handlers[0]))
    assert keys == ["ours_generation", "respmeta_generation"]
    assert len(server.asked) == 2
    assert all(handler.records[0].routing is not None for handler in handlers)


def test_with_wait_s_the_facts_stand_on_the_run_itself(
    server: GenerationServer, make: Make, traced: Traced, chat: Model
) -> None:
    server.default = [Says(404), Says(404), Says()]
    handler = RespMetaHandler(enrichers=[make(wait_s=CEILING_S)])
    model = _chat_openai(chat())
    (RunnableLambda(str) | model).invoke("hi", {"callbacks": [handler]})
    metadata = traced.model_metadata()
    assert metadata["respmeta_upstream_provider"] == "Infermatic"
    assert metadata["respmeta_cost_usd"] == 0.0015
    assert metadata["respmeta"]["usage"]["native_cached_tokens"] == 3
    assert metadata["usage_metadata"]["total_cost"] == 0.0015
    assert traced.root_metadata()["respmeta_cost_usd"] == 0.0015
    assert _generation_feedback(traced, handler) == []


def test_wait_s_is_the_longest_wait_and_what_comes_later_is_feedback(
    server: GenerationServer, make: Make, traced: Traced, chat: Model
) -> None:
    server.default = [Says(hang=True), Says(404), Says()]
    model = _chat_openai(chat())
    handler = RespMetaHandler(enrichers=[make(wait_s=0.3)])
    began = time.monotonic()
    ended(lambda: model.invoke("hi", config={"callbacks": [handler]}))
    assert time.monotonic() - began >= 0.3
    server.released.set()
    assert _generation_feedback(traced, handler)


def test_wait_s_keeps_nobody_waiting_for_what_was_given_up_or_where_nothing_is_traced(
    server: GenerationServer, make: Make, traced: Traced, chat: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _chat_openai(chat())
    long = 10 * CEILING_S
    server.default = [Says(400)]
    handler = RespMetaHandler(enrichers=[make(wait_s=long)])
    ended(lambda: model.invoke("hi", config={"callbacks": [handler]}))
    server.default = [Says(hang=True)]
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    from langsmith import utils

    utils.get_env_var.cache_clear()
    untraced = RespMetaHandler(enrichers=[make(wait_s=long, timeout_s=long)], feedback=False)
    ended(lambda: model.invoke("hi", config={"callbacks": [untraced]}))
    assert traced.project


_PROGRAM = """
import sys
from langchain_openai import ChatOpenAI
from langchain_respmeta import RespMetaHandler
from langchain_respmeta.enrich.openrouter.enricher import OpenRouterEnricher
OpenRouterEnricher.wants = lambda *_: True
enricher = OpenRouterEnricher("sk-or-x", base_url=sys.argv[1], drain_s=120.0)
model = ChatOpenAI(model="openai/gpt-5-mini", api_key="sk-or-chat", base_url=sys.argv[2])
model.invoke("hi", config={"callbacks": [RespMetaHandler(enrichers=[enricher])]})
"""


def test_what_is_found_while_the_program_ends_still_becomes_feedback(
    server: GenerationServer, traced: Traced, chat: Model
) -> None:
    server.default = [Says(404), Says()]
    environment = {**os.environ, "RESPMETA_DRAIN_SECONDS": str(CEILING_S)}
    command = [sys.executable, "-c", _PROGRAM, server.url, chat()]
    subprocess.run(command, timeout=2 * CEILING_S, check=True, env=environment)
    (run,) = traced.runs(run_type="llm")
    feedback = [one for one in traced.server.store.feedback() if one["run_id"] == run["id"]]
    assert [one["key"] for one in feedback] == ["respmeta_generation"]
    page = httpx.get(f"{traced.server.url}/run/{run['id']}").text
    assert "respmeta_generation" in page
    assert "chatcmpl-791bcf62" in page


# --- what else may come ----------------------------------------------------------------------------------------------------


def test_langchains_own_cache_is_not_looked_up(chat: Model) -> None:
    url = chat()
    model = _chat_openai(url, cache=InMemoryCache())
    enricher = OpenRouterEnricher(KEY, base_url=url, max_wait_s=0.1)  # where it chats is where it asks
    handler = RespMetaHandler(enrichers=[enricher], feedback=False)
    for _ in range(2):
        model.invoke("hi", config={"callbacks": [handler]})
        assert handler.flush(CEILING_S)
    assert [record.langchain_cache_hit for record in handler.records] == [None, True]
    assert enricher.lookups == Lookups(given_up=1)


def test_a_thousand_calls_are_all_enriched_and_counted_once(make: Make, chat: Model) -> None:
    enricher = make(max_pending=5_000)
    handler = RespMetaHandler(enrichers=[enricher], feedback=False)
    model = _chat_openai(chat())
    model.batch(["hi"] * 300, {"callbacks": [handler], "max_concurrency": 8})
    assert handler.flush(CEILING_S)
    assert enricher.lookups == Lookups(found=300)
    assert all(record.routing is not None for record in handler.records)
    assert handler.summary()["cost_usd"] == 300 * Decimal("0.0015")


@pytest.mark.parametrize("fault", ["wants", "look_up"])
def test_an_enricher_that_raises_harms_nobody(chat: Model, fault: str) -> None:
    class Broken:
        name = "broken"
        wait_s = 0.0

        def wants(self, *_: Any) -> bool:
            if fault == "wants":
                raise RuntimeError
            return True

        def look_up(self, *_: Any) -> None:
            raise RuntimeError

        def flush(self, timeout: float) -> bool:
            return timeout >= 0

    handler = RespMetaHandler(enrichers=[Broken()], feedback=False)
    assert _chat_openai(chat()).invoke("hi", config={"callbacks": [handler]}).content == "hello"
    assert handler.records[0].finish_reason == "stop"
    assert any("an enricher (Broken)" in kind for kind in handler.summary()["faults"])


def test_an_enricher_of_ones_own_may_know_at_once_and_be_heard_once(chat: Model) -> None:
    class Instant:
        name = "tenant"
        wait_s = 0.0

        def wants(self, draft: Any, start: Any) -> bool:
            return bool(draft and start.integration == "ChatOpenAI")

        def look_up(self, draft: Any, done: Any) -> None:
            done(
                {
                    "routing.external_user": "tenant-7",
                    "cost.total": None,
                    "provider_data": {"seen_model": draft["model"]},
                }
            )
            done({"routing.external_user": "somebody else"})

        def flush(self, timeout: float) -> bool:
            return timeout >= 0

    handler = RespMetaHandler(enrichers=[Instant()], feedback=False)
    _chat_openai(chat()).invoke("hi", config={"callbacks": [handler]})
    assert handler.flush(CEILING_S)
    (record,) = handler.records
    assert record.routing is not None
    assert record.routing.external_user == "tenant-7"
    assert record.provider_data["seen_model"] == "openai/gpt-5-mini"
    assert record.cost is None or record.cost.total is None


@pytest.mark.parametrize("wrong", ["generation", OpenRouterEnricher, 5])
def test_what_is_no_enricher_is_refused(wrong: Any) -> None:
    with pytest.raises(SettingsError, match="enrichers"):
        RespMetaHandler(enrichers=[wrong])


def test_the_end_of_the_run_and_the_look_up_may_come_in_any_order(
    server: GenerationServer, make: Make, chat: Model
) -> None:
    """What is found while the run is still being read elsewhere is neither lost nor counted twice."""
    shown: list[ResponseMetadata] = []
    handler = RespMetaHandler(enrichers=[make()], feedback=False, sinks=[shown.append])
    model = _chat_openai(chat())
    for _ in range(30):
        model.invoke("hi", config={"callbacks": [handler]})
        assert handler.records[-1].run_id  # read here, before or after the background reader
    assert handler.flush(CEILING_S)
    assert handler.summary()["calls"] == 30
    assert handler.summary()["cost_usd"] == 30 * Decimal("0.0015")
    by_run: dict[Any, list[bool]] = {}
    for record in shown:
        by_run.setdefault(record.run_id, []).append(record.routing is not None)
    assert all(told[-1] for told in by_run.values()), "the last word to a sink is the whole one"
    until(lambda: len(server.asked) == 30, "all look-ups")
