"""The tools that the demo's models may call, answered from a table."""

from collections.abc import Mapping, Sequence

from langchain_core.tools import BaseTool, tool

__all__ = ["TOOLS", "resolve_tools"]

_ARTIFACTS = {
    "kish tablet": "Kish tablet: limestone, pictographic signs, about 3500 BCE, Ashmolean Museum (cast).",
    "narmer palette": "Narmer Palette: siltstone, early hieroglyphs, about 3100 BCE, Egyptian Museum, Cairo.",
}


@tool
def look_up_artifact(name: str) -> str:
    """Look up an archaeological object: material, date, place."""
    return _ARTIFACTS.get(name.lower(), f"nothing is known about {name}")


@tool
def years_between(first_bce: int, second_bce: int) -> int:
    """Count the years between two years BCE."""
    return abs(first_bce - second_bce)


@tool
def get_weather(city: str, hours: int = 6) -> str:
    """Forecast the weather of a city for the next hours."""
    return f"{city}, next {hours} h: rain, 7 C, wind from the west"


TOOLS: Mapping[str, BaseTool] = {each.name: each for each in (get_weather, look_up_artifact, years_between)}


def resolve_tools(named: Sequence[str | Mapping[str, object]]) -> list[object]:
    """Turn names of a scenario's tools into tools; a provider's own tools (web search) stay unchanged."""
    return [TOOLS[each] if isinstance(each, str) else dict(each) for each in named]
