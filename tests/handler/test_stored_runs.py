"""What is a stored run, what of it is read, and what cannot be read is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import langsmith
import pytest
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import LangChainTracer
from langsmith.schemas import Run

from langchain_respmeta import ProviderError, RespMetaHandler, UnreadableAnswer, normalize_run
from langchain_respmeta.handler.stored import read_stored
from tests.attachment.traced import Traced
from tests.handler.echo import Echo
from tests.handler.traced_forms import END, START, Call, as_columns, as_v2

MESSAGE: dict[str, Any] = {
    "content": "Hello",
    "response_metadata": {
        "id": "chatcmpl-Stored1",
        "model_name": "gpt-4o-2024-08-06",
        "finish_reason": "stop",
        "model_provider": "openai",
    },
    "usage_metadata": {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
}
SERIALIZED: dict[str, Any] = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "chat_models", "openai", "ChatOpenAI"],
    "kwargs": {},
}


def a_run(**changes: Any) -> dict[str, Any]:
    """A run of version 1, with fields changed."""
    call = Call("ChatOpenAI", SERIALIZED, {"ls_provider": "openai"}, {"model": "gpt-4o"}, MESSAGE)
    return {**call.stored(), **changes}


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (a_run(run_type="chain"), "a run of type 'chain' holds no model's answer"),
        (a_run(run_type="TOOL"), "a run of type 'tool' holds no model's answer"),
        (a_run(end_time=None, outputs=None, status="pending"), "has not ended"),
        ({**as_v2(a_run()), "status": "PENDING"}, "has not ended"),
        (a_run(outputs={}), "empty, hidden"),
        (a_run(outputs=None), "empty, hidden"),
        (a_run(outputs='{"generations": [['), "outputs is text that is no JSON"),
        (a_run(outputs={"answer": 42}), "without content"),
        (a_run(outputs={"generations": [[]]}), "holds no generation"),
        (MESSAGE, "expected a stored run"),
        ("a text", "expected a stored run"),
        (None, "expected a stored run"),
    ],
)
def test_what_holds_no_answer_is_told_and_not_judged(run: Any, said: str) -> None:
    with pytest.raises(UnreadableAnswer, match=said):
        normalize_run(run)
    stored = read_stored(run)
    assert stored.problem is not None
    assert any(said in warning for warning in stored.drafts[0]["warnings"])
    assert stored.drafts[0].get("refused") is None


def test_a_run_that_raises_when_it_is_looked_at_is_told() -> None:
    class Odd:
        @property
        def outputs(self) -> Any:
            raise RuntimeError("no")

    with pytest.raises(UnreadableAnswer):
        normalize_run(Odd())


def test_times_are_those_of_the_run() -> None:
    events = [
        {"name": "start", "time": START.isoformat()},
        {"name": "new_token", "time": (START + timedelta(seconds=0.5)).isoformat()},
        {"name": "end", "time": END.isoformat()},
    ]
    record = normalize_run(a_run(events=events))
    assert record.streamed is True
    assert record.received_at == END
    assert record.timing is not None
    assert (record.timing.latency_s, record.timing.time_to_first_chunk_s) == (2.5, 0.5)
    assert record.timing.time_to_first_token_s is None, "the stored event does not say what came"


@pytest.mark.parametrize("form", [START.isoformat(), START.replace(tzinfo=None), START.timestamp() * 1e3])
def test_times_are_understood_in_each_form(form: Any) -> None:
    record = normalize_run(a_run(start_time=form))
    assert record.timing is not None
    assert record.timing.latency_s == 2.5


def test_prices_are_those_of_the_runs_time() -> None:
    then = a_run(start_time=datetime(2024, 9, 1, tzinfo=UTC), end_time=datetime(2024, 9, 1, tzinfo=UTC))
    undated = {**then, "end_time": None}
    mistral = {
        **MESSAGE,
        "response_metadata": {**MESSAGE["response_metadata"], "model_name": "deepseek-chat"},
    }
    assert normalize_run(then).cost is not None
    assert normalize_run(undated).cost == normalize_run(then).cost
    assert normalize_run(then, prices=False).cost is None
    costs = {
        year: normalize_run(
            {
                **Call("ChatDeepSeek", None, {"ls_provider": "deepseek"}, {}, mistral).stored(),
                "end_time": datetime(year, 2, 1, tzinfo=UTC),
            }
        ).cost
        for year in (2025, 2026)
    }
    assert costs[2025] != costs[2026], "the price fell in between"


def test_the_provider_can_be_named() -> None:
    assert normalize_run(a_run(), provider="groq").provider == "groq"
    assert normalize_run(a_run(), provider="https://api.groq.com/openai/v1").provider == "groq"
    with pytest.raises(ProviderError):
        normalize_run(a_run(), provider="nobody-at-all")


def test_a_handlers_own_word_for_the_provider_names_it_only_where_the_answer_does_not(traced: Traced) -> None:
    """`respmeta_provider` is what a caller names the provider by, and what the handler puts on the run."""
    handler = RespMetaHandler(feedback=False, provider={"Echo": "groq"})
    tracer = LangChainTracer(client=traced.client, project_name=traced.project)
    Echo().invoke("3", {"callbacks": [handler, tracer]})
    (live,) = handler.records
    stored = normalize_run(traced.model_run())
    assert (live.provider, stored.provider) == ("groq", "groq")
    assert stored.warnings == ()


def test_the_environment_of_the_reader_says_nothing_about_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.groq.com/openai/v1")
    assert normalize_run(a_run()).provider == "openai"


def test_a_row_without_a_manifest_has_its_class_from_its_name() -> None:
    assert normalize_run(as_columns(a_run())).integration == "ChatOpenAI"
    assert normalize_run(as_columns(a_run(name="my model"))).integration is None
    assert normalize_run(as_columns(a_run(name="my model"))).provider == "openai"


def test_the_text_of_an_object_that_cannot_be_read_is_told() -> None:
    stub = {"lc": 1, "type": "not_implemented", "id": ["x", "Usage"], "repr": "<Usage object at 0x7f>"}
    run = a_run()
    run["outputs"]["generations"][0][0]["message"]["kwargs"]["response_metadata"]["token_usage"] = stub
    record = normalize_run(run)
    assert any("response_metadata.token_usage" in warning for warning in record.warnings)
    assert record.unmapped == ()


def test_a_failed_run_is_an_error_record() -> None:
    record = normalize_run(
        a_run(
            outputs=None,
            error=(
                "RateLimitError(\"Error code: 429 - {'error': {'message': 'Slow down', 'code': 'rate_limit_exceeded'}}\")"
                'Traceback (most recent call last):\n\n\n  File "x.py", line 1, in f\n\n\nopenai.RateLimitError: Error code: '
                "429 - {'error': {'message': 'Slow down', 'code': 'rate_limit_exceeded'}}"
            ),
        )
    )
    assert (record.event, record.provider, record.integration) == ("error", "openai", "ChatOpenAI")
    assert record.error is not None
    assert (record.error.type, record.error.status_code) == ("RateLimitError", 429)
    assert (record.error.code, record.error.message) == ("rate_limit_exceeded", "Slow down")
    assert record.error.retryable is True


def test_without_content_no_text_is_in_the_record() -> None:
    failed = a_run(
        outputs=None, error="ValueError('my secret words')Traceback\n\nValueError: my secret words"
    )
    assert "my secret words" in str(normalize_run(failed).to_dict())
    assert "my secret words" not in str(normalize_run(failed, include_content=False).to_dict())


def test_the_run_of_the_server_gives_the_live_record(traced: Traced) -> None:
    """Once through the real tracer and server: what its record on the run knows beyond it is taken from there."""
    handler = RespMetaHandler(feedback=False, include_content=True)
    tracer = LangChainTracer(client=traced.client, project_name=traced.project)
    RunnableLambda(lambda asked: Echo().invoke(asked)).invoke("3", {"callbacks": [handler, tracer]})
    (live,) = handler.records
    run = traced.model_run()
    assert normalize_run(run) == live
    assert normalize_run(Run(**run)) == live


def test_without_the_live_record_the_clocks_alone_differ(traced: Traced) -> None:
    handler = RespMetaHandler(metadata=False, feedback=False, include_content=True)
    tracer = LangChainTracer(client=traced.client, project_name=traced.project)
    list(Echo().stream("3", {"callbacks": [handler, tracer]}))
    (live,) = handler.records
    stored = normalize_run(traced.model_run())
    left, right = live.to_dict(), stored.to_dict()
    for name in ("timing", "received_at"):
        assert left.pop(name)
        assert right.pop(name)
    assert left == right


@pytest.mark.skipif(not hasattr(langsmith, "Langsmith"), reason="this langsmith has no client of version 2")
def test_a_run_of_the_apis_version_2_is_read(traced: Traced) -> None:
    Echo().invoke("7", {"callbacks": [LangChainTracer(client=traced.client, project_name=traced.project)]})
    run = traced.model_run()
    client = langsmith.Langsmith(base_url=traced.server.url, api_key="any")
    (found,) = client.runs.query(
        project_ids=[run["session_id"]],
        min_start_time=START,
        selects=[
            "RUN_TYPE",
            "NAME",
            "OUTPUTS",
            "EXTRA",
            "MANIFEST",
            "EVENTS",
            "TRACE_ID",
            "START_TIME",
            "END_TIME",
        ],
    )
    assert normalize_run(found) == normalize_run(run)
