"""Old runs: pull them from LangSmith, read them in bulk into a table, and give them feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.late_imports import lazy_names

if TYPE_CHECKING:
    from langchain_respmeta.history.batches import normalize_batch
    from langchain_respmeta.history.bulk.program import normalize_files
    from langchain_respmeta.history.bulk.progress import NormalizeProgress
    from langchain_respmeta.history.bulk.report import NormalizeReport
    from langchain_respmeta.history.export.program import export_records
    from langchain_respmeta.history.export.report import ExportProgress, ExportReport
    from langchain_respmeta.history.feedback.program import give_feedback
    from langchain_respmeta.history.feedback.report import FeedbackProgress, FeedbackReport
    from langchain_respmeta.history.frames import normalize_batches, spark_schema
    from langchain_respmeta.history.pull.program import pull_runs
    from langchain_respmeta.history.pull.report import PullProgress, PullReport
    from langchain_respmeta.table.schema import table_schema

__all__ = [
    "ExportProgress",
    "ExportReport",
    "FeedbackProgress",
    "FeedbackReport",
    "NormalizeProgress",
    "NormalizeReport",
    "PullProgress",
    "PullReport",
    "export_records",
    "give_feedback",
    "normalize_batch",
    "normalize_batches",
    "normalize_files",
    "pull_runs",
    "spark_schema",
    "table_schema",
]

_HOMES: Final = {
    "ExportProgress": "history.export.report",
    "ExportReport": "history.export.report",
    "FeedbackProgress": "history.feedback.report",
    "FeedbackReport": "history.feedback.report",
    "NormalizeProgress": "history.bulk.progress",
    "NormalizeReport": "history.bulk.report",
    "PullProgress": "history.pull.report",
    "PullReport": "history.pull.report",
    "export_records": "history.export.program",
    "give_feedback": "history.feedback.program",
    "normalize_batch": "history.batches",
    "normalize_batches": "history.frames",
    "normalize_files": "history.bulk.program",
    "pull_runs": "history.pull.program",
    "spark_schema": "history.frames",
    "table_schema": "table.schema",
}
"""Public name → module, which is loaded at its first use."""

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
