"""Runs that LangSmith's wrappers and `@traceable` functions send: metadata, sums and feedback as for LangChain's."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
from anthropic.lib.streaming import _messages
from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langsmith import get_current_run_tree, traceable

from langchain_respmeta import RespMetaHandler, get_enabled_handler, watch_langsmith
from langchain_respmeta.demo import ReplayServer, scenario_runnable
from tests.attachment.check import metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced
from tests.langsmith import wrapped_calls as calls
from tests.waiting import CEILING_S

_CALLS: Final = {
    "openai": (
        *(calls.chat, calls.chat_parse, calls.chat_raw, calls.chat_stream),
        *(calls.chat_async, calls.chat_async_stream),
    ),
    "openai_responses": (calls.responses, calls.responses_stream),
    "anthropic": (calls.messages, calls.messages_async, calls.messages_text_stream, calls.messages_stream),
    "google": (calls.generate, calls.generate_stream),
}
_EACH: Final = [(provider, call) for provider, some in _CALLS.items() for call in some]

_OWN: Final = frozenset(
    {
        *("integration", "latency_s", "time_to_first_chunk_s", "time_to_first_token_s", "tokens_per_second"),
        *("schema_version", "error_type"),
    }
)
"""Keys of one way alone: there is no class of an integration, clocks differ, and LangChain's errors are classes of its own."""

_DROPPED: Final = {
    "openai": {"cache_write_tokens"},
    "openai_responses": {"cache_write_tokens"},
    "anthropic": {"service_tier"},
    "google": {"api", "model", "safety_blocked"},
}
"""What the wrappers leave out, and docs/langsmith.md names."""
_OF_STREAMS: Final = {
    "openai": {"response_id"},  # which LangChain drops
    "openai_responses": set[str](),
    "anthropic": {"response_id"},
    "google": {"finish_reason", "native_finish_reason", "refused", "truncated"},
}


@pytest.fixture
def handler() -> Iterator[RespMetaHandler]:
    with watch_langsmith(RespMetaHandler(feedback="all")) as watching:
        yield watching


def _flat(metadata: dict[str, Any]) -> dict[str, Any]:
    found = {
        key.removeprefix("respmeta_"): value for key, value in metadata.items() if key.startswith("respmeta_")
    }
    return {key: value for key, value in found.items() if key not in _OWN}


def _skip_if_broken(call: calls.Call) -> None:
    if call is calls.messages_stream:
        needed = inspect.signature(_messages.accumulate_event).parameters
        if "json_bufs" in needed:
            pytest.skip(
                "this langsmith's wrap_anthropic raises at the end of each stream with this anthropic"
            )


def _langchains(replay: ReplayServer, provider: str, scenario: str, *, streamed: bool) -> None:
    """The same answer through LangChain's integration."""
    asked = calls.SCENARIOS[provider][scenario]
    runnable, config = scenario_runnable(replay, asked), {"callbacks": [RespMetaHandler(feedback=False)]}
    if streamed:
        list(runnable.stream(asked.messages, config))  # type: ignore[arg-type]
    else:
        runnable.invoke(asked.messages, config)  # type: ignore[arg-type]


@pytest.mark.parametrize(("provider", "call"), _EACH)
@pytest.mark.parametrize("scenario", ["basic", "truncated"])
def test_a_wrapped_call_has_the_keys_of_langchains(
    provider: str,
    call: calls.Call,
    scenario: str,
    replay: ReplayServer,
    traced: Traced,
    handler: RespMetaHandler,
) -> None:
    _skip_if_broken(call)
    if call is calls.chat_parse and scenario == "truncated":
        pytest.skip("OpenAI's SDK raises for a cut answer that it should parse")
    call(replay, provider, scenario)
    ours = traced.model_run()
    handler.flush(CEILING_S)
    streamed = "stream" in getattr(call, "__name__", "")
    _langchains(replay, provider, scenario, streamed=streamed)
    (theirs,) = [run for run in traced.runs(run_type="llm") if run["id"] != ours["id"]]
    dropped = _DROPPED[provider] | (_OF_STREAMS[provider] if streamed else set())
    mine, langchains = _flat(metadata_of(ours)), _flat(metadata_of(theirs))
    differing = {key for key in mine.keys() | langchains.keys() if mine.get(key) != langchains.get(key)}
    assert differing <= dropped, {key: (mine.get(key), langchains.get(key)) for key in differing}
    record = metadata_of(ours)["respmeta"]
    assert (record["run_id"], record["trace_id"]) == (ours["id"], ours["id"])
    assert ("time_to_first_chunk_s" in record["timing"]) is streamed
    assert record["timing"]["latency_s"] > 0
    assert len(handler.records) == handler.summary()["calls"] == 1
    assert handler.summary()["faults"] == {}
    assert handler.records[0].unmapped == ()


_REFUSED: Final = [
    *(("openai", call) for call in _CALLS["openai"][:3]),
    *(("openai_responses", call) for call in _CALLS["openai_responses"]),
    *(("anthropic", call) for call in _CALLS["anthropic"]),
]


@pytest.mark.parametrize(("provider", "call"), _REFUSED)
def test_a_refusal_is_one_on_the_run_and_in_feedback(
    provider: str, call: calls.Call, replay: ReplayServer, traced: Traced, handler: RespMetaHandler
) -> None:
    _skip_if_broken(call)
    call(replay, provider, "refusal")
    run = traced.model_run()
    assert metadata_of(run)["respmeta_refused"] is True
    given = {one["key"]: one["score"] for one in traced.feedback(handler) if one["run_id"] == run["id"]}
    assert given["respmeta_refused"] == 1


@pytest.mark.parametrize("call", [calls.chat_stream, calls.chat_async_stream])
def test_a_refusal_that_the_wrapper_drops_is_not_called_an_answer(
    call: calls.Call, replay: ReplayServer, traced: Traced, handler: RespMetaHandler
) -> None:
    call(replay, "openai", "refusal")
    assert "respmeta_refused" not in traced.model_metadata()
    assert handler.records[0].refused is None


@pytest.mark.parametrize(
    ("provider", "call"),
    [("openai", calls.chat), ("openai", calls.chat_async), ("anthropic", calls.messages_async)],
)
def test_a_failure_is_one(
    provider: str, call: calls.Call, replay: ReplayServer, traced: Traced, handler: RespMetaHandler
) -> None:
    with pytest.raises(Exception, match=r"."):
        call(replay, provider, "error_429")
    metadata = traced.model_metadata()
    assert metadata["respmeta_error_type"] == "RateLimitError"
    assert (metadata["respmeta_provider"], metadata["respmeta_finish_reason"]) == (provider, "error")
    (record,) = handler.records
    assert record.error is not None
    assert (record.error.status_code, record.error.retryable) == (429, True)


def test_calls_of_tools_are_counted(replay: ReplayServer, traced: Traced, handler: RespMetaHandler) -> None:
    calls.messages(replay, "anthropic", "tool_call")
    assert traced.model_metadata()["respmeta_tool_calls"] == 1
    assert [call.name for call in handler.records[0].tool_calls] == ["get_weather"]


# --- traces --------------------------------------------------------------------------------------------------------


def test_the_root_sums_up_both_kinds(replay: ReplayServer, traced: Traced, handler: RespMetaHandler) -> None:
    @traceable
    def agent() -> None:
        calls.chat(replay, "openai", "basic")
        calls.messages(replay, "anthropic", "basic")
        NumberedModel().invoke("why?", {"callbacks": [handler]})

    agent()
    root = traced.root_metadata()
    children = [metadata_of(run) for run in traced.runs(run_type="llm")]
    assert root["respmeta_llm_calls"] == len(children) == len(handler.records) == 3
    assert root["respmeta_total_tokens"] == sum(one["respmeta_total_tokens"] for one in children)
    assert "usage_metadata" not in root


def test_a_wrapped_call_in_a_chain_is_summed_up_on_the_chain(
    replay: ReplayServer, traced: Traced, handler: RespMetaHandler
) -> None:
    RunnableLambda(lambda _: calls.chat(replay, "openai", "basic").id).invoke("why?")
    assert traced.root_metadata()["respmeta_llm_calls"] == 1
    assert len(handler.records) == 1


def test_a_langchain_model_without_a_handler_is_watched_as_well(
    traced: Traced, handler: RespMetaHandler
) -> None:
    NumberedModel().invoke("why?")
    assert traced.model_metadata()["respmeta_input_tokens"] > 0
    assert len(handler.records) == 1


def test_a_langchain_model_with_a_handler_is_left_to_that_one(
    traced: Traced, handler: RespMetaHandler
) -> None:
    own = RespMetaHandler(feedback=False)
    NumberedModel().invoke("why?", {"callbacks": [own]})
    assert "respmeta" in traced.model_metadata()
    assert (len(own.records), len(handler.records)) == (1, 0)


def test_a_function_traced_as_a_model_around_a_wrapped_call_is_no_second_call(
    replay: ReplayServer, traced: Traced, handler: RespMetaHandler
) -> None:
    @traceable(run_type="llm")
    def ask() -> Any:
        return calls.chat(replay, "openai", "basic")

    ask()
    assert len(handler.records) == 1
    assert len(traced.runs(run_type="llm")) == 2


# --- functions of one's own ----------------------------------------------------------------------------------------------

_COUNTS: Final = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}


def test_a_function_that_returns_a_message_and_counts_has_both(
    traced: Traced, handler: RespMetaHandler
) -> None:
    @traceable(run_type="llm", metadata={"ls_provider": "openai", "ls_model_name": "gpt-4o"})
    def ask() -> dict[str, Any]:
        return {"messages": [{"role": "assistant", "content": "Three."}], "usage_metadata": _COUNTS}

    ask()
    metadata = traced.model_metadata()
    assert metadata["respmeta_total_tokens"] == 18
    assert (metadata["respmeta_provider"], metadata["respmeta_requested_model"]) == ("openai", "gpt-4o")
    assert metadata["respmeta_cost_usd"] == metadata["usage_metadata"]["total_cost"] > 0
    assert not {"respmeta_refused", "respmeta_truncated", "respmeta_integration"} & metadata.keys()
    assert handler.records[0].usage is not None


def test_counts_that_a_function_puts_on_its_run_are_the_records(
    traced: Traced, handler: RespMetaHandler
) -> None:
    @traceable(run_type="llm", metadata={"ls_provider": "openai", "ls_model_name": "gpt-4o"})
    def ask() -> str:
        run = get_current_run_tree()
        assert run is not None
        run.metadata["usage_metadata"] = {**_COUNTS, "total_cost": 0.25}
        return "Three."

    ask()
    metadata = traced.model_metadata()
    assert (metadata["respmeta_total_tokens"], metadata["respmeta_cost_usd"]) == (18, 0.25)
    assert metadata["usage_metadata"]["total_cost"] == 0.25
    assert handler.records[0].warnings


def test_a_text_alone_is_not_judged(traced: Traced, handler: RespMetaHandler) -> None:
    traceable(run_type="llm")(lambda: "Three.")()
    metadata = traced.model_metadata()
    assert not {"respmeta_refused", "respmeta_truncated", "respmeta_finish_reason"} & metadata.keys()
    assert not {"respmeta_total_tokens", "respmeta_cost_usd", "respmeta_model"} & metadata.keys()
    assert handler.records[0].warnings


def test_runs_of_other_types_pass_untouched(traced: Traced, handler: RespMetaHandler) -> None:
    traceable(run_type="retriever")(lambda: [{"page_content": "x", "type": "Document"}])()
    assert not [key for run in traced.runs() for key in metadata_of(run) if key.startswith("respmeta")]
    assert len(handler.records) == 0


# --- the watch ---------------------------------------------------------------------------------------------------------


def test_a_closed_watch_sees_nothing(replay: ReplayServer, traced: Traced) -> None:
    watch = watch_langsmith(RespMetaHandler(feedback=False))
    calls.chat(replay, "openai", "basic")
    watch.close()
    watch.close()
    calls.chat(replay, "openai", "basic")
    assert len(watch.handler.records) == 1
    assert sorted("respmeta" in metadata_of(run) for run in traced.runs()) == [False, True]


def test_two_watches_have_one_record_each(replay: ReplayServer, traced: Traced) -> None:
    with (
        watch_langsmith(RespMetaHandler(feedback=False)) as one,
        watch_langsmith(RespMetaHandler(prefix="b")) as two,
    ):
        calls.chat(replay, "openai", "basic")
    metadata = traced.model_metadata()
    assert {"respmeta_model", "b_model", "respmeta", "b"} <= metadata.keys()
    assert (len(one.records), len(two.records)) == (1, 1)


def test_what_is_hidden_stays_hidden(
    replay: ReplayServer, traced: Traced, handler: RespMetaHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced.use(monkeypatch, hide_outputs=True)
    calls.chat(replay, "openai", "refusal")
    metadata = traced.model_metadata()
    assert metadata["respmeta_refused"] is True
    assert "respmeta" not in metadata
    assert not [one["comment"] for one in traced.feedback(handler) if one.get("comment")]


def test_the_environment_watches_with_one_record_for_each_call(
    replay: ReplayServer, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESPMETA_ENABLED", "true")
    handler = get_enabled_handler()
    assert handler is not None
    before = len(handler.records)
    calls.chat(replay, "openai", "basic")
    NumberedModel().invoke("why?")
    asyncio.run(NumberedModel().ainvoke("why?"))
    assert len(handler.records) - before == 3
    assert all("respmeta" in metadata_of(run) for run in traced.runs(run_type="llm"))


def test_where_reading_fails_the_call_goes_on(
    replay: ReplayServer, traced: Traced, handler: RespMetaHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_respmeta._runs.traced_run.traced_fields_of", None)
    assert calls.chat(replay, "openai", "basic").choices
    assert "respmeta" not in traced.model_metadata()
    assert handler.summary()["faults"]


# --- a process of its own ------------------------------------------------------------------------------------------------

_AT_IMPORT: Final = """
import sys
import langchain_respmeta
heavy = [f"langchain_respmeta.{room}" for room in ("_reading", "langsmith", "local", "providers")]
assert not [name for name in heavy if name in sys.modules]
"""
_BY_CALL: Final = """
import sys
import langchain_respmeta
handler = langchain_respmeta.watch_langsmith().handler
assert "langsmith" not in sys.modules
langchain_respmeta.get_enabled_handler = lambda: handler
"""
_AFTER: Final = "import langsmith.run_trees\nimport langchain_respmeta\n"
_REST: Final = """
from langsmith import Client, RunTree
from langsmith.run_helpers import traceable, tracing_context
sent = []
class Watching(Client):
    def create_run(self, *a, **k): pass
    def update_run(self, *a, **k): sent.append(k)
client = Watching(api_url="http://127.0.0.1:9", api_key="any", auto_batch_tracing=False)
@traceable(run_type="llm", client=client)
def ask():
    return {"id": "c", "object": "chat.completion", "model": "gpt-4o", "choices": [
        {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "hi"}}]}
with tracing_context(enabled=True):
    ask()
    ask()
for one in sent:
    print(one["extra"]["metadata"]["respmeta_truncated"])
print(len(langchain_respmeta.get_enabled_handler().records))
print(RunTree.patch.__wrapped__.__module__, hasattr(RunTree.patch, "__respmeta_first_run__"))
"""


def _run(code: str, **environment: str) -> list[str]:
    named = {
        name: value for name, value in os.environ.items() if not name.startswith(("RESPMETA_", "LANGSMITH_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**named, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=CEILING_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(("start", "enabled"), [(_AT_IMPORT, "true"), (_AFTER, "true"), (_BY_CALL, "false")])
def test_a_process_that_never_calls_langchain_is_watched(start: str, enabled: str) -> None:
    said = _run(start + _REST, RESPMETA_ENABLED=enabled, RESPMETA_FEEDBACK="false")
    assert said == ["True", "True", "2", "langsmith.run_trees", "False"]


def test_the_answers_of_models_without_tracing_are_not_looked_at() -> None:
    model = FakeListChatModel(responses=["hi"])
    with watch_langsmith(RespMetaHandler(feedback=False)) as handler:
        model.invoke("why?")
    assert len(handler.records) == 0
