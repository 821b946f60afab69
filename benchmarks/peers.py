"""Other libraries' rows, in an environment of their own: `make bench-peers`.

Each has its usual batching thread and packs its spans as it would for its server; the packed bytes go nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from langchain_core.tracers.langchain import LangChainTracer

from benchmarks import seams
from benchmarks.handlers import NONE, OURS, TRACER, TRACER_OURS, USAGE, VARIANTS, Make, Prepared

DISTRIBUTIONS = (
    "langfuse",
    "openinference-instrumentation-langchain",
    "opentelemetry-instrumentation-genai-langchain",
    "opentelemetry-sdk",
)

SCENARIOS = ("plain", "chain", "agent", "stream-100")


class Packing:
    """An OpenTelemetry exporter that packs spans as OTLP's does, and sends nothing."""

    def __init__(self) -> None:
        self.spans = 0
        self._pack = import_module("opentelemetry.exporter.otlp.proto.common.trace_encoder").encode_spans
        self._done = import_module("opentelemetry.sdk.trace.export").SpanExportResult.SUCCESS

    def export(self, spans: Sequence[Any]) -> Any:
        self._pack(spans).SerializeToString()
        self.spans += len(spans)
        return self._done

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


def _spans_or_raise(exporter: Packing) -> None:
    if not exporter.spans:
        raise RuntimeError("nothing was packed: this row would measure nothing")


def _langfuse() -> Make:
    client_class = import_module("langfuse").Langfuse
    handler_class = import_module("langfuse.langchain").CallbackHandler
    provider_class = import_module("opentelemetry.sdk.trace").TracerProvider

    exporter = Packing()
    client = client_class(  # one for its key, whoever asks
        public_key="pk-lf-x",
        secret_key="sk-lf-x",
        base_url="http://127.0.0.1:9",
        tracer_provider=provider_class(),
        span_exporter=exporter,
    )

    def flush() -> None:
        client.flush()
        _spans_or_raise(exporter)

    return lambda _: Prepared(
        [handler_class(public_key="pk-lf-x")], on=lambda: seams.put(seams.BARE), flush=flush
    )


def _instrumentor(module: str) -> Callable[[], Make]:
    """A library that puts its own handler on every callback manager, from `instrument` to `uninstrument`."""

    def load() -> Make:
        instrumentor = import_module(module).LangChainInstrumentor()
        provider_class = import_module("opentelemetry.sdk.trace").TracerProvider
        batching = import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor

        def make(_: LangChainTracer) -> Prepared:
            exporter, provider = Packing(), provider_class()
            provider.add_span_processor(batching(exporter))

            def on() -> None:
                seams.put(seams.BARE)
                instrumentor.instrument(tracer_provider=provider)

            def flush() -> None:
                provider.force_flush()
                _spans_or_raise(exporter)

            return Prepared([], on, instrumentor.uninstrument, flush)

        return make

    return load


PEERS: dict[str, Callable[[], Make]] = {
    "Langfuse": _langfuse,
    "OpenInference": _instrumentor("openinference.instrumentation.langchain"),
    "OpenTelemetry GenAI": _instrumentor("opentelemetry.instrumentation.genai.langchain"),
}


def variants() -> tuple[dict[str, Make], dict[str, str]]:
    """The rows that are installed beside ours, and why the others are not there."""
    rows = {name: VARIANTS[name] for name in (NONE, USAGE, OURS, TRACER, TRACER_OURS)}
    missing = {}
    for name, load in PEERS.items():
        try:
            rows[name] = load()
        except ImportError as fault:
            missing[name] = str(fault)
    return rows, missing
