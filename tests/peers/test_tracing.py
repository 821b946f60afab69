"""On LangSmith's runs, through the real SDK to the embedded server: nothing doubled, nothing of others overwritten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableLambda

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import Answer, ReplayServer
from tests.attachment.check import metadata_of
from tests.attachment.traced import Traced
from tests.peers.bodies import CACHED_CHAT, chat, claude, spent
from tests.peers.calls import model_at

COUNTS = ("input_tokens", "output_tokens", "total_tokens")


def test_a_chains_run_carries_sums_but_no_usage(traced: Traced, replay: ReplayServer) -> None:
    """langsmith-sdk#3119, mlflow#24307 and #22746: a parent's usage is added to its children's on the server."""
    model = model_at(replay, "openai", chat(CACHED_CHAT))
    chain = RunnableLambda(model.invoke) | RunnableLambda(lambda message: message.content)
    chain.invoke("hi", config={"callbacks": [RespMetaHandler(feedback=False)]})
    root = traced.root_metadata()
    assert "usage_metadata" not in root
    assert [root[f"respmeta_{name}"] for name in COUNTS] == [1000, 200, 1200]
    calls = [run for run in traced.runs() if "usage_metadata" in metadata_of(run)]
    assert [run["run_type"] for run in calls] == ["llm"]


def test_langsmiths_own_columns_count_what_they_counted(traced: Traced, replay: ReplayServer) -> None:
    """The tracer's usage feeds LangSmith's columns: who writes there too can double what the server counts.

    langsmith-sdk#2615, #1763: it stands there under the tier's own keys (`flex_reasoning`), which the server misprices.
    """
    model = model_at(replay, "openai", chat(CACHED_CHAT, service_tier="flex"))
    model.invoke("hi")
    model.invoke("hi", config={"callbacks": [RespMetaHandler(feedback=False)]})
    without, with_ours = sorted(traced.runs(), key=lambda run: "respmeta" in metadata_of(run))
    mine = {k: v for k, v in metadata_of(with_ours).items() if not k.startswith("respmeta")}
    ours, plain = mine["usage_metadata"], metadata_of(without)["usage_metadata"]
    assert [ours[name] for name in COUNTS] == [plain[name] for name in COUNTS] == [1000, 200, 1200]
    assert {"ls_provider", "ls_model_name"} <= mine.keys()
    assert mine.keys() == metadata_of(without).keys()
    assert metadata_of(with_ours)["respmeta_cache_read_tokens"] == 600


def test_several_choices_are_not_doubled_in_our_fields(traced: Traced, replay: ReplayServer) -> None:
    """LangChainTracer sums the usage of all choices (2000 and 400 for 1000 and 200); sentry#7064, OpenLLMetry too."""
    body = chat(spent(1000, 200))
    body["choices"] = [{**body["choices"][0], "index": index} for index in range(2)]
    model: Any = model_at(replay, "openai", body)
    model.generate([[HumanMessage("hi")]], callbacks=[RespMetaHandler(feedback=False)])
    metadata = traced.model_metadata()
    assert [metadata[f"respmeta_{name}"] for name in COUNTS] == [1000, 200, 1200]
    assert metadata["respmeta_model"] == body["model"]


def test_facts_are_flat_keys_that_can_be_filtered(traced: Traced, replay: ReplayServer) -> None:
    """openinference#2901, langchain#36983: finish reason, tier, ids, the served model and costs are in no filter."""
    model = model_at(replay, "openai", chat(CACHED_CHAT, "length", service_tier="flex"), model="gpt-5-mini")
    model.invoke("hi", config={"callbacks": [RespMetaHandler(feedback=False)]})
    assert len(traced.runs()) == 1  # all is sent
    where = 'and(eq(metadata_key, "respmeta_finish_reason"), eq(metadata_value, "length"))'
    (run,) = traced.client.list_runs(project_name=traced.project, filter=where)
    found = (run.extra or {})["metadata"]
    assert found["respmeta_service_tier"] == "flex"
    assert found["respmeta_model"] == chat()["model"]
    assert found["respmeta_requested_model"] == "gpt-5-mini"
    assert found["respmeta_response_id"] == chat()["id"]
    assert found["respmeta_cost_usd"] == pytest.approx(0.0002575)
    assert found["respmeta_cost_source"] == "computed"


def test_what_went_wrong_becomes_feedback_from_the_code(traced: Traced, replay: ReplayServer) -> None:
    """langsmith-sdk#2907: the feedback loop has to be clicked together."""
    handler = RespMetaHandler()
    model_at(replay, "openai", chat(CACHED_CHAT, "length")).invoke("hi", config={"callbacks": [handler]})
    found = traced.feedback(handler)
    assert {one["key"] for one in found} >= {"respmeta_truncated"}


def test_a_failed_call_says_why_on_its_run(traced: Traced, replay: ReplayServer) -> None:
    """langchain#9601: status, request id and limits of a failure stand nowhere on a trace."""
    limited = Answer(
        {"error": {"message": "Slow down.", "type": "requests"}},
        status=429,
        headers={"retry-after": "7", "x-request-id": "req_429"},
    )
    model = model_at(replay, "openai", limited, model="m")
    with pytest.raises(Exception):  # noqa: B017, PT011 - the SDK's own
        model.invoke("hi", config={"callbacks": [RespMetaHandler(feedback=False)]})
    metadata = traced.model_metadata()
    assert metadata["respmeta_finish_reason"] == "error"
    assert metadata["respmeta_error_status"] == 429
    assert metadata["respmeta"]["error"]["retry_after_s"] == 7
    assert metadata["respmeta"]["request_id"] == "req_429"


def test_a_retry_is_counted_on_the_root(traced: Traced, replay: ReplayServer) -> None:
    """open-swe#2863: fallbacks and retries are invisible in traces."""
    limited = Answer({"error": {"message": "Slow down.", "type": "requests"}}, status=429)
    model = model_at(replay, "openai", [limited, Answer(chat(spent(10, 2)))], model="m")
    retrying = model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
    handler = RespMetaHandler(feedback=False)
    (RunnableLambda(lambda text: text) | retrying).invoke("hi", config={"callbacks": [handler]})
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_error_calls"]) == (2, 1)
    attempts = [metadata_of(run).get("respmeta_attempt") for run in traced.runs(run_type="llm")]
    assert sorted(attempt or 0 for attempt in attempts) == [1, 2]


def test_calls_at_the_same_time_keep_their_own_facts(traced: Traced, replay: ReplayServer) -> None:
    """Portkey's handler forgets all calls under way whenever one root ends."""
    models = [
        model_at(replay, "anthropic", claude({"input_tokens": n, "output_tokens": 2}, id=f"msg_{n}"))
        for n in range(1, 9)
    ]
    handler = RespMetaHandler(feedback=False)

    async def ask_all() -> None:
        await asyncio.gather(*(model.ainvoke("hi", config={"callbacks": [handler]}) for model in models))

    asyncio.run(ask_all())
    told = [metadata_of(run) for run in traced.runs(run_type="llm")]
    assert {one["respmeta_response_id"]: one["respmeta_input_tokens"] for one in told} == {
        f"msg_{n}": n for n in range(1, 9)
    }
