"""The hand-written yardstick does our work: the same keys and values on the run of a plain call."""

from __future__ import annotations

from typing import Any, Final

import pytest
from langsmith.run_trees import RunTree

from benchmarks import seams
from benchmarks.calls import ChatOpenAI, tracer
from benchmarks.handlers import TRACER_FLOOR, TRACER_OURS, VARIANTS

OF_THE_CALL: Final = frozenset({"trace_id", "run_id", "received_at", "timing", "respmeta_latency_s"})
"""Ids and times, which no two calls share."""


def _stamped(row: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The metadata of a plain call's run, as it is handed to LangSmith's client."""
    found: list[dict[str, Any]] = []
    sending = tracer()
    prepared = VARIANTS[row](sending)
    update = type(sending.client).update_run

    def look(self: Any, *args: Any, **kwargs: Any) -> Any:
        found.append(kwargs["extra"]["metadata"])
        return update(self, *args, **kwargs)

    monkeypatch.setattr(type(sending.client), "update_run", look)
    prepared.on()
    try:
        ChatOpenAI().invoke("hi", config={"callbacks": prepared.callbacks})
        prepared.flush()
    finally:
        prepared.off()
        sending.client.cleanup()
    return found[0]


def _without(fields: Any) -> Any:
    if isinstance(fields, dict):
        return {name: _without(value) for name, value in fields.items() if name not in OF_THE_CALL}
    return fields


def test_the_hand_written_handler_stamps_what_ours_stamps(monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand, ours = (_stamped(row, monkeypatch) for row in (TRACER_FLOOR, TRACER_OURS))
    assert _without(by_hand) == _without(ours)
    assert by_hand.keys() == ours.keys()
    assert by_hand["respmeta"].keys() == ours["respmeta"].keys()
    assert by_hand["respmeta"]["timing"].keys() == ours["respmeta"]["timing"].keys()
    assert "respmeta_cost_usd" in ours


def test_without_ours_no_wrapper_of_ours_stands_around_a_run() -> None:
    seams.put(seams.BARE)
    try:
        assert not hasattr(RunTree.patch, "__wrapped__")
    finally:
        seams.put(seams.OURS)
