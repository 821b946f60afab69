"""Figures as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.monitor.figures import FIGURES, Figures

if TYPE_CHECKING:
    import pandas as pd

_COUNTED: Final = ("calls", "errors", "refusals", "truncations")
_ENDINGS: Final = ("_calls", "_tokens")


def frame_of(by: str, groups: Sequence[Figures]) -> pd.DataFrame:
    """Return a row for each group: its value in a column named as what is grouped by, then the figures.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    with needing("A DataFrame", extra="pandas"):
        import pandas as pd
    columns: dict[str, Any] = {by: pd.array([one.value for one in groups], dtype="string")}
    for name in FIGURES:
        values = [getattr(one, name) for one in groups]
        if name in _COUNTED or name.endswith(_ENDINGS):
            columns[name] = pd.array(values, dtype="Int64")
        else:
            floats = [None if value is None else float(value) for value in values]
            columns[name] = pd.array(floats, dtype="float64")
    return pd.DataFrame(columns)
