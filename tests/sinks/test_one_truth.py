"""One loop of 10,000 calls: every place that adds calls up tells the same calls, tokens and cost, to the last digit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langsmith import Client
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from prometheus_client import CollectorRegistry
from pydantic import PrivateAttr

from langchain_respmeta import Monitor, RespMetaHandler, charts
from langchain_respmeta.sinks import jsonl, otel, parquet, prometheus
from tests.attachment.check import metadata_of
from tests.attachment.traced import Traced
from tests.sending import send_all
from tests.sinks.collector import collecting
from tests.sinks.meters import Meters, added, scrape
from tests.waiting import CEILING_S

_PROMPTS: Final = 9_900
_FAILS: Final = 99
"""Every so manieth prompt fails at its first try."""
CALLS: Final = 10_000
_A_ROOT: Final = 100
_MODELS: Final = ("gpt-5-mini-2025-08-07", "gpt-4.1-2025-04-14", "o3-2025-04-16")


class Varied(BaseChatModel):
    """Three models, with other counts for each prompt; the price of each call has up to nine decimals."""

    _failed: set[int] = PrivateAttr(default_factory=set)

    @property
    def _llm_type(self) -> str:
        return "varied"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        number = int(messages[-1].text)
        if number % _FAILS == 0 and number not in self._failed:
            self._failed.add(number)
            raise ConnectionError("the provider is away")
        put, out = 100 + number * 7 % 991, 10 + number * 13 % 503
        message = AIMessage(
            "hello",
            response_metadata={
                "model_name": _MODELS[number % 3],
                "finish_reason": "length" if number % 50 == 0 else "stop",
            },
            usage_metadata={
                "input_tokens": put,
                "output_tokens": out,
                "total_tokens": put + out,
                "input_token_details": {"cache_read": put // 3},
                "output_token_details": {"reasoning": out // 2},
            },
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


class Truth(NamedTuple):
    """What 10,000 calls add up to."""

    calls: Decimal
    input_tokens: Decimal
    output_tokens: Decimal
    cost_usd: Decimal

    @classmethod
    def of(cls, sums: Mapping[str, Any]) -> Truth:
        """What exact sums say."""
        return cls(*(Decimal(sums[name]) for name in cls._fields))

    @classmethod
    def told(cls, by_name: Callable[[str], Iterable[Any]]) -> Truth:
        """What a place tells of each name: numbers to add up, each as it is written."""
        return cls(*(added(by_name(name)) for name in cls._fields))


_ON_ROOTS: Final = {"calls": "llm_calls"}
"""Names that are others on a root run."""


def _sums_of(handler: RespMetaHandler) -> Truth:
    """The records themselves, added up exactly."""
    records = [record for record in handler.records if record.usage is not None]
    return Truth(
        Decimal(len(handler.records)),
        Decimal(sum(record.usage.input_tokens or 0 for record in records if record.usage)),
        Decimal(sum(record.usage.output_tokens or 0 for record in records if record.usage)),
        sum((record.cost.total for record in records if record.cost and record.cost.total), Decimal(0)),
    )


def _asked(path: Path) -> Truth:
    """What DuckDB finds in an export."""
    (sums,) = charts.source_of(path).rows(
        "SELECT count(*) FILTER (is_call), sum(input_tokens), sum(output_tokens), sum(cost_usd) FROM records"
    )
    return Truth(*map(Decimal, sums))


def _call_all(handler: RespMetaHandler, model: BaseChatModel, client: Client) -> None:
    again = model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)

    def step(first: int, config: RunnableConfig) -> int:
        for number in range(first, first + _A_ROOT):
            (again if number % _FAILS == 0 else model).invoke(str(number), config)
        return first

    for first in range(0, _PROMPTS, _A_ROOT):
        RunnableLambda(step).invoke(first, {"callbacks": [handler]})
        send_all(client)  # LangSmith's SDK drops what comes while 10,000 of its events wait


@pytest.fixture
def more_environment() -> Mapping[str, str]:
    """Runs go as they are: to compress them is most of what 10,000 cost."""
    return {"LANGSMITH_DISABLE_RUN_COMPRESSION": "true"}


def test_every_place_tells_the_same_calls_tokens_and_cost(traced: Traced, tmp_path: Path) -> None:
    registry, monitor = CollectorRegistry(), Monitor()
    lines, folder = tmp_path / "calls.jsonl", tmp_path / "table"
    with collecting() as collector:
        meters = Meters([PeriodicExportingMetricReader(OTLPMetricExporter(collector.url), inf)])
        handler = RespMetaHandler(
            feedback=False,
            provider={"Varied": "openai"},
            sinks=[otel(meters.provider), prometheus(registry), monitor, jsonl(lines), parquet(folder)],
        )
        _call_all(handler, Varied(), traced.client)
        assert handler.flush(CEILING_S)
        assert meters.provider.force_flush(int(CEILING_S * 1_000))
        sums, scraped = handler.summary(), scrape(registry)
        roots = [metadata_of(run) for run in traced.runs() if run["parent_run_id"] is None]
        told = {
            "summary": Truth.of(sums),
            "monitor": Truth.of(asdict(monitor.totals())),
            "jsonl": _asked(lines),
            "parquet": _asked(folder),
            "OTLP": Truth.told(lambda name: collector.values(f"respmeta.{name}")),
            "OpenTelemetry": Truth.told(
                lambda name: [one.value for one in meters.points(f"respmeta.{name}")]
            ),
            "Prometheus": Truth.told(
                lambda name: [value for _, value in scraped.samples[f"respmeta_{name}_total"]]
            ),
            "LangSmith's roots": Truth.told(
                lambda name: [root[f"respmeta_{_ON_ROOTS.get(name, name)}"] for root in roots]
            ),
        }
        meters.provider.shutdown()
    truth = _sums_of(handler)
    assert truth.calls == CALLS
    assert int(truth.cost_usd.as_tuple().exponent) <= -9
    assert told == dict.fromkeys(told, truth)
