"""Metadata goes where the runs go: replicas, clients, addresses, OpenTelemetry; judged by the bytes that left."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tracers import LangChainTracer
from langsmith import Client, tracing_context

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.local import LocalServer
from tests.attachment.check import metadata_of, ours_of
from tests.attachment.places import forget_environment
from tests.attachment.talkative import TalkativeModel, talkative_handler
from tests.attachment.traced import Traced
from tests.sending import send_all
from tests.waiting import CEILING_S

# --- replicas --------------------------------------------------------------------------------------------------------


def _replicas(traced: Traced, *names: str, **more: Any) -> Any:
    return tracing_context(replicas=[{"project_name": name, **more} for name in names])


def test_each_replica_carries_the_record_and_the_original_the_feedback(traced: Traced) -> None:
    handler = talkative_handler()
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


@pytest.mark.parametrize("is_primary", [False, True], ids=["by project", "by choice"])
def test_a_copy_under_another_id_says_whose_copy_it_is(traced: Traced, *, is_primary: bool) -> None:
    """The ids in its record are the original's: without a word they would claim to be its own."""
    handlers = [talkative_handler(), talkative_handler(prefix="ours")]
    names = [traced.project, f"{traced.project}-copy", f"{traced.project}-other"]
    replicas: Any = [{"project_name": name} for name in names]
    if is_primary:
        replicas[0]["primary"] = True
    replicas[2]["updates"] = {"tags": ["mine"]}
    given = json.dumps(replicas)
    with tracing_context(replicas=replicas):
        (ChatPromptTemplate.from_template("{q}") | TalkativeModel()).invoke("why?", {"callbacks": handlers})
    originals = {run["name"]: run for run in traced.runs() if "respmeta" in metadata_of(run)}
    assert len(originals) == 2
    for project in names[1:]:
        copies = [run for run in traced.runs(project) if "respmeta" in metadata_of(run)]
        assert len(copies) == 2
        for copy in copies:
            original = originals[copy["name"]]
            assert copy["id"] != original["id"]
            before, after = metadata_of(original), metadata_of(copy)
            for prefix in ("respmeta", "ours"):
                said = after[prefix]["provider_data"].pop("langsmith")
                assert said == {"copy_of": original["id"]}
                after[prefix] = {key: value for key, value in after[prefix].items() if value != {}}
            assert after == before
            assert (copy["tags"] == ["mine"]) == (project == names[2])
    (copied,) = traced.runs(names[1], run_type="llm")
    record = ResponseMetadata.from_dict(metadata_of(copied)["respmeta"])
    assert record.provider_data["langsmith"]["copy_of"] == record.run_id == traced.model_run()["id"]
    assert json.dumps(replicas) == given, "the user's own list stays as it is"


def test_where_only_copies_with_other_ids_are_written_no_feedback_is_sent(
    traced: Traced, caplog: pytest.LogCaptureFixture
) -> None:
    handler = talkative_handler()
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
        TalkativeModel().invoke("why?", {"callbacks": [talkative_handler()]})
    send_all(hiding)
    (run,) = traced.runs(f"{traced.project}-hidden", run_type="llm")
    assert "secret" not in repr(ours_of(metadata_of(run)))
    hiding.cleanup()


# --- clients, addresses ----------------------------------------------------------------------------------------------


def test_feedback_goes_through_the_runs_own_client(traced: Traced) -> None:
    with LocalServer() as other:
        client = Client(api_url=other.url, api_key="any")
        handler = talkative_handler()
        tracer = LangChainTracer(project_name="mine", client=client)
        TalkativeModel().invoke("why?", {"callbacks": [tracer, handler]})
        send_all(client)
        assert handler.flush(CEILING_S)
        (run,) = other.store.runs(project="mine")
        assert [one["run_id"] for one in other.store.feedback()] == [run["id"]]
        client.cleanup()
    assert [method for method, _, _ in traced.wire.bodies if method != "GET"] == []


_AGENT: Final = {"kind": "AGENT", "id": "support-agent", "environment": "PRODUCTION"}


def _addressed_tracer(traced: Traced) -> Any:
    ensure: Callable[..., Any] = pytest.importorskip("langsmith.address").ensure_agent
    return LangChainTracer(client=traced.client, address=ensure(_AGENT))


def test_an_addressed_run_gets_its_record_and_feedback_by_address(traced: Traced) -> None:
    handler = talkative_handler()
    TalkativeModel().invoke("why?", {"callbacks": [_addressed_tracer(traced), handler]})
    send_all(traced.client)
    assert handler.flush(CEILING_S)
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
        handler = talkative_handler()
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
    handler = talkative_handler()
    chain = ChatPromptTemplate.from_template("{q}") | TalkativeModel()
    for _ in range(2):
        chain.invoke({"q": "why?"}, {"callbacks": [handler]})
    send_all(traced.client)
    assert handler.flush(CEILING_S)
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
    handler = talkative_handler()
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    feedback = traced.feedback(handler)
    assert traced.model_metadata()["respmeta_refused"] is True
    assert [one["key"] for one in feedback] == ["respmeta_refused"]
    assert any("langsmith.metadata.respmeta_refused" in one for one in _attributes(exporter))
