"""Bad input from an integration raises nothing: readable parts are read, the rest is kept JSON-safe."""

import json
import math
from typing import Any, Final
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, Generation, LLMResult

from langchain_respmeta import RespMetaHandler, UnreadableAnswer, normalize
from langchain_respmeta._process.faults import FAULTS
from langchain_respmeta._process.state import STATE
from langchain_respmeta.langsmith.metadata import MAX_RECORD_BYTES, nested_record, usage_metadata
from langchain_respmeta.record.flat_values import flat_keys
from tests.attachment.model import NumberedModel
from tests.attachment.odd import ANYTHING, METADATA, Usage, deep, generation, messages, results
from tests.attachment.traced import Traced

_PATIENT: Final = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)


def _judge(handler: RespMetaHandler) -> None:
    """Records can be read and written, and what would go on a run fits there."""
    assert not STATE[FAULTS]
    records = list(handler.records)
    assert records
    for record in records:
        written = record.to_dict()
        json.dumps(written, allow_nan=False)
        assert type(record).from_dict(written).to_dict() == written
        assert record.describe()
    for draft in [draft for run in handler.records._runs for draft in run.settle()]:
        flat = flat_keys(draft, "respmeta")
        assert len(flat) <= 40
        assert all(isinstance(value, str | int | float | bool) for value in flat.values())
        for content in (True, False):
            assert len(orjson.dumps(nested_record(draft, include_content=content))) <= MAX_RECORD_BYTES + 64
        json.dumps([flat, usage_metadata(draft, None)], allow_nan=False)
    handler.summary()


@_PATIENT
@given(result=results(), invocation=METADATA, metadata=METADATA, serialized=METADATA)
def test_no_answer_and_no_start_makes_the_handler_fail(
    result: Any, invocation: Any, metadata: Any, serialized: Any
) -> None:
    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    handler.on_chat_model_start(
        serialized, [[]], run_id=run_id, metadata=metadata, invocation_params=invocation
    )
    handler.on_llm_end(result, run_id=run_id)
    _judge(handler)


@_PATIENT
@given(
    result=results(),
    error=st.sampled_from([ValueError("x"), GeneratorExit(), KeyError(), OSError(5, "x")]),
    facts=METADATA,
)
def test_no_failure_makes_the_handler_fail(result: Any, error: BaseException, facts: Any) -> None:
    error.response = facts  # type: ignore[attr-defined]
    error.status_code = facts  # type: ignore[attr-defined]
    error.body = facts  # type: ignore[attr-defined]
    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    handler.on_llm_start({}, ["hi"], run_id=run_id)
    handler.on_llm_error(error, run_id=run_id, response=result)
    _judge(handler)


@_PATIENT
@given(token=ANYTHING, chunk=ANYTHING, event=METADATA, message=messages())
def test_no_chunk_and_no_event_makes_the_handler_fail(
    token: Any, chunk: Any, event: Any, message: Any
) -> None:
    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    handler.on_chat_model_start({}, [[]], run_id=run_id)
    for one in (chunk, generation(message)):
        handler.on_llm_new_token(token, chunk=one, run_id=run_id)
    handler.on_stream_event(event, run_id=run_id)
    handler.on_stream_event({"event": "content-block-delta", "content": event}, run_id=run_id)
    handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=AIMessage("hi"))]]), run_id=run_id)
    _judge(handler)


@_PATIENT
@given(answer=st.one_of(messages(), results(), ANYTHING), start=METADATA)
@example(answer=None, start=None)
@example(answer=[], start=[])
def test_normalize_reads_anything_or_says_that_it_cannot(answer: Any, start: Any) -> None:
    try:
        record = normalize(answer, start=start if isinstance(start, dict) else None)
    except UnreadableAnswer:
        return
    json.dumps(record.to_dict(), allow_nan=False)


# --- what of it is read, and what is said ----------------------------------------------------------------------------


def _message(**fields: Any) -> AIMessage:
    message = AIMessage("hi")
    for name, value in fields.items():
        object.__setattr__(message, name, value)
    return message


_GOOD: Final = {"model_name": "gpt-5-mini", "finish_reason": "length", "id": "chatcmpl-1"}
_CASES: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "none": (None, {"model": None}),
    "list": ([1, 2], {"model": None}),
    "nested": ({**_GOOD, "extra": deep(200)}, {"model": "gpt-5-mini", "finish_reason": "length"}),
    "nan": ({**_GOOD, "score": math.nan}, {"model": "gpt-5-mini"}),
    "huge": ({**_GOOD, "number": 2**200}, {"model": "gpt-5-mini"}),
    "keys": ({**_GOOD, 1: "one", None: "none"}, {"model": "gpt-5-mini"}),
    "pydantic": ({**_GOOD, "token_usage": Usage()}, {"model": "gpt-5-mini"}),
    "bytes": ({**_GOOD, "blob": b"\x00" * 9}, {"model": "gpt-5-mini"}),
    "surrogate": ({**_GOOD, "text": "\ud83d"}, {"model": "gpt-5-mini"}),
}


@pytest.mark.parametrize("case", _CASES)
def test_what_can_be_read_is_in_the_record_and_on_the_run(traced: Traced, case: str) -> None:
    given_metadata, expected = _CASES[case]

    class Odd(NumberedModel):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            result = super()._generate(*args, **kwargs)
            object.__setattr__(result.generations[0].message, "response_metadata", given_metadata)
            return result

    handler = RespMetaHandler(feedback=False)
    run_id = uuid4()
    handler.on_chat_model_start({}, [[]], run_id=run_id)
    handler.on_llm_end(
        LLMResult(generations=[[generation(_message(response_metadata=given_metadata))]]), run_id=run_id
    )
    (record,) = handler.records
    for name, value in expected.items():
        assert getattr(record, name) == value
    json.dumps(record.provider_data, allow_nan=False)
    assert not STATE[FAULTS]
    if not isinstance(given_metadata, dict):
        return  # langchain-core itself raises on these
    Odd().invoke("why?", {"callbacks": [handler]})
    metadata = traced.model_metadata()
    assert "respmeta" in metadata
    for name, value in expected.items():
        assert metadata.get(f"respmeta_{name}") == value


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": -5, "output_tokens": 2, "total_tokens": -3}, {"output_tokens": 2}),
        (
            {"input_tokens": 5.0, "output_tokens": 2.5, "total_tokens": 7},
            {"input_tokens": 5, "total_tokens": 7},
        ),
        ({"input_tokens": "5", "output_tokens": "two", "total_tokens": "7"}, {"total_tokens": 7}),
        ({"input_tokens": math.nan, "output_tokens": 2, "total_tokens": 10**30}, {"output_tokens": 2}),
    ],
)
def test_counts_that_are_none_are_left_out_and_said(usage: dict[str, Any], expected: dict[str, int]) -> None:
    record = normalize(_message(usage_metadata=usage, response_metadata=_GOOD))
    assert record.usage is not None
    for name, value in expected.items():
        assert getattr(record.usage, name) == value
    assert record.warnings


def test_a_plain_completion_and_an_empty_result_have_records() -> None:
    handler = RespMetaHandler(feedback=False)
    for result in (
        LLMResult(generations=[[Generation(text="hi", generation_info={"finish_reason": "length"})]]),
        LLMResult(generations=[]),
        LLMResult(generations=[[]]),
    ):
        run_id = uuid4()
        handler.on_llm_start({}, ["hi"], run_id=run_id)
        handler.on_llm_end(result, run_id=run_id)
    completion, empty, blank = handler.records
    assert completion.finish_reason == "length"
    for record in (empty, blank):
        assert record.warnings == ("the result holds no generation",)


def test_a_fault_of_ours_costs_neither_the_record_nor_the_run(
    traced: Traced, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_respmeta.handler.watching.read_live", lambda _: 1 / 0)
    handler = RespMetaHandler(feedback=False)
    for _ in range(5):
        NumberedModel().invoke("why?", {"callbacks": [handler]})
    assert [record.warnings for record in handler.records] == [
        ("the answer could not be read: ZeroDivisionError",)
    ] * 5
    assert handler.summary()["calls"] == 5
    assert all("respmeta" in run["extra"]["metadata"] for run in traced.runs(run_type="llm"))
    assert len([one for one in caplog.records if "ZeroDivisionError" in one.getMessage()]) == 1
    assert sum(STATE[FAULTS].values()) == 5
