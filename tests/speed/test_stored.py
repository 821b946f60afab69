"""What the straight way makes of a stored row is what the general one makes of it, key for key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import read
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.handler.stored_general import read_generally
from langchain_respmeta.handler.stored_rows import MAX_FAILURES, MAX_STARTS, ROWS
from tests.conformance._rows import OUTPUTS
from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.compare import differences
from tests.speed.rows import FORMS, Row, run_of
from tests.speed.seeds import of_dumps
from tests.speed.stored import RowGate
from tests.speed.ways import reference_only

SAMPLE = 60
MUTANTS = 8
DUMPS = 200
FEWEST = 0.7
"""Of unchanged rows of messages that are read straight: a gate that compares nothing finds nothing."""
FEWEST_CHANGED = 0.15


def _messages(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.parts["is_message"]]


@pytest.mark.parametrize("form", FORMS)
def test_rows_and_changed_rows_are_read_the_same_both_ways(
    form: str, fixtures: list[Case], pools: Pools
) -> None:
    price.preload(wait=True)
    random = Random(f"rows {form}")  # noqa: S311 - no secret
    gate = RowGate(random)
    for case in random.sample(fixtures, SAMPLE):
        gate.hold(case, form, mutants=MUTANTS, pools=pools)
    assert gate.findings == []
    assert gate.changed_straight > FEWEST_CHANGED * gate.changed, gate


@pytest.mark.parametrize("form", FORMS)
def test_failed_calls_are_read_the_same_both_ways(form: str, fixtures: list[Case]) -> None:
    gate = RowGate(Random(f"failed {form}"))  # noqa: S311 - as above
    for case in gate.random.sample(fixtures, 5):
        gate.hold_failures(case, form, 40)
    assert gate.findings == []
    assert gate.straight > gate.rows / 3, gate


def _result(row: Row) -> Row:
    result: Row = row["outputs"]
    return result


def _message(row: Row) -> Row:
    """As pydantic dumps it."""
    message: Row = row["outputs"]["generations"][0][0]["message"]["kwargs"]
    return message


def _changed(message: Row) -> Iterator[Row]:
    """The message, and copies that are another kind of message or stream, or lack a field."""
    yield message
    yield from ({**message, "type": kind} for kind in ("human", "AIMessage", "AIMessageChunk", 1))
    for version in ("v0", "v1", None):
        yield {**message, "response_metadata": {**message["response_metadata"], "output_version": version}}
    for name in message:
        yield {key: value for key, value in message.items() if key != name}
        yield {**message, name: None}
    yield {**message, "data": dict(message)}


@pytest.mark.parametrize("alone", [_result, _message])
def test_dumped_results_and_messages_alone_are_read_the_same_both_ways(
    alone: Callable[[Row], Row], fixtures: list[Case]
) -> None:
    random, found = Random("results"), list[str]()  # noqa: S311 - as above
    for case in random.sample(_messages(fixtures), SAMPLE):
        stored = alone(run_of(case, random))
        for one in [stored] if alone is _result else _changed(stored):
            for _ in range(3):
                draft_of(one, case.start)
        for one in [stored] if alone is _result else _changed(stored):
            with reference_only():
                expected = draft_of(one, case.start)
            found += [f"{case.name}: {each}" for each in differences(draft_of(one, case.start), expected)]
    assert found == []


def test_messages_of_a_usual_shape_need_no_answer_object(
    fixtures: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    random, straight = Random("messages"), 0  # noqa: S311 - as above
    cases = random.sample(_messages(fixtures), SAMPLE)
    messages = [(_message(run_of(case, random)), case.start) for case in cases]
    for _ in range(2):
        for message, start in messages:
            draft_of(message, start)
    expected = [draft_of(message, start) for message, start in messages]
    monkeypatch.setattr(read, "draft_of_answers", lambda *_: None)
    for (message, start), draft in zip(messages, expected, strict=True):
        straight += draft_of(message, start) == draft
    assert straight > FEWEST * len(messages)


def test_threads_read_rows_as_one_does(fixtures: list[Case]) -> None:
    random = Random("threads")  # noqa: S311 - as above
    cases = random.sample(_messages(fixtures), 20)
    rows = [FORMS["export"](run_of(case, random, streamed=case.parts["is_chunk"])) for case in cases] * 8
    expected = [[*read_generally(row)] for row in rows]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda _: [[*read_stored(row)] for row in rows], range(4))
    assert [list(differences(one, expected)) for one in found] == [[]] * 4


def test_rows_leave_no_more_behind_than_the_bounds_allow(fixtures: list[Case]) -> None:
    random = Random("bounds")  # noqa: S311 - as above
    run = run_of(fixtures[0], random)
    for number in range(MAX_STARTS + 20):
        run["extra"]["metadata"]["ls_model_name"] = f"model {number}"
        row = FORMS["text"](run)
        read_stored(row)
        for _ in range(2):
            read_stored({**row, "outputs": None, "error": f"Error('{number}')", "status": "error"})
    rows = STATE[ROWS]
    assert len(rows._starts) == MAX_STARTS
    assert len(rows._failures) == MAX_FAILURES


@pytest.mark.shared
@pytest.mark.skipif(
    not OUTPUTS.exists(), reason="the recorded integration outputs are not beside the checkout"
)
def test_rows_of_dumps_are_read_the_same_both_ways_and_almost_all_straight() -> None:
    gate = RowGate(Random("dumps"))  # noqa: S311 - as above
    for case in gate.random.sample(_messages([*of_dumps()]), DUMPS):
        gate.hold(case, gate.random.choice(sorted(FORMS)))
    assert gate.findings == []
    assert gate.straight > FEWEST * gate.rows, gate
