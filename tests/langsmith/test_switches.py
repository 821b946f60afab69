"""A switch that is off stays off, judged by the bytes that left the process."""

import asyncio
import json
from typing import Any, Final

import pytest
from langchain_core.outputs import ChatResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tracers import LangChainTracer
from langsmith import traceable, tracing_context

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.record.derived import COUNTED, DERIVED
from langchain_respmeta.record.flat_keys import FLAT
from tests.attachment.check import metadata_of, ours_of
from tests.attachment.model import NumberedModel
from tests.attachment.places import forget_environment
from tests.attachment.talkative import SECRETS, TalkativeModel, talkative_handler
from tests.attachment.traced import Traced
from tests.sending import send_all
from tests.waiting import CEILING_S

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
    handler = talkative_handler()
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    feedback = traced.feedback(handler)
    ours = ours_of(traced.model_metadata())
    known = {*FLAT, *COUNTED, *DERIVED, "schema_version"}
    of_agents = {
        "tool_errors",
        *(f"{which}_calls" for which in ("superseded", "waiting", "rejected", "external")),
    }
    assert {key.removeprefix("respmeta_") for key in ours} <= known | of_agents
    assert ours["respmeta_refused"] is True
    assert not [value for value in ours.values() if isinstance(value, dict | list)]
    assert [one["key"] for one in feedback] == ["respmeta_refused"]
    assert feedback[0]["comment"] is None
    for secret in SECRETS:
        assert secret.encode() not in traced.wire.sent()
    (record,) = handler.records
    assert record.refusal is not None
    assert record.refusal.reason == "secret-refusal"


ONE_SWITCH: dict[str, dict[str, Any]] = {
    "inputs": {"hide_inputs": True},
    "metadata": {"hide_metadata": lambda metadata: metadata},
    "buffered runs": {"process_buffered_run_ops": lambda runs: runs, "run_ops_buffer_size": 1},
}


@pytest.mark.parametrize("switch", ONE_SWITCH)
def test_where_anything_is_hidden_our_part_holds_no_text_either(
    traced: Traced, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    traced.use(monkeypatch, **ONE_SWITCH[switch])
    TalkativeModel().invoke("why?", {"callbacks": [talkative_handler()]})
    assert "secret" not in repr(ours_of(traced.model_metadata()))


def test_where_metadata_is_hidden_nothing_of_ours_leaves(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced.use(monkeypatch, hide_metadata=True, hide_outputs=True)
    handler = RespMetaHandler(include_content=True, feedback=False)
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    assert ours_of(traced.model_metadata()) == {}
    assert b"respmeta" not in traced.wire.sent()
    assert len(handler.records) == 1


def test_by_environment_outputs_are_hidden_too(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_HIDE_OUTPUTS", "true")
    forget_environment()
    traced.use(monkeypatch)
    TalkativeModel().invoke("why?", {"callbacks": [talkative_handler()]})
    assert "respmeta" not in traced.model_metadata()
    assert b"secret" not in traced.wire.sent()


def test_where_nothing_is_hidden_texts_leave_only_when_asked_for(traced: Traced) -> None:
    """Shows that the tests above could fail."""
    TalkativeModel().invoke("why?", {"callbacks": [talkative_handler()]})
    told = repr(ours_of(traced.model_metadata()))
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
    handler = talkative_handler()
    with pytest.raises(ValueError, match="secret-words"):
        Failing().invoke("why?", {"callbacks": [handler]})
    (feedback,) = traced.feedback(handler)
    assert (feedback["key"], feedback["comment"]) == ("respmeta_error", None)
    assert all(b"secret-words" not in body for body in traced.wire.requests("POST", "/feedback"))
    assert "secret" not in repr(ours_of(traced.model_metadata()))


@pytest.mark.parametrize("settings", [{}, {"extend_trace_retention": True}])
def test_traces_keep_their_retention_unless_it_is_asked_for(traced: Traced, settings: dict[str, Any]) -> None:
    handler = talkative_handler(**settings)
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    assert traced.feedback(handler)
    (body,) = traced.wire.requests("POST", "/feedback")
    assert json.loads(body)["extend_trace_retention"] is bool(settings)
    # In a batch beside runs it would not be obeyed.
    assert not [path for _, path, sent in traced.wire.bodies if b"feedback." in sent and path != "/feedback"]


# --- tracing off -----------------------------------------------------------------------------------------------------


def _nothing_left(traced: Traced, handler: RespMetaHandler) -> None:
    send_all(traced.client)
    assert handler.flush(CEILING_S)
    assert [(method, path) for method, path, _ in traced.wire.bodies if method != "GET"] == []
    assert handler.records
    assert handler.summary()["calls"] == len(handler.records)


def test_with_tracing_off_nothing_leaves(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    forget_environment()
    handler = talkative_handler()
    (ChatPromptTemplate.from_template("{q}") | TalkativeModel()).invoke(
        {"q": "why?"}, {"callbacks": [handler]}
    )
    _nothing_left(traced, handler)


def test_in_a_context_without_tracing_nothing_leaves(traced: Traced) -> None:
    handler = talkative_handler()

    @traceable
    def outer() -> None:
        TalkativeModel().invoke("why?", {"callbacks": [handler]})

    with tracing_context(enabled=False):
        outer()
        TalkativeModel().invoke("why?", {"callbacks": [handler]})
        asyncio.run(TalkativeModel().ainvoke("why?", {"callbacks": [handler]}))
    _nothing_left(traced, handler)


def test_a_tracer_passed_by_hand_stays_silent_in_a_context_without_tracing(traced: Traced) -> None:
    handler = talkative_handler()
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
    handler = talkative_handler()
    TalkativeModel().invoke("why?", {"callbacks": [handler]})
    _nothing_left(traced, handler)


def test_with_half_of_the_traces_sampled_exactly_those_have_feedback(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced.use(monkeypatch, tracing_sampling_rate=0.5)
    handler = talkative_handler()
    for _ in range(40):
        TalkativeModel().invoke("why?", {"callbacks": [handler]})
    feedback = traced.feedback(handler)
    runs = traced.runs()
    assert 0 < len(runs) < 40
    assert sorted(one["run_id"] for one in feedback) == sorted(run["id"] for run in runs)
    assert len(traced.wire.requests("POST", "/feedback")) == len(runs)
    assert all("respmeta" in metadata_of(run) for run in runs)
