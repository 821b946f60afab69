"""Protocol of what looks up facts that an answer does not tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from langchain_respmeta.record.draft import merged

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.run_start import RunStart
    from langchain_respmeta.record.draft import Draft

Facts: TypeAlias = dict[str, Any]
"""What was found, by path in the record (`"cost.total"`); None removes a value, `provider_data` is merged."""


class Enricher(Protocol):
    """Looks up what an answer does not tell. One instance may serve several handlers; no method may block or raise."""

    @property
    def name(self) -> str:
        """What is looked up, one word: feedback about it has the key `respmeta_<name>`."""
        ...

    @property
    def wait_s(self) -> float:
        """Seconds after its end for which a traced run is held back, so that it has the facts; 0 for none."""
        ...

    def wants(self, draft: Mapping[str, Any], start: RunStart) -> bool:
        """Whether there is something to look up: `draft` holds the record's values by path."""
        ...

    def look_up(self, draft: Mapping[str, Any], done: Callable[[Facts | None], None]) -> None:
        """Begin, and return at once. `done` is called once, from any thread: with the facts, or None if there are none."""
        ...

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is under way, `timeout` seconds at the most; False when that was too short."""
        ...


def with_facts(draft: Draft, facts: Facts) -> Draft:
    """Return a new draft with the facts added."""
    found = {**draft, **facts}
    if "provider_data" in facts:
        found["provider_data"] = {**draft.get("provider_data", {}), **facts["provider_data"]}
    return merged({path: value for path, value in found.items() if value is not None})
