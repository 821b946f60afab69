"""Sums on roots: a handler's prefix holds the calls that this handler watched, in its projects."""

from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID, uuid4

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableParallel
from langchain_core.tracers import LangChainTracer
from langsmith import Client, traceable
from langsmith.run_helpers import tracing_context

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.langsmith import call_sums, rollup
from langchain_respmeta.langsmith.rollup import ROLLUPS
from langchain_respmeta.local import LocalServer
from tests.attachment.check import OF_SUMS, metadata_of
from tests.attachment.model import AskingModel, NumberedModel
from tests.attachment.traced import Traced
from tests.sending import send_all

_PROMPT = ChatPromptTemplate.from_template("{q}")


def _handler(**settings: Any) -> RespMetaHandler:
    return RespMetaHandler(feedback=False, **settings)


def test_a_prefix_sums_up_only_what_its_handler_watched(traced: Traced) -> None:
    whole, part = _handler(), _handler(prefix="part")
    branches = RunnableParallel(
        one=_PROMPT | NumberedModel(),
        two=_PROMPT | NumberedModel(callbacks=[part]),
        three=_PROMPT | NumberedModel(),
    )
    branches.invoke({"q": "why?"}, {"callbacks": [whole]})
    root = traced.root_metadata()
    calls = {run["id"]: metadata_of(run) for run in traced.runs(run_type="llm")}
    watched = [metadata for metadata in calls.values() if "part" in metadata]
    assert (root["respmeta_llm_calls"], root["part_llm_calls"]) == (3, 1)
    assert len(watched) == 1
    assert root["part_input_tokens"] == watched[0]["part_input_tokens"]
    assert root["respmeta_input_tokens"] == sum(
        metadata["respmeta_input_tokens"] for metadata in calls.values()
    )


def test_a_project_that_the_handler_does_not_watch_stays_untouched(traced: Traced) -> None:
    handler = _handler(project=traced.project)
    tracers = [
        LangChainTracer(project_name=name, client=traced.client)
        for name in (traced.project, f"{traced.project}-other")
    ]
    for tracer in tracers:
        (_PROMPT | NumberedModel()).invoke({"q": "why?"}, {"callbacks": [tracer, handler]})
    ours, others = traced.runs(), traced.runs(f"{traced.project}-other")
    assert sum("respmeta_llm_calls" in metadata_of(run) for run in ours) == 1
    assert others
    assert not [key for run in others for key in metadata_of(run) if key.startswith("respmeta")]
    assert len(handler.records) == 2


def test_one_trace_in_two_projects_is_summed_up_only_where_it_is_watched(traced: Traced) -> None:
    handler = _handler(project=traced.project)
    with LocalServer() as second:
        client = Client(api_url=second.url, api_key="any")
        tracers = [
            LangChainTracer(project_name=traced.project, client=traced.client),
            LangChainTracer(project_name="elsewhere", client=client),
        ]
        NumberedModel().invoke("why?", {"callbacks": [*tracers, handler]})
        send_all(client)
        others = second.store.runs(project="elsewhere")
        client.cleanup()
    assert traced.root_metadata()["respmeta_input_tokens"]
    assert len(others) == len(traced.runs())
    assert not [key for run in others for key in metadata_of(run) if key.startswith("respmeta")]


def test_sums_by_model_add_up_to_the_whole(traced: Traced) -> None:
    @traceable
    def outer() -> None:
        for _ in range(6):
            NumberedModel().invoke("why?", {"callbacks": [handler]})

    handler = _handler()
    outer()
    root = traced.root_metadata()
    sums = root["respmeta"]["rollup"]
    assert len(sums["by_model"]) == 3
    for key in ("llm_calls", "input_tokens", "output_tokens", "total_tokens", "reasoning_tokens"):
        assert sum(model[key] for model in sums["by_model"].values()) == sums[key] == root[f"respmeta_{key}"]
    assert ", ".join(sums["by_model"]) == root["respmeta_models"]
    assert root["respmeta_providers"] == "unknown"


def test_a_model_call_that_is_the_root_says_nothing_twice(traced: Traced) -> None:
    NumberedModel().invoke("why?", {"callbacks": [_handler()]})
    root = traced.root_metadata()
    assert "rollup" not in root["respmeta"]
    assert not [key for key in root if key.removeprefix("respmeta_") in OF_SUMS]
    assert root["respmeta"]["usage"]["input_tokens"] == root["respmeta_input_tokens"]


def test_a_model_call_that_calls_another_sums_both_up(traced: Traced) -> None:
    AskingModel().invoke("why?", {"callbacks": [_handler()]})
    calls = [metadata_of(run) for run in traced.runs(run_type="llm")]
    root = traced.root_metadata()
    assert (len(calls), root["respmeta_llm_calls"]) == (2, 2)
    assert root["respmeta_input_tokens"] == sum(call["respmeta"]["usage"]["input_tokens"] for call in calls)
    assert "rollup" not in root["respmeta"]


def test_traces_are_forgotten_oldest_first(monkeypatch: Any) -> None:
    monkeypatch.setattr(rollup, "MAX_TRACES", 5)
    handler = _handler()
    traces = [uuid4() for _ in range(9)]
    for trace in traces:
        STATE[ROLLUPS].add(trace, uuid4(), {"provider": "openai"}, handler)
    assert len(STATE[ROLLUPS]) == 5
    assert [bool(STATE[ROLLUPS].of(trace)) for trace in traces] == [False] * 4 + [True] * 5


def test_a_long_trace_is_summed_up_whole_however_many_come_and_go_meanwhile(
    traced: Traced, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rollup, "MAX_TRACES", 5)
    handler, model = _handler(), NumberedModel()

    @traceable(client=traced.client, project_name=traced.project)
    def long_one() -> None:
        model.invoke("first", {"callbacks": [handler]})
        for _ in range(8):
            with tracing_context(parent=False):
                (_PROMPT | model).invoke(
                    {"q": "why?"},
                    {"callbacks": [handler, LangChainTracer(client=traced.client, project_name="others")]},
                )
        model.invoke("last", {"callbacks": [handler]})

    with tracing_context(enabled=True):
        long_one()
    assert len(STATE[ROLLUPS]) == 5
    assert traced.root_metadata()["respmeta_llm_calls"] == 2


def test_a_trace_without_end_is_summed_up_in_bounded_memory(monkeypatch: Any) -> None:
    monkeypatch.setattr(call_sums, "MAX_SEEN", 5)
    handler, trace = _handler(), uuid4()
    for _ in range(50):
        run_id = uuid4()
        for _ in range(2):  # two tracers
            STATE[ROLLUPS].add(trace, run_id, {"provider": "openai", "usage.input_tokens": 2}, handler)
    found = STATE[ROLLUPS].of(trace)[handler.prefix]
    assert len(found._sums._seen) == 5
    flat = found.flat(handler.prefix)
    assert (flat["respmeta_llm_calls"], flat["respmeta_input_tokens"]) == (50, 100)


def test_calls_without_an_end_are_summed_up_in_bounded_memory(monkeypatch: Any) -> None:
    monkeypatch.setattr(call_sums, "MAX_SEEN", 5)
    handler, trace = _handler(), uuid4()
    for _ in range(50):
        draft = {"provider": "openai", "usage.input_tokens": 2}
        STATE[ROLLUPS].add(trace, uuid4(), draft, handler, assumed=True)
    found = STATE[ROLLUPS].of(trace)[handler.prefix]
    assert len(found._sums._assumed) == 5
    flat = found.flat(handler.prefix)
    assert (flat["respmeta_llm_calls"], flat["respmeta_input_tokens"]) == (50, 100)


class _Between(BaseCallbackHandler):
    """Comes between the handler and the tracer, and sees what others are shown meanwhile."""

    run_inline = True

    def __init__(self) -> None:
        self.shown: list[tuple[Any, Any]] = []

    def on_llm_end(self, *args: Any, run_id: UUID, **kwargs: Any) -> None:
        run = STATE[RUNS].get(run_id)
        assert run is not None
        self.shown = [(draft, {**draft}) for draft in run.settle()]


def test_nobody_sees_a_record_change_when_the_run_is_sent(traced: Traced) -> None:
    """Sinks and users read on other threads, while the tracer sends the run."""
    handler, between = _handler(), _Between()
    tracer = LangChainTracer(project_name=traced.project, client=traced.client)
    NumberedModel().invoke("why?", {"callbacks": [handler, between, tracer]})
    ((draft, before),) = between.shown
    assert draft == before
    assert [record.trace_id for record in handler.records] == [traced.model_run()["trace_id"]]


def test_costs_by_model_add_up_to_the_whole() -> None:
    """Each model's cost, None where none of its calls has a price, and how many calls that leaves out."""
    handler, trace = _handler(), uuid4()
    prices = {"a": ["0.1", "0.02"], "b": ["0.003", None], "c": [None], "d": ["0"]}
    with localcontext() as context:
        context.prec = 1  # the caller's rounding is the caller's
        for model, costs in prices.items():
            for cost in costs:
                priced = {} if cost is None else {"cost.total": Decimal(cost)}
                STATE[ROLLUPS].add(trace, uuid4(), {"provider": "openai", "model": model, **priced}, handler)
    found = STATE[ROLLUPS].of(trace)[handler.prefix].keys("respmeta")["respmeta"]["rollup"]
    by_model = found["by_model"]
    assert {model: sums["cost_usd"] for model, sums in by_model.items()} == {
        "a": 0.12,
        "b": 0.003,
        "c": None,
        "d": 0,
    }
    assert [sums["unpriced_calls"] for sums in by_model.values()] == [0, 1, 1, 0]
    assert found["cost_usd"] == 0.123
    assert found["unpriced_calls"] == 2


def test_what_caches_saved_adds_up_to_the_whole() -> None:
    """Exact, below 0 where writing cost more, and nothing where no call tells it."""
    handler, trace = _handler(), uuid4()
    for model, saved in [("a", "0.1"), ("a", "0.02"), ("b", "-0.003"), ("c", None)]:
        told = {} if saved is None else {"cost.cache_discount": Decimal(saved)}
        STATE[ROLLUPS].add(trace, uuid4(), {"provider": "openai", "model": model, **told}, handler)
    rollup_of = STATE[ROLLUPS].of(trace)[handler.prefix]
    by_model = rollup_of.keys("respmeta")["respmeta"]["rollup"]["by_model"]
    assert {model: sums.get("cache_discount_usd") for model, sums in by_model.items()} == {
        "a": 0.12,
        "b": -0.003,
        "c": None,
    }
    assert rollup_of.flat("x")["x_cache_discount_usd"] == 0.117
    STATE[ROLLUPS].add(other := uuid4(), uuid4(), {"provider": "openai", "model": "c"}, handler)
    assert "x_cache_discount_usd" not in STATE[ROLLUPS].of(other)[handler.prefix].flat("x")


def test_what_is_kept_of_a_first_call_is_all_that_its_sums_read() -> None:
    """Nothing of its record stays beside it."""
    read: set[str] = set()

    class Watched(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            read.add(key)
            return super().get(key, default)

        def __contains__(self, key: object) -> bool:
            read.add(str(key))
            return super().__contains__(key)

    sums = call_sums.Sums()
    for draft in ({}, {"event": "error"}, {"cost.total": Decimal(1)}):
        sums.add(uuid4(), Watched(draft))  # type: ignore[arg-type]
        sums.flat()
    assert read == call_sums.READ
