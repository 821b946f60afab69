"""The calls that share one id, bounded: replayed and cached answers repeat theirs, many at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from langchain_respmeta._agents.tool_call import TrackedCall

MAX_OF_ID: Final = 16
"""Calls of one id that are remembered, if earlier ones are over."""
MAX_OPEN: Final = 256
"""The same if they are not: their tool, or the answer that asked for them, is still to come."""


def with_same_id(calls: Sequence[TrackedCall], call: TrackedCall) -> list[TrackedCall]:
    """Return the calls of an id and one more; beyond the bound drop the first that is over."""
    if len(calls) < MAX_OF_ID:
        return [*calls, call]
    over = next((one for one in calls if one.asker is not None and not one.is_open), None)
    if over is None and len(calls) >= MAX_OPEN:
        over = calls[0]
    return [*(one for one in calls if one is not over), call]
