"""A run's metadata is bounded for any answer, and lists what was left out."""

from typing import Any, Final

import orjson
import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.langsmith import metadata as on_run
from langchain_respmeta.langsmith import stamp
from langchain_respmeta.langsmith.keys_of_run import by_general_code
from langchain_respmeta.langsmith.metadata import (
    MAX_FLAT,
    MAX_RECORD_BYTES,
    nested_record,
)
from langchain_respmeta.record.derived import COUNTED, DERIVED
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.flat_values import MAX_TEXT, flat_keys
from tests.attachment.check import metadata_of
from tests.attachment.model import AskingModel, NumberedModel
from tests.attachment.traced import Traced

_SMALL: Final = {
    "provider": "openai",
    "model": "gpt-5-mini",
    "usage.input_tokens": 3,
    "finish_reason": "stop",
}
_CITATION: Final = {"type": "url", "url": "https://example.org/" + "a" * 80, "title": "t" * 40}
_LARGE: Final[dict[str, dict[str, Any]]] = {
    "citations": {"citations": [_CITATION] * 500},
    "tool calls": {"tool_calls": [{"id": f"call-{i}", "name": "x" * 30, "valid": True} for i in range(900)]},
    "leftovers": {"provider_data": {f"key-{i}": "x" * 50 for i in range(1000)}},
    "warnings": {"warnings": ["w" * 100] * 400},
    "one text": {"reasoning.text": "thought " * 9000, "reasoning.present": True},
    "texts in a list": {"citations": [{"type": "document", "quote": "q" * 9000}] * 9},
    "wide texts": {"refusal.reason": "🙂" * 9000, "refused": True},
    "everything": {
        "citations": [_CITATION] * 500,
        "warnings": ["w" * 100] * 400,
        "provider_data": {f"key-{i}": "x" * 50 for i in range(1000)},
        "reasoning.text": "thought " * 9000,
        "error.message": "m" * 90_000,
    },
}


@pytest.mark.parametrize("case", _LARGE)
def test_a_large_record_is_trimmed_and_says_so(case: str) -> None:
    record = nested_record({**_SMALL, **_LARGE[case]}, include_content=True)
    assert len(orjson.dumps(record)) <= MAX_RECORD_BYTES
    assert record["trimmed"]
    assert (record["provider"], record["model"], record["usage"]) == (
        "openai",
        "gpt-5-mini",
        {"input_tokens": 3},
    )
    for name, items in _LARGE[case].items():
        if isinstance(items, list) and name in record["trimmed"]:
            assert len(record.get(name, [])) + record["trimmed"][name] == len(items)


def test_a_record_that_fits_is_left_alone() -> None:
    record = nested_record({**_SMALL, "citations": [_CITATION] * 20}, include_content=True)
    assert "trimmed" not in record
    assert len(record["citations"]) == 20


def test_texts_are_cut_before_lists_are() -> None:
    record = nested_record({**_SMALL, **_LARGE["texts in a list"]}, include_content=True)
    assert len(record["citations"]) == 9
    assert record["trimmed"] == {"texts": 9}


def test_where_nothing_fits_only_the_size_is_told() -> None:
    record = nested_record({**_SMALL, "model": "m" * 90_000}, include_content=True, limit=120)
    assert set(record) == {"schema_version", "trimmed"}
    assert record["trimmed"]["record_bytes"] > 120


def test_flat_values_are_short() -> None:
    flat = flat_keys({"model": "m" * 90_000, "native_finish_reason": "n" * 5000}, "respmeta")
    assert max(len(flat["respmeta_model"]), len(flat["respmeta_native_finish_reason"])) <= MAX_TEXT


class Everything(NumberedModel):
    """Answers with as much as it can."""

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        annotations: list[Any] = [
            {"type": "citation", "url": f"https://example.org/{i}", "title": "t" * 60} for i in range(600)
        ]
        message = AIMessage(
            content=[{"type": "text", "text": "answer", "annotations": annotations}],
            tool_calls=[{"name": "look_up", "args": {"a": i}, "id": f"call-{i}"} for i in range(100)],
            response_metadata={
                "id": "resp-1",
                "model_name": "everything-1",
                "finish_reason": "length",
                "service_tier": "default",
                "system_fingerprint": "fp",
                **{f"unknown_{i}": "x" * 40 for i in range(400)},
            },
            usage_metadata={
                "input_tokens": 30,
                "output_tokens": 20,
                "total_tokens": 50,
                "input_token_details": {"cache_read": 3, "cache_creation": 2, "audio": 1},
                "output_token_details": {"reasoning": 4, "audio": 1},
            },
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def test_on_the_run_too(traced: Traced) -> None:
    Everything().invoke("why?", {"callbacks": [RespMetaHandler(feedback=False, include_content=True)]})
    metadata = traced.model_metadata()
    flat = {key for key in metadata if key.startswith("respmeta_")}
    assert 25 < len(flat) <= MAX_FLAT
    assert len(orjson.dumps(metadata["respmeta"])) <= MAX_RECORD_BYTES
    assert metadata["respmeta"]["trimmed"]
    assert metadata["respmeta_citations"] == 600
    assert metadata["respmeta_tool_calls"] == 100
    assert not [key for key in metadata if key.startswith("respmeta") and "." in key]


def test_no_model_run_can_have_more_flat_keys_than_allowed() -> None:
    """For any answer, a call has a cost or a reason for none, not both."""
    everything: dict[str, Any] = {**dict.fromkeys(FLAT.values(), 1), **{key: [] for key in COUNTED}}
    del everything["cost.unpriced_reason"]
    everything |= {"tool_calls": [{"valid": False}], "safety": [{"blocked": True}]}
    own = flat_keys(everything, "respmeta")
    assert len(own) == len(FLAT) + len(COUNTED) + len(DERIVED) <= MAX_FLAT


def test_a_root_that_says_everything_leaves_out_the_last_sums(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(draft: Any, prefix: str) -> dict[str, Any]:
        return {f"{prefix}_{key}": 1 for key in (*FLAT, *COUNTED, *DERIVED) if key != "unpriced_reason"}

    def generally(*args: Any, own_ids: bool = False, **more: Any) -> Any:
        return by_general_code(*args, **more)

    monkeypatch.setattr(on_run, "flat_of", everything)
    monkeypatch.setattr(stamp, "emitted", generally)
    AskingModel().invoke("why?", {"callbacks": [RespMetaHandler(feedback=False)]})
    metadata = traced.root_metadata()
    assert len([key for key in metadata if key.startswith("respmeta_")]) == MAX_FLAT
    assert metadata["respmeta_llm_calls"] == 2
    assert "respmeta_error_calls" not in metadata


class ManyModels(NumberedModel):
    """Another model each time, with a long name."""

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        result = super()._generate(*args, **kwargs)
        said = result.generations[0].message.response_metadata
        said["model_name"] = f"{said['id']}-{'m' * 120}"
        return result


def test_the_sums_of_a_root_are_bounded_too(traced: Traced) -> None:
    model = ManyModels()
    RunnableLambda(lambda _: [model.invoke("why?") for _ in range(150)] and model.invoke("why?")).invoke(
        "why?", {"callbacks": [RespMetaHandler(feedback=False)]}
    )
    metadata = traced.root_metadata()
    assert metadata["respmeta_llm_calls"] == 151
    assert len(metadata["respmeta_models"]) <= MAX_TEXT
    assert len(orjson.dumps(metadata["respmeta"])) <= MAX_RECORD_BYTES
    rollup = metadata["respmeta"]["rollup"]
    assert len(rollup["by_model"]) + rollup["by_model_trimmed"] == 151
    assert rollup["llm_calls"] == 151


def test_a_trace_of_many_tools_has_a_bounded_root(traced: Traced) -> None:
    @tool
    def look_up_a_rather_long_name_for_a_tool(question: str) -> str:
        """Look something up."""
        return question

    def work(_: Any) -> str:
        for number in range(300):
            call = {"name": look_up_a_rather_long_name_for_a_tool.name, "args": {"question": "a" * 500}}
            look_up_a_rather_long_name_for_a_tool.invoke(
                {**call, "id": f"call-{number}", "type": "tool_call"}
            )
        return NumberedModel().invoke("why?").text

    RunnableLambda(work).invoke(
        "why?", {"callbacks": [RespMetaHandler(feedback=False, include_content=True)]}
    )
    metadata = traced.root_metadata()
    assert len([key for key in metadata if key.startswith("respmeta_")]) <= MAX_FLAT
    assert len(orjson.dumps(metadata["respmeta"])) <= MAX_RECORD_BYTES
    rollup = metadata["respmeta"]["rollup"]
    assert len(rollup["tool_executions"]) + rollup["tool_executions_trimmed"] == 300
    for run in traced.runs(run_type="tool"):
        found = metadata_of(run)
        assert len([key for key in found if key.startswith("respmeta_")]) <= MAX_FLAT
        assert len(orjson.dumps(found["respmeta"])) <= MAX_RECORD_BYTES
