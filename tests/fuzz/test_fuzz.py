"""Any answer has a record: a few seeded executions, and the small cases that once failed."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, TypeAdapter, computed_field

from langchain_respmeta import ResponseMetadata, normalize
from langchain_respmeta.providers.engine.answers import answers_of
from langchain_respmeta.record.bounds import MAX_KEPT, MAX_READ_OF_ALL, MORE
from langchain_respmeta.record.measures import Cost
from langchain_respmeta.record.plain import json_safe
from tests.fuzz.check import check
from tests.fuzz.corpus import seeds
from tests.fuzz.mutate import Endless, Hostile, mutated

EXECUTIONS = 1_000


def _message(**fields: Any) -> dict[str, Any]:
    return {"type": "ai", "content": "Hi.", **fields}


def _shared() -> Any:
    value: Any = [{"a": 1}]
    for _ in range(3):
        value = [value] * 200
    return value


def _nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [{"type": "text", "text": value}]
    return value


SMALL: dict[str, Any] = {
    "glued words": _message(response_metadata={"finish_reason": "stop" * 1500 + "length"}),
    "two log probabilities of 1e308": _message(
        response_metadata={"logprobs": {"content": [{"logprob": 1e308}, {"logprob": 1e308}]}}
    ),
    "an integer of 5,000 digits": _message(response_metadata={"id": 10**5000, "x": 10**5000}),
    "an id of a sound that is no text": _message(
        additional_kwargs={"audio": {"id": {"a": 1}, "data": "AAAA"}}
    ),
    "a cost of 400 digits": _message(response_metadata={"token_usage": {"cost": "9" * 400}}),
    "an object that raises": _message(response_metadata={"id": Hostile(), "x": Hostile()}),
    "an object that raises as content": _message(content=Hostile()),
    "keys that are no texts": _message(response_metadata={1: 2, None: 3, (1, 2): 4}),
    "half a surrogate pair": _message(response_metadata={"id": "\ud800", "x": {"\udfff": "\ud800"}}),
    "content nested 10,000 deep": _message(content=_nested(10_000)),
    "a mapping without an end": _message(response_metadata=Endless()),
    "shared references": _message(response_metadata={"x": _shared()}),
    "millions of items": _message(response_metadata={"x": [0] * 2_000_000}),
    "an object for a message": Hostile(),
    "secrets shorter than what stands in their place": _message(
        response_metadata={"x": [{"api_key": "x"} for _ in range(950)]}
    ),
    "a count beyond 64 bits in plain data": _message(response_metadata={"x": [2**64, {"y": -(2**70)}]}),
    "notes of a step that are none": _message(response_metadata={"finish_reason": "\ud800"}),
}


@pytest.mark.parametrize("name", SMALL)
def test_an_odd_answer_has_a_record_that_can_be_written_and_read_again(name: str) -> None:
    check(SMALL[name], "ChatOpenAI")


@pytest.mark.parametrize(
    "name",
    ["content nested 10,000 deep", "shared references", "a mapping without an end"],
)
def test_what_was_not_read_is_told(name: str) -> None:
    assert any("not read whole" in warning for warning in normalize(SMALL[name]).warnings)


@pytest.mark.parametrize(
    "start",
    [Hostile(), {"metadata": Hostile()}, {"invocation_params": {"response_format": Hostile()}}],
    ids=lambda _: "",
)
def test_a_start_that_raises_costs_what_it_would_have_told(start: Any) -> None:
    record = normalize(_message(response_metadata={"finish_reason": "stop"}), start=start)
    assert record.finish_reason == "stop"
    assert record.warnings in {(), ("the start could not be read: RuntimeError",)}


def test_mutated_answers_have_records() -> None:
    random = Random(20)  # noqa: S311 - no secret
    corpus = seeds()
    for _ in range(EXECUTIONS):
        seed, other = random.choice(corpus), random.choice(corpus)
        check(mutated(seed.answer, other.answer, random), seed.integration)


def test_a_copy_has_a_bounded_number_of_values_and_says_that_it_is_not_whole() -> None:
    def count(value: Any) -> int:
        return 1 + sum(map(count, value)) if isinstance(value, list) else 1

    copy = json_safe(_shared())
    assert count(copy) < 2 * MAX_KEPT
    assert copy[-1] == "<more items left out>" or "left out" in str(copy[-1])


def test_what_is_kept_of_one_answer_has_a_bounded_number_of_entries_and_says_that_it_is_not_whole() -> None:
    kept = normalize(_message(response_metadata=Endless())).provider_data
    assert MAX_KEPT / 3 < len(kept) <= MAX_KEPT + 1
    assert kept[MORE] == "<more entries left out>"


def test_what_is_read_of_all_candidates_together_is_bounded() -> None:
    """Each may hold the same large thing: a thousand times the budget of one would be no bound."""
    odd = {"message": _message(response_metadata=Endless())}
    candidate = {"message": _message(response_metadata={"x": [[0] * 1_000 for _ in range(100)]})}
    assert (
        sum(len(answer.metadata) for answer in answers_of({"generations": [[odd] * 50]}))
        < 2 * MAX_READ_OF_ALL
    )
    answers = answers_of({"generations": [[candidate] * 50], "llm_output": {}})
    assert len(answers) == 50
    assert sum(not answer.faults for answer in answers) < 12
    assert all("not read whole" in answer.faults[0] for answer in answers[12:])


def test_an_amount_beyond_every_exponent_is_shown() -> None:
    assert "E+1000000" in ResponseMetadata(cost=Cost(total=Decimal("1E+1000000"))).describe()


class _Inner(BaseModel):
    model_config = ConfigDict(extra="allow")
    shown: int = 1
    key: str = Field("k", exclude=True)
    named: str = Field("n", alias="Named")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def made(self) -> int:
        return self.shown + 1


def _inner(**fields: Any) -> _Inner:
    return _Inner.model_validate(fields)


class _Root(RootModel[list[_Inner]]):
    pass


@pytest.mark.parametrize(
    "value", [_inner(more=[1]), _Root([_inner()]), {"a": [_inner(shown=5)]}], ids=lambda _: ""
)
def test_pydantic_objects_are_copied_as_they_dump_themselves(value: Any) -> None:
    """Without what they leave out, and with what they compute."""
    dumped = (
        TypeAdapter(type(value)).dump_python(value)
        if isinstance(value, BaseModel)
        else {"a": [value["a"][0].model_dump()]}
    )
    assert json_safe(value) == dumped
