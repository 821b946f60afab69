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
    mark: str
    """Of quantiles, which stand on the ramp."""
    cache: tuple[str, str]
    """Of tokens that were read from a cache, and written to it."""
    reasons: Mapping[str, str]
    """Finish reason → its colour: what is ordinary is pale, what needs attention is not."""


THEMES: Final[Mapping[ThemeName, Theme]] = {
    "light": Theme(
        ground="#ffffff",
        text="#1b1f24",
        quiet="#57606a",
        lines="#e4e7eb",
        series=("#0072b2", "#d98200", "#3cb46c", "#6e1c69", "#746116", "#5226c9", "#167461", "#672c22"),
        pale="#dde2e7",
        other="#9aa1a9",
        ramp=("#e8f1f8", "#0b4f80"),
        mark="#d55e00",
        cache=("#009e73", "#e69f00"),
        reasons={
            "stop": "#d3dee8",
            "tool_calls": "#86b0d6",
            "stop_sequence": "#5fae93",
            "pause": "#2b5c93",
            "length": "#e39a1f",
            "cancelled": "#5a6169",
            "content_filter": "#d06fa8",
            "refusal": "#7a1f7d",
            "error": "#9c2a1c",
            "unknown": "#c9bda0",
        },
    ),
    "dark": Theme(
        ground="#14181d",
        text="#e8ebee",
        quiet="#a1abb6",
        lines="#2b323a",
        series=("#4aa5e8", "#f0a63c", "#1a8955", "#d5e887", "#7350d3", "#5cd7e0", "#f0cbb2", "#696e1c"),
        pale="#333c46",
        other="#7d8690",
        ramp=("#1d2b38", "#7cc4f5"),
        mark="#ff8a3d",
        cache=("#2fbf95", "#f0b13c"),
        reasons={
            "stop": "#334656",
            "tool_calls": "#4f86b3",
            "stop_sequence": "#57c4a2",
            "pause": "#7d8dff",
            "length": "#f2ab45",
            "cancelled": "#8f979f",
            "content_filter": "#f3a6d6",
            "refusal": "#a94fd8",
            "error": "#ff4d42",
            "unknown": "#7d7258",
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
