"""What every model provider says about its answer, as one typed record on your LangSmith runs.

>>> from langchain_respmeta import RespMetaHandler
>>> chain.invoke(question, config={"callbacks": [RespMetaHandler()]})  # doctest: +SKIP
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process import locks as locks
from langchain_respmeta._process.late_imports import lazy_names, loading
from langchain_respmeta._version import __version__
from langchain_respmeta.record.word_sources import SOURCES

if TYPE_CHECKING:
    from langchain_respmeta._reading.check_refusal import RefusalCheck, check_refusal
    from langchain_respmeta._reading.cite import render_with_citations
    from langchain_respmeta._reading.extract import extract
    from langchain_respmeta._reading.normalize import normalize, normalize_stream
    from langchain_respmeta.enrich.enricher import Enricher
    from langchain_respmeta.enrich.openrouter.enricher import OpenRouterEnricher
    from langchain_respmeta.errors import (
        HistoryError,
        MissingExtraError,
        ProviderError,
        RecordError,
        RespMetaError,
        SettingsError,
        UnreadableAnswer,
    )
    from langchain_respmeta.handler.handler import RespMetaHandler
    from langchain_respmeta.handler.hooks import get_enabled_handler, get_response_metadata_callback
    from langchain_respmeta.handler.stored import normalize_run
    from langchain_respmeta.handler.watch import watch_langsmith
    from langchain_respmeta.langsmith.feedback.rules import FeedbackRule
    from langchain_respmeta.monitor.monitor import Monitor
    from langchain_respmeta.providers.engine.run_start import RunStart
    from langchain_respmeta.providers.registry import register_provider
    from langchain_respmeta.record.record import ResponseMetadata
    from langchain_respmeta.sinks.refusals import refusal_log

_HOMES: Final = {
    "Enricher": "enrich.enricher",
    "FeedbackRule": "langsmith.feedback.rules",
    "HistoryError": "errors",
    "MissingExtraError": "errors",
    "Monitor": "monitor.monitor",
    "OpenRouterEnricher": "enrich.openrouter.enricher",
    "ProviderError": "errors",
    "RecordError": "errors",
    "RespMetaError": "errors",
    "RespMetaHandler": "handler.handler",
    "RefusalCheck": "_reading.check_refusal",
    "ResponseMetadata": "record.record",
    "RunStart": "providers.engine.run_start",
    "SettingsError": "errors",
    "UnreadableAnswer": "errors",
    "check_refusal": "_reading.check_refusal",
    "extract": "_reading.extract",
    "get_enabled_handler": "handler.hooks",
    "get_response_metadata_callback": "handler.hooks",
    "normalize": "_reading.normalize",
    "normalize_run": "handler.stored",
    "normalize_stream": "_reading.normalize",
    "refusal_log": "sinks.refusals",
    "register_provider": "providers.registry",
    "render_with_citations": "_reading.cite",
    "watch_langsmith": "handler.watch",
}
"""Public name → module. Loaded when first used, so that importing the package stays cheap."""

__all__ = [
    "Enricher",
    "FeedbackRule",
    "HistoryError",
    "MissingExtraError",
    "Monitor",
    "OpenRouterEnricher",
    "ProviderError",
    "RecordError",
    "RefusalCheck",
    "RespMetaError",
    "RespMetaHandler",
    "ResponseMetadata",
    "RunStart",
    "SettingsError",
    "UnreadableAnswer",
    "__version__",
    "check_refusal",
    "extract",
    "get_enabled_handler",
    "get_response_metadata_callback",
    "normalize",
    "normalize_run",
    "normalize_stream",
    "refusal_log",
    "register_provider",
    "render_with_citations",
    "watch_langsmith",
]


__getattr__, _ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)


def _words_of_providers() -> list[str]:
    with loading:
        from langchain_respmeta.providers.rows import words

    return words()


SOURCES.append(_words_of_providers)

if os.environ.get("RESPMETA_ENABLED"):
    from langchain_respmeta._process.settings import ENABLED, is_on

    if is_on(ENABLED, os.environ):
        from langchain_respmeta.handler.hooks import register

        register()
