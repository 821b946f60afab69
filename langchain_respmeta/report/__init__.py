"""The report: one page of figures and charts over records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_respmeta._process.late_imports import lazy_names

if TYPE_CHECKING:
    from langchain_respmeta.report.write import ReportSide, WrittenReport, write_report

__all__ = ["ReportSide", "WrittenReport", "write_report"]

__getattr__, __dir__ = lazy_names(__name__, dict.fromkeys(__all__, "report.write"))
