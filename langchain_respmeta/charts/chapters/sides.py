"""What a report is about: the calls of a period, and those beside it where there is something to compare with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from langchain_respmeta.charts.canvas import unchecked
from langchain_respmeta.charts.chapters.beside import alike
from langchain_respmeta.charts.chapters.model import Figure
from langchain_respmeta.charts.chapters.specs import Drawn, drawn
from langchain_respmeta.charts.source import Source


class Sides(NamedTuple):
    """One side, or two."""

    now: Source
    before: Source | None = None
    now_label: str = ""
    before_label: str = ""

    def drawn(self, chart: Callable[..., Any], **arguments: Any) -> tuple[Drawn, list[Figure]]:
        """Return a chart of each side, and the first with its title.

        Raises:
            SettingsError: The files behind a side cannot be read, or a key is unknown.
        """
        with unchecked():
            first = drawn(chart(self.now, **arguments))
            if self.before is None:
                return first, [Figure(first.spec, f"Chart: {first.title}")]
            second = drawn(chart(self.before, **arguments))
        now, before = alike(first.spec, second.spec)
        return first, [
            Figure(before, f"Chart: {second.title}", self.before_label),
            Figure(now, f"Chart: {first.title}", self.now_label),
        ]
