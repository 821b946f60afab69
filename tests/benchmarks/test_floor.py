"""The hand-written yardstick does our work: the same keys and values on the run of a plain call."""

from __future__ import annotations

from typing import Any, Final

import pytest
from langsmith.run_trees import RunTree

from benchmarks import seams
from benchmarks.calls import ChatOpenAI, tracer
from benchmarks.handlers import TRACER, TRACER_FLOOR, TRACER_OURS, VARIANTS

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
    with seams.switched():
        prepared.on()
        ChatOpenAI().invoke("hi", config={"callbacks": prepared.callbacks})
        prepared.flush()
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


def test_the_tracer_alone_passes_no_wrapper_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = _stamped(TRACER, monkeypatch)
    assert "respmeta" not in metadata
    assert all(bare is not ours for bare, ours in zip(seams.BARE.values(), seams.OURS.values(), strict=True))


def test_afterwards_runs_have_our_wrapper_again() -> None:
    with seams.switched():
        seams.put(seams.BARE)
    assert RunTree.patch is seams.OURS["patch"]
    assert RunTree.post is seams.OURS["post"]
