"""The report: one page of figures and charts over records."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading

if TYPE_CHECKING:
    from langchain_respmeta.report.write import ReportSide, WrittenReport, write_report

__all__ = ["ReportSide", "WrittenReport", "write_report"]

_HOME: Final = "langchain_respmeta.report.write"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with loading:
        return getattr(import_module(_HOME), name)
