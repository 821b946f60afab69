"""A fault in one part costs that part only; copies, switches, sums and the handler's public methods."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import subprocess
import sys
import typing
from dataclasses import dataclass
from decimal import Decimal, Inexact, localcontext
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler, ResponseMetadata, normalize
from langchain_respmeta._agents import callbacks
from langchain_respmeta._agents.contributor import AGENTS
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.settings import is_on
from langchain_respmeta._runs import contributors
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.enrich.prices.loader import Loader
from langchain_respmeta.handler import watching
from langchain_respmeta.handler.records import Records
from langchain_respmeta.handler.totals import Totals
from tests.handler.echo import Echo


def _called(**settings_of_handler: Any) -> tuple[RespMetaHandler, ResponseMetadata]:
    handler = RespMetaHandler(feedback=False, **settings_of_handler)
    Echo().invoke("5", {"callbacks": [handler]})
    handler.summary()
    return handler, handler.records[0]


def _is_whole(record: ResponseMetadata) -> bool:
    return (record.finish_reason, record.model, record.response_id) == ("stop", "m", "id-5") and (
        record.usage is not None and record.usage.input_tokens == 5
    )


class Odd:
    """An unknown shape: any attribute raises."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


@pytest.mark.parametrize("shape", [Odd, object, int])
def test_prices_of_another_shape_cost_the_price_alone(monkeypatch: pytest.MonkeyPatch, shape: type) -> None:
    price.preload(wait=True)
    monkeypatch.setattr(price._loader, "_book", shape())
    monkeypatch.setattr(price._loader, "_snapshots", shape)
    monkeypatch.setattr(price, "_offers", Bounded(9))  # what earlier tests looked up is kept for their book
    _, record = _called()
    assert _is_whole(record)
    assert record.cost is not None
    assert record.cost.unpriced_reason == "prices_unavailable"


def test_a_price_package_that_cannot_be_read_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import genai_prices.data_snapshot

    monkeypatch.setattr(genai_prices.data_snapshot, "get_snapshot", Odd)
    loader = Loader()
    loader.load()
    loader.load()
    assert loader.ready
    assert loader.book() is None
    assert caplog.text.count("No costs are computed") == 1


@pytest.mark.parametrize("fault", [RuntimeError, SystemExit, asyncio.CancelledError, GeneratorExit])
def test_a_sink_that_raises_costs_no_other_sink_and_no_thread(fault: type[BaseException]) -> None:
    seen: list[Any] = []

    def bad(record: Any) -> None:
        raise fault

    handler, record = _called(sinks=[bad, seen.append])
    Echo().invoke("6", {"callbacks": [handler]})
    assert handler.summary()["calls"] == 2
    assert len(seen) == 2
    assert _is_whole(record)


@dataclass
class Enricher:
    """A dataclass: it cannot be hashed."""

    facts: Any = None
    fails_at: str = ""
    name: str = "mine"

    @property
    def wait_s(self) -> float:
        self._maybe("wait_s")
        return 0.0

    def wants(self, draft: Any, start: Any) -> bool:
        self._maybe("wants")
        return True

    def look_up(self, draft: Any, done: Any) -> None:
        self._maybe("look_up")
        done(self.facts)

    def flush(self, timeout: float) -> bool:
        self._maybe("flush")
        return True

    def _maybe(self, name: str) -> None:
        if name == self.fails_at:
            raise SystemExit(name)


@pytest.mark.parametrize("place", ["wait_s", "wants", "look_up", "flush"])
def test_an_enricher_that_raises_costs_its_facts_alone(place: str) -> None:
    handler, record = _called(enrichers=[Enricher({"model": "better"}, place)])
    assert handler.flush(0.1) == (place != "flush")
    assert record.response_id == "id-5"
    assert handler.records[0].model == ("better" if place == "flush" else "m")


@pytest.mark.parametrize(
    "facts", [{"no.such.place": 1}, {"usage.input_tokens": "many"}, ["x"], {"cost.total": "x"}, 7]
)
def test_facts_of_no_form_are_left_out(facts: Any) -> None:
    handler, record = _called(enrichers=[Enricher(facts)])
    assert _is_whole(record)
    assert handler.summary()["input_tokens"] == 5


def test_agents_notes_that_fail_cost_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(callbacks, "model_ended", fail)
    monkeypatch.setattr(watching, "wants_chains", fail)
    handler, record = _called()
    assert _is_whole(record)
    assert len(handler.records) == 1


def test_normalize_keeps_the_rest_where_a_step_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_respmeta._reading import general

    monkeypatch.setattr(general, "add_executions", Odd().__getattr__)
    record = normalize(
        AIMessage(
            "",
            tool_calls=[{"name": "f", "args": {}, "id": "1"}],
            response_metadata={"model_name": "m", "model_provider": "openai", "finish_reason": "tool_calls"},
        )
    )
    assert record.model == "m"
    assert record.finish_reason == "tool_calls"
    assert any("could not be read" in warning for warning in record.warnings)


# --- copies ----------------------------------------------------------------------------------------------------------


def test_copies_share_and_a_pickle_has_the_same_settings() -> None:
    handler, record = _called(prefix="mine", max_records=3, project="p", sinks=[print], include_content=True)
    assert copy.copy(handler) is handler
    assert copy.deepcopy({"callbacks": [handler]})["callbacks"][0] is handler
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        other = pickle.loads(pickle.dumps(handler, protocol))  # noqa: S301 - our own
        told = (
            "metadata",
            "feedback",
            "prices",
            "include_content",
            "project",
            "prefix",
            "sinks",
            "enrichers",
        )
        assert all(getattr(other, name) == getattr(handler, name) for name in told)
        assert len(other.records) == 0
        Echo().invoke("5", {"callbacks": [other]})
        assert other.records[0].response_id == "id-5"
    assert copy.deepcopy(handler.records) == [record]
    assert pickle.loads(pickle.dumps(handler.records)) == [record]  # noqa: S301


def test_a_sink_that_cannot_be_pickled_says_so() -> None:
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(RespMetaHandler(feedback=False, sinks=[lambda record: None]))


# --- switches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "0", "off", "no", "OFF", " False ", "none of these"])
def test_off_is_off(word: str) -> None:
    assert not is_on("RESPMETA_X", {"RESPMETA_X": word})
    assert is_on("RESPMETA_X", {"RESPMETA_X": " ON "})


@pytest.mark.parametrize("word", ["off", "nonsense", "true"])
def test_importing_never_raises_even_where_core_has_no_hooks(word: str) -> None:
    program = (
        "import langchain_core.tracers.context as c; del c.register_configure_hook\n"
        "import langchain_respmeta as r; print(r.get_enabled_handler() is None)"
    )
    environment = {**os.environ, "RESPMETA_ENABLED": word}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(word != "true")]
    assert len(done.stderr.splitlines()) == (word != "off")


# --- the public face -------------------------------------------------------------------------------------------------


def test_the_handler_shows_what_users_need_and_no_more() -> None:
    shown = {name for name in dir(RespMetaHandler(feedback=False)) if not name.startswith("_")}
    assert shown - set(dir(BaseCallbackHandler())) - {"on_stream_event"} == {
        *("by", "client", "enrichers", "extend_trace_retention", "feedback", "include_content"),
        *("metadata", "prefix", "prices", "project", "provider", "sinks"),
        *("close", "delivery", "flush", "monitor", "records", "summary"),
    }


@pytest.mark.skipif(sys.version_info < (3, 11), reason="typing.get_overloads came with 3.11")
def test_records_are_typed() -> None:
    told = {
        typing.get_type_hints(
            one, vars(sys.modules[Records.__module__]) | {"ResponseMetadata": ResponseMetadata}
        )["return"]
        for one in typing.get_overloads(Records.__getitem__)
    }
    assert told == {ResponseMetadata, list[ResponseMetadata]}


def test_the_summary_says_what_each_model_cost() -> None:
    _, before = _called()
    price.set_price(before.provider, "m", input_mtok=1, output_mtok=1)
    try:
        handler, _ = _called()
        summary = handler.summary()
    finally:
        price.reset_prices()
    assert summary["cost_usd_by_model"] == {"m": summary["cost_usd"]} == {"m": Decimal("0.000006")}
    assert RespMetaHandler(feedback=False).summary()["cost_usd_by_model"] == {}


def test_the_summary_adds_up_whatever_the_callers_rounding_is() -> None:
    totals, costs = Totals(), [Decimal("0.1"), Decimal("0.02"), Decimal("0.003")]
    with localcontext() as context:
        context.prec, context.traps[Inexact] = 1, True
        for cost in costs:
            totals.add({"model": "dear", "cost.total": cost})
        totals.amend(
            {"model": "dear", "cost.total": costs[0]}, {"model": "dear", "cost.total": Decimal("0.4")}
        )
        totals.add({"model": "cheap", "cost.total": Decimal("0.4229")})
        summary = totals.summary()
    assert summary["cost_usd"] == Decimal("0.8459")
    by_model = summary["cost_usd_by_model"]
    assert by_model == {"dear": Decimal("0.423"), "cheap": Decimal("0.4229")}
    assert list(by_model) == ["dear", "cheap"]


def test_a_handler_module_that_is_loaded_again_contributes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks reload what was edited: twice the agents would count everything twice."""
    monkeypatch.setattr(contributors, "CONTRIBUTORS", [])
    for _ in range(2):
        contributors.contribute(AGENTS)
    assert contributors.CONTRIBUTORS == [AGENTS]
