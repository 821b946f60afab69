"""How charts look: one table of colours for each theme, and what Vega-Lite makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from langchain_respmeta.errors import SettingsError

ThemeName: TypeAlias = Literal["light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours of one theme; each differs from the ground, and from its neighbours also for the colour-blind."""

    ground: str
    text: str
    quiet: str
    """Of axes, subtitles and notes."""
    lines: str
    """Of grids and ticks."""
    series: tuple[str, ...]
    """Of groups, the greatest first."""
    pale: str
    """Of a whole of which the coloured part is told."""
    other: str
    """Of all groups beyond them."""
    ramp: tuple[str, str]
    """From few to many."""
    reasons: Mapping[str, str]
    """Finish reason → its colour: what is ordinary is pale, what needs attention is not."""


THEMES: Final[Mapping[ThemeName, Theme]] = {
    "light": Theme(
        ground="#ffffff",
        text="#1b1f24",
        quiet="#57606a",
        lines="#e4e7eb",
        series=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a5cad", "#9a8700"),
        pale="#dde2e7",
        other="#a3a9b1",
        ramp=("#e8f1f8", "#0b4f80"),
        reasons={
            "stop": "#c3d3e0",
            "tool_calls": "#8fb4d3",
            "stop_sequence": "#a9c9c4",
            "pause": "#b9b4d9",
            "length": "#e69f00",
            "cancelled": "#8c939b",
            "content_filter": "#cc79a7",
            "refusal": "#d55e00",
            "error": "#8b1a1a",
            "unknown": "#d9d2c5",
        },
    ),
    "dark": Theme(
        ground="#14181d",
        text="#e8ebee",
        quiet="#a1abb6",
        lines="#2b323a",
        series=("#4aa5e8", "#f0b13c", "#2fbf95", "#e79bc6", "#9ad4f7", "#f2804a", "#b096e6", "#d2c24c"),
        pale="#333c46",
        other="#7d8690",
        ramp=("#1d2b38", "#7cc4f5"),
        reasons={
            "stop": "#3d5468",
            "tool_calls": "#4f7fa6",
            "stop_sequence": "#4c7d75",
            "pause": "#6a639c",
            "length": "#f0b13c",
            "cancelled": "#98a1ab",
            "content_filter": "#e79bc6",
            "refusal": "#f2804a",
            "error": "#ff6b6b",
            "unknown": "#6b6455",
        },
    ),
}

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
WIDTH: Final = 640
"""Pixels of a chart's plot; the report lets it fill its place."""


def theme_of(name: str) -> Theme:
    """Return a theme by its name.

    Raises:
        SettingsError: There is none of that name.
    """
    for known, theme in THEMES.items():
        if known == name:
            return theme
    raise SettingsError(f"a theme is one of {', '.join(THEMES)}: {name!r}", setting="theme")


def config(theme: Theme) -> dict[str, Any]:
    """Return the `config` of Vega-Lite for a theme."""
    labels = {"labelColor": theme.quiet, "titleColor": theme.quiet, "labelFontSize": 11, "titleFontSize": 11}
    return {
        "background": theme.ground,
        "font": FONT,
        "padding": 8,
        "view": {"stroke": None},
        "axis": {
            **labels,
            "titleFontWeight": "normal",
            "gridColor": theme.lines,
            "domainColor": theme.lines,
            "tickColor": theme.lines,
            "labelLimit": 200,
        },
        "legend": {
            **labels,
            "orient": "bottom",
            "title": None,
            "labelLimit": 200,
            "symbolType": "square",
            "columns": 3,
        },
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": theme.text,
            "fontSize": 15,
            "fontWeight": 600,
            "subtitleColor": theme.quiet,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "text": {"color": theme.text, "fontSize": 11},
    }
