"""What takes every record besides LangSmith: files and metrics. `RespMetaHandler(sinks=[…])`.

A sink is any callable that takes a record; those here are made by factories, which import their packages at the first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.late_imports import lazy_names

if TYPE_CHECKING:
    from langchain_respmeta.sinks.json_lines import jsonl
    from langchain_respmeta.sinks.opentelemetry_sink import otel
    from langchain_respmeta.sinks.parquet_folder import parquet
    from langchain_respmeta.sinks.prometheus_sink import prometheus
    from langchain_respmeta.sinks.refusals import refusal_log
    from langchain_respmeta.sinks.sink import Sink

__all__ = ["Sink", "jsonl", "otel", "parquet", "prometheus", "refusal_log"]

_HOMES: Final = {
    "Sink": "sinks.sink",
    "jsonl": "sinks.json_lines",
    "otel": "sinks.opentelemetry_sink",
    "parquet": "sinks.parquet_folder",
    "prometheus": "sinks.prometheus_sink",
    "refusal_log": "sinks.refusals",
}
"""Public name → module, which is loaded at its first use. No module is named as what it makes: it would hide that here."""

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
