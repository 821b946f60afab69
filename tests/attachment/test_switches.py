"""What the user switched off stays off: judged by the bytes that left the process."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tracers import LangChainTracer
from langsmith import Client, traceable, tracing_context

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.langsmith.metadata import COUNTED, DERIVED, FLAT
from langchain_respmeta.local import LocalServer
from tests.attachment.check import metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.places import forget_environment
from tests.attachment.traced import Traced

_SECRETS: Final = ("secret-refusal", "secret-url", "secret-quote", "secret-argument", "secret-thought")


class TalkativeModel(NumberedModel):
    """Says something secret in every place of an answer."""

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        citation = {"type": "citation", "url": "https://secret-url.example/a", "cited_text": "secret-quote"}
        content: list[Any] = [
            {"type": "reasoning", "reasoning": "secret-thought"},
            {"type": "text", "text": "answer", "annotations": [citation]},
        ]
        message = AIMessage(
            content=content,
            additional_kwargs={"refusal": "secret-refusal"},
            tool_calls=[{"name": "look_up", "args": {"question": "secret-argument"}, "id": "call-1"}],
            response_metadata={"id": "resp-1", "model_name": "talkative-1", "finish_reason": "stop"},
            usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def _ours(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key.startswith("respmeta")}


def _handler(**settings: Any) -> RespMetaHandler:
    """The most talkative handler there is."""
    return RespMetaHandler(include_content=True, feedback="exceptions", **settings)


# --- hidden inputs, outputs, metadata ----------------------------------------------------------------------------------


def _mask(data: Any) -> Any:
    """A user's anonymizer: it knows the words of the answer, and nothing of ours."""
    if isinstance(data, dict):
        return {key: _mask(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_mask(value) for value in data]
    return "***" if isinstance(data, str) and "secret" in data else data


_HIDING: Final[dict[str, dict[str, Any]]] = {
    "hide_outputs": {"hide_outputs": True},
    "hide_outputs callable": {"hide_outputs": lambda _: {"hidden": True}},
    "anonymizer": {"anonymizer": _mask},
    "hide_metadata callable": {"hide_metadata": lambda metadata: metadata, "hide_outputs": True},
    "hide_inputs and outputs": {"hide_inputs": True, "hide_outputs": True},
}


@pytest.mark.parametrize("options", _HIDING.values(), ids=_HIDING)
def test_where_anything_is_hidden_only_scalars_of_the_fixed_list_leave(
    traced: Traced, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    traced.use(monkeypatch, **options)
    handler = _handler()
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    feedback = traced.feedback(handler)
    ours = _ours(traced.model_metadata())
    known = {*FLAT, *COUNTED, *DERIVED, "schema_version", "llm_calls", "models", "providers"}
    sums = {
        "unpriced_calls",
        "refused_calls",
        "truncated_calls",
        "error_calls",
        "superseded_calls",
        "tool_errors",
    }
    assert {key.removeprefix("respmeta_") for key in ours} <= known | sums
    assert ours["respmeta_refused"] is True
    assert not [value for value in ours.values() if isinstance(value, dict | list)]
    assert [one["key"] for one in feedback] == ["respmeta_refused"]
    assert feedback[0]["comment"] is None
    for secret in _SECRETS:
        assert secret.encode() not in traced.wire.sent()
    (record,) = handler.records
    assert record.refusal is not None
    assert record.refusal.reason == "secret-refusal"


def test_where_inputs_are_hidden_our_part_holds_no_text_either(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced.use(monkeypatch, hide_inputs=True)
    TalkativeModel().invoke("why?", {"callbacks": [_handler()]})
    assert "secret" not in repr(_ours(traced.model_metadata()))


def test_where_metadata_is_hidden_nothing_of_ours_leaves(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced.use(monkeypatch, hide_metadata=True, hide_outputs=True)
    handler = RespMetaHandler(include_content=True, feedback=False)
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    assert _ours(traced.model_metadata()) == {}
    assert b"respmeta" not in traced.wire.sent()
    assert len(handler.records) == 1


def test_by_environment_outputs_are_hidden_too(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_HIDE_OUTPUTS", "true")
    forget_environment()
    traced.use(monkeypatch)
    TalkativeModel().invoke("why?", {"callbacks": [_handler()]})
    assert "respmeta" not in traced.model_metadata()
    assert b"secret" not in traced.wire.sent()


def test_where_nothing_is_hidden_texts_leave_only_when_asked_for(traced: Traced) -> None:
    """Shows that the tests above could fail."""
    TalkativeModel().invoke("why?", {"callbacks": [_handler()]})
    told = repr(_ours(traced.model_metadata()))
    assert "secret-refusal" in told
    handler = RespMetaHandler(feedback=False, prefix="quiet")
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    (quiet,) = [m for run in traced.runs(run_type="llm") if "quiet" in (m := metadata_of(run))]
    written = repr({key: value for key, value in quiet.items() if key.startswith("quiet")})
    for secret in ("secret-refusal", "secret-quote", "secret-argument", "secret-thought"):
        assert secret not in written


def test_an_error_text_is_not_in_feedback_where_outputs_are_hidden(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(NumberedModel):
        def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
            raise ValueError("secret-words")

    traced.use(monkeypatch, hide_outputs=True)
    handler = _handler()
    with pytest.raises(ValueError, match="secret-words"):
        Failing().invoke("why?", {"callbacks": [handler]})
    (feedback,) = traced.feedback(handler)
    assert (feedback["key"], feedback["comment"]) == ("respmeta_error", None)
    assert all(b"secret-words" not in body for body in traced.wire.requests("POST", "/feedback"))
    assert "secret" not in repr(_ours(traced.model_metadata()))


@pytest.mark.parametrize("settings", [{}, {"extend_trace_retention": True}])
def test_traces_keep_their_retention_unless_it_is_asked_for(traced: Traced, settings: dict[str, Any]) -> None:
    handler = _handler(**settings)
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    assert traced.feedback(handler)
    (body,) = traced.wire.requests("POST", "/feedback")
    assert json.loads(body)["extend_trace_retention"] is bool(settings)
    # In a batch beside runs it would not be obeyed.
    assert not [path for _, path, sent in traced.wire.bodies if b"feedback." in sent and path != "/feedback"]


# --- tracing off -----------------------------------------------------------------------------------------------------


def _nothing_left(traced: Traced, handler: RespMetaHandler) -> None:
    traced.client.flush()
    assert handler.flush(5)
    assert [(method, path) for method, path, _ in traced.wire.bodies if method != "GET"] == []
    assert handler.records
    assert handler.summary()["calls"] == len(handler.records)


def test_with_tracing_off_nothing_leaves(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    forget_environment()
    handler = _handler()
    (ChatPromptTemplate.from_template("{q}") | TalkativeModel()).invoke(
        {"q": "why?"}, {"callbacks": [handler]}
    )
    _nothing_left(traced, handler)


def test_in_a_context_without_tracing_nothing_leaves(traced: Traced) -> None:
    handler = _handler()

    @traceable
    def outer() -> None:
        TalkativeModel().invoke("why?", {"callbacks": [handler]})

    with tracing_context(enabled=False):
        outer()
        TalkativeModel().invoke("why?", {"callbacks": [handler]})
        asyncio.run(TalkativeModel().ainvoke("why?", {"callbacks": [handler]}))
    _nothing_left(traced, handler)


def test_a_tracer_passed_by_hand_stays_silent_in_a_context_without_tracing(traced: Traced) -> None:
    handler = _handler()
    tracer = LangChainTracer(project_name=traced.project, client=traced.client)

    @traceable
    def outer() -> None:
        TalkativeModel().invoke("why?", {"callbacks": [tracer, handler]})

    with tracing_context(enabled=False):
        outer()
    if traced.runs():
        # This langchain-core sends what a tracer is given by hand: then ours rides along, and nothing else.
        assert "respmeta" in traced.model_metadata()
    else:
        _nothing_left(traced, handler)


# --- sampling --------------------------------------------------------------------------------------------------------


def test_unsampled_traces_get_no_feedback(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    traced.use(monkeypatch, tracing_sampling_rate=0.0)
    handler = _handler()
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    _nothing_left(traced, handler)


def test_with_half_of_the_traces_sampled_exactly_those_have_feedback(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced.use(monkeypatch, tracing_sampling_rate=0.5)
    handler = _handler()
    for _ in range(40):
        TalkativeModel().invoke("why?", {"callbacks": [handler]})
    feedback = traced.feedback(handler)
    runs = traced.runs()
    assert 0 < len(runs) < 40
    assert sorted(one["run_id"] for one in feedback) == sorted(run["id"] for run in runs)
    assert len(traced.wire.requests("POST", "/feedback")) == len(runs)
    assert all("respmeta" in metadata_of(run) for run in runs)


# --- replicas --------------------------------------------------------------------------------------------------------


def _replicas(traced: Traced, *names: str, **more: Any) -> Any:
    return tracing_context(replicas=[{"project_name": name, **more} for name in names])


def test_each_replica_carries_the_record_and_the_original_the_feedback(traced: Traced) -> None:
    handler = _handler()
    copy = f"{traced.project}-copy"
    with _replicas(traced, traced.project, copy):
        (ChatPromptTemplate.from_template("{q}") | TalkativeModel()).invoke(
            {"q": "why?"}, {"callbacks": [handler]}
        )
    feedback = traced.feedback(handler)
    for project in (traced.project, copy):
        (run,) = traced.runs(project, run_type="llm")
        assert "respmeta" in metadata_of(run)
        (root,) = [one for one in traced.runs(project) if one["parent_run_id"] is None]
        assert metadata_of(root)["respmeta_llm_calls"] == 1
        assert run["posts"] == 1
        assert run["patches"] <= 1
    assert [one["run_id"] for one in feedback] == [traced.model_run()["id"]]
    assert len(traced.wire.requests("POST", "/feedback")) == 1


def test_where_only_copies_with_other_ids_are_written_no_feedback_is_sent(
    traced: Traced, caplog: pytest.LogCaptureFixture
) -> None:
    handler = _handler()
    for _ in range(2):
        with _replicas(traced, f"{traced.project}-copy"):
            TalkativeModel().invoke("why?", {"callbacks": [handler]})
    assert traced.feedback(handler) == []
    assert traced.wire.requests("POST", "/feedback") == []
    assert len(traced.runs(f"{traced.project}-copy")) == 2
    assert caplog.text.count("replicas") == 1


def test_a_replica_whose_client_hides_outputs_keeps_texts_from_all(traced: Traced) -> None:
    hiding = Client(api_url=traced.wire.url, api_key="any", hide_outputs=True)
    replicas: Any = [
        {"project_name": traced.project},
        {"project_name": f"{traced.project}-hidden", "client": hiding},
    ]
    with tracing_context(replicas=replicas):
        TalkativeModel().invoke("why?", {"callbacks": [_handler()]})
    hiding.flush()
    (run,) = traced.runs(f"{traced.project}-hidden", run_type="llm")
    assert "secret" not in repr(_ours(metadata_of(run)))
    hiding.cleanup()


# --- clients, addresses ----------------------------------------------------------------------------------------------


def test_feedback_goes_through_the_runs_own_client(traced: Traced) -> None:
    with LocalServer() as other:
        client = Client(api_url=other.url, api_key="any")
        handler = _handler()
        tracer = LangChainTracer(project_name="mine", client=client)
        TalkativeModel().invoke("why?", {"callbacks": [tracer, handler]})
        client.flush()
        assert handler.flush(10)
        (run,) = other.store.runs(project="mine")
        assert [one["run_id"] for one in other.store.feedback()] == [run["id"]]
        client.cleanup()
    assert [method for method, _, _ in traced.wire.bodies if method != "GET"] == []


_AGENT: Final = {"kind": "AGENT", "id": "support-agent", "environment": "PRODUCTION"}


def _addressed_tracer(traced: Traced) -> Any:
    ensure: Callable[..., Any] = pytest.importorskip("langsmith.address").ensure_agent
    return LangChainTracer(client=traced.client, address=ensure(_AGENT))


def test_an_addressed_run_gets_its_record_and_feedback_by_address(traced: Traced) -> None:
    handler = _handler()
    TalkativeModel().invoke("why?", {"callbacks": [_addressed_tracer(traced), handler]})
    traced.client.flush()
    assert handler.flush(10)
    sent = traced.wire.sent()
    assert b'"respmeta_refused":true' in sent
    (body,) = traced.wire.requests("POST", "/feedback")
    assert b"support-agent" in body


def test_endpoints_from_the_environment_each_get_the_record_and_the_original_the_feedback(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = f"{traced.project}-copy"
    with LocalServer() as second:
        endpoints = [
            {"api_url": traced.wire.url, "api_key": "any", "project_name": traced.project},
            {"api_url": second.url, "api_key": "another", "project_name": copy},
        ]
        monkeypatch.delenv("LANGSMITH_ENDPOINT")
        monkeypatch.setenv("LANGSMITH_RUNS_ENDPOINTS", json.dumps(endpoints))
        forget_environment()
        handler = _handler()
        TalkativeModel().invoke("why?", {"callbacks": [handler]})
        feedback = traced.feedback(handler)
        (copied,) = second.store.runs(project=copy)
        assert second.store.feedback() == []
    assert "respmeta" in metadata_of(copied)
    assert [one["run_id"] for one in feedback] == [traced.model_run()["id"]]


# --- OpenTelemetry ---------------------------------------------------------------------------------------------------


@pytest.fixture
def spans() -> Any:
    """An exporter that keeps spans, and the provider that feeds it."""
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter, provider = memory.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    return exporter, provider


def _attributes(exporter: Any) -> list[dict[str, Any]]:
    return [dict(span.attributes) for span in exporter.get_finished_spans()]


def test_in_otel_mode_the_facts_are_on_the_spans_and_no_feedback_is_sent(
    traced: Traced, monkeypatch: pytest.MonkeyPatch, spans: Any, caplog: pytest.LogCaptureFixture
) -> None:
    exporter, provider = spans
    traced.use(monkeypatch, tracing_mode="otel", otel_tracer_provider=provider)
    handler = _handler()
    chain = ChatPromptTemplate.from_template("{q}") | TalkativeModel()
    for _ in range(2):
        chain.invoke({"q": "why?"}, {"callbacks": [handler]})
    traced.client.flush()
    assert handler.flush(5)
    found = [one for one in _attributes(exporter) if "langsmith.metadata.respmeta_provider" in one]
    assert len(found) == 2
    assert {one["langsmith.metadata.respmeta_refused"] for one in found} == {True}
    assert (
        len([one for one in _attributes(exporter) if one.get("langsmith.metadata.respmeta_llm_calls") == 1])
        == 2
    )
    assert [method for method, _, _ in traced.wire.bodies if method != "GET"] == []
    assert caplog.text.count("No feedback is sent") == 1


def test_in_hybrid_mode_both_get_the_facts_and_the_run_its_feedback(
    traced: Traced, monkeypatch: pytest.MonkeyPatch, spans: Any
) -> None:
    exporter, provider = spans
    traced.use(monkeypatch, tracing_mode="hybrid", otel_tracer_provider=provider)
    handler = _handler()
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    feedback = traced.feedback(handler)
    assert traced.model_metadata()["respmeta_refused"] is True
    assert [one["key"] for one in feedback] == ["respmeta_refused"]
    assert any("langsmith.metadata.respmeta_refused" in one for one in _attributes(exporter))
