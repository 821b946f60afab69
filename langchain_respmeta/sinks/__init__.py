"""What takes every record besides LangSmith: files and metrics. `RespMetaHandler(sinks=[…])`.

A sink is any callable that takes a record; those here are made by factories, which import their packages at the first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading

if TYPE_CHECKING:
    from langchain_respmeta.sinks.json_lines import jsonl
    from langchain_respmeta.sinks.opentelemetry_sink import otel
    from langchain_respmeta.sinks.parquet_folder import parquet
    from langchain_respmeta.sinks.prometheus_sink import prometheus
    from langchain_respmeta.sinks.refusals import refusal_log
    from langchain_respmeta.sinks.sink import Sink

__all__ = ["Sink", "jsonl", "otel", "parquet", "prometheus", "refusal_log"]

_HOMES: Final = {
    "Sink": "sink",
    "jsonl": "json_lines",
    "otel": "opentelemetry_sink",
    "parquet": "parquet_folder",
    "prometheus": "prometheus_sink",
    "refusal_log": "refusals",
}
"""Public name → module, which is loaded at its first use. No module is named as what it makes: it would hide that here."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with loading:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
