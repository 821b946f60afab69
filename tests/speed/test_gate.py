"""The gate sees what it is there to see: each way in which a fast reader could be wrong is found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from langchain_respmeta._reading.general import read_generally
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.compare import differences
from tests.speed.gate import Gate


class Wrong:
    """Reads as the reference does, and then spoils it."""

    def __init__(self, change: Callable[[Any, Answer], object], *, is_silent: bool = False) -> None:
        self._change = change
        self._is_silent = is_silent

    def read(self, answer: Answer, start: RunStart) -> Any:
        draft: Any = {} if self._is_silent else read_generally(answer, start)
        changed = self._change(draft, answer)
        return draft if changed is None else changed

    def learn(self, *_: object) -> bool:
        return False

    def clear(self) -> None:
        """Nothing is kept."""


ONE: dict[str, Any] = {}
"""A draft that is handed out twice."""

WRONG: dict[str, Callable[[Any, Answer], object]] = {
    "a number": lambda draft, _: draft.update({"usage.input_tokens": -5}),
    "a float for a whole number": lambda draft, _: draft.update({"candidates": 1.0}),
    "a number for a flag": lambda draft, _: draft.update(truncated=int(draft["truncated"])),
    "a key too many": lambda draft, _: draft.update(surprise=None),
    "a key too few": lambda draft, _: draft.pop("provider"),
    "another subclass": lambda draft, _: type("Draft", (dict,), {})(draft),
    "the answer's own data": lambda draft, answer: draft.update(provider_data=answer.metadata),
    "a changed answer": lambda _, answer: answer.metadata.update(surprise=1),  # type: ignore[attr-defined]
    "a draft for two": lambda draft, _: ONE if ONE.update(draft) is None else None,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_reader_is_found(name: str, fixtures: list[Case], pools: Pools) -> None:
    gate = Gate(Wrong(WRONG[name]), pools, Random(1))  # noqa: S311 - no secret
    for case in fixtures[:20]:
        gate.hold(case, 1)
    assert gate.counts.findings


def test_a_reader_that_logs_less_is_found(pools: Pools, fixtures: list[Case]) -> None:
    """It gives the right draft, as one that was compiled before the log was emptied would."""
    case = fixtures[0].copy()
    case.parts["metadata"]["surprise"] = 1
    right = read_generally(case.answer(), case.run_start())
    gate = Gate(Wrong(lambda *_: copy.deepcopy(right), is_silent=True), pools, Random(1))  # noqa: S311 - no secret
    gate.hold(case, 0)
    assert any(kind.startswith("the log") for kind in gate.counts.kinds)


def test_a_right_reader_is_not(fixtures: list[Case], pools: Pools) -> None:
    gate = Gate(Wrong(lambda *_: None), pools, Random(1))  # noqa: S311 - no secret
    for case in fixtures[:20]:
        gate.hold(case, 5)
    assert gate.counts.findings == []
    assert gate.counts.fast == gate.counts.mutants + gate.counts.seeds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({1: 1}, {True: 1}),
        ({"a": 0.0}, {"a": -0.0}),
        ({"a": Decimal("1.0")}, {"a": Decimal("1.00")}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": None}, {}),
        ({"a": [{"b": ""}]}, {"a": [{"b": None}]}),
    ],
)
def test_drafts_that_python_calls_equal_or_nearly_so_differ(one: Any, other: Any) -> None:
    assert list(differences(one, other))
    assert not list(differences(one, copy.deepcopy(one)))
