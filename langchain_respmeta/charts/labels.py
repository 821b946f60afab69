"""What groups and times are called on charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from langchain_respmeta.charts.figures import Sums
from langchain_respmeta.charts.keys import TAGS
from langchain_respmeta.charts.theme import Theme
from langchain_respmeta.charts.times import LENGTHS, Every
from langchain_respmeta.record.views.format import one_line
from langchain_respmeta.record.views.short import count

OTHERS: Final = "(all others)"
NONE: Final = "(not told)"
"""Of a group whose records have no value of the key."""

DOT: Final = " \N{MIDDLE DOT} "
"""What stands between facts in one line."""

_LONGEST: Final = 48
_WORDS: Final[Mapping[str, str]] = {
    "model": "model",
    "provider": "provider",
    "service_tier": "service tier",
    "agent_name": "agent",
    "graph_node": "node",
    "thread_id": "thread",
    "tags": "tag",
}


class Keyed(Protocol):
    """A group of any kind."""

    @property
    def keys(self) -> tuple[str | None, ...]:
        """Its value of each key."""
        ...

    @property
    def is_other(self) -> bool:
        """Whether it is all groups beyond the first ones."""
        ...


def label(group: Keyed) -> str:
    """Return the name of a group for people, in one short line."""
    if group.is_other:
        return OTHERS
    told = [one_line(key, _LONGEST) for key in group.keys if key is not None]
    return DOT.join(told) or NONE


def label_by(by: Sequence[str]) -> str:
    """Return what groups are made by, for people: `model and service tier`."""
    return " and ".join(_WORDS.get(key, key.replace("_", " ")) for key in by)


def palette(names: Sequence[str], ranked: Sequence[str], theme: Theme) -> dict[str, str]:
    """Return the colour of each name: those that are ranked have theirs on every chart, grey is for all others.

    Args:
        names: Names on this chart.
        ranked: Names of the groups that cost the most, in their order.
        theme: Where the colours are from.
    """
    of_rank = dict(zip(ranked, theme.series, strict=False))
    free = iter([colour for colour in theme.series if colour not in {of_rank.get(name) for name in names}])
    return {
        name: theme.other if name in (OTHERS, NONE) else of_rank.get(name) or next(free, theme.other)
        for name in names
    }


def plural(number: int, one: str, many: str = "") -> str:
    """Return `1 call`, `1,234 calls`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def verb(number: int, one: str, many: str) -> str:
    """Return the form of a verb that fits a number."""
    return one if number == 1 else many


def keys_of(by: str | Sequence[str]) -> list[str]:
    """Return the keys to group by, of one or several."""
    return [by] if isinstance(by, str) else [*by]


def why_no_cost(sums: Sums) -> str:
    """Say why there is no cost to draw."""
    return "No call reports its cost, and none has a known price." if sums.calls else "No call was made."


def unpriced_note(sums: Sums) -> str:
    """Return that the cost of some calls is unknown; empty if it is not."""
    if not sums.unpriced:
        return ""
    return f"{plural(sums.unpriced, 'call')} {verb(sums.unpriced, 'has', 'have')} no known cost and {verb(sums.unpriced, 'is', 'are')} not in it"


def tags_note(keys: Sequence[str]) -> str:
    """Return that groups by tags overlap; empty where it is not by tags."""
    return "A call with several tags counts in each of them" if TAGS in keys else ""


# --- time ------------------------------------------------------------------------------------------------------------


def end_of(start: datetime, every: Every) -> datetime:
    """Return where a stretch of time ends."""
    if every == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + LENGTHS[every]


_FORMATS: Final[Mapping[str, str]] = {
    "minute": "%d %b %Y, %H:%M",
    "hour": "%d %b %Y, %H:%M",
    "day": "%a, %d %b %Y",
    "week": "week from %d %b %Y",
    "month": "%b %Y",
}


def moment(start: datetime, every: Every) -> str:
    """Return a stretch of time for people."""
    return start.strftime(_FORMATS[every])
