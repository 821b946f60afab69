"""What a report holds, before it is drawn: the same for the page and for pictures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_respmeta.charts.chapters.model import Section, Tile


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole."""

    title: str
    subtitle: str
    version: str
    made: str
    tiles: Sequence[Tile]
    notes: Sequence[str]
    sections: Sequence[Section]
