"""Calls with a given start and result, as a handler hears of them and as LangSmith stores them, in each of its forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from langchain_core.load import dumpd
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult
from langsmith._internal._serde import dumps_json
from langsmith.run_trees import RunTree
from langsmith.schemas import Run

from langchain_respmeta import RespMetaHandler, ResponseMetadata

START: Final = datetime(2026, 3, 4, 5, 6, 7, 250_000, tzinfo=UTC)
END: Final = START + timedelta(seconds=2.5)
PROMPT: Final = HumanMessage("What is the oldest known cuneiform tablet?")

Stored = dict[str, Any]


@dataclass
class Call:
    """One call: what its start and its end hand over."""

    name: str
    serialized: Mapping[str, Any] | None
    metadata: Mapping[str, Any]
    params: Mapping[str, Any]
    message: Mapping[str, Any]
    info: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None
    run_id: UUID = field(default_factory=uuid4)

    def result(self) -> LLMResult:
        """The result, of core's own objects."""
        fields = {
            name: value for name, value in self.message.items() if name in _FIELDS and value is not None
        }
        is_chunk = self.message.get("type") == "AIMessageChunk"
        message = (AIMessageChunk if is_chunk else AIMessage).model_construct(**{**_EMPTY, **fields})
        generation = (ChatGenerationChunk if is_chunk else ChatGeneration).model_construct(
            message=message, text="", generation_info=self.info
        )
        return LLMResult.model_construct(generations=[[generation]], llm_output=self.output)

    def live(self, *, prices: bool = False) -> ResponseMetadata:
        """The record of a handler that hears of it."""
        handler = RespMetaHandler(metadata=False, feedback=False, prices=prices, include_content=True)
        handler.on_chat_model_start(
            dict(self.serialized or {}),
            [[PROMPT]],
            run_id=self.run_id,
            metadata=dict(self.metadata),
            invocation_params=dict(self.params),
        )
        handler.on_llm_end(self.result(), run_id=self.run_id)
        (record,) = handler.records
        return record

    def stored(self) -> Stored:
        """The run as the server has it, in the shape of version 1 of the API."""
        result = self.result()
        outputs = result.model_dump()
        outputs["generations"][0][0]["message"] = dumpd(result.generations[0][0].message)  # type: ignore[union-attr]
        run = {
            "id": str(self.run_id),
            "trace_id": str(self.run_id),
            "name": self.name,
            "run_type": "llm",
            "start_time": START.isoformat(),
            "end_time": END.isoformat(),
            "status": "success",
            "error": None,
            "serialized": self.serialized,
            "inputs": {"messages": [[dumpd(PROMPT)]]},
            "outputs": outputs,
            "extra": {"invocation_params": self.params, "metadata": self.metadata, "batch_size": 1},
            "events": [
                {"name": "start", "time": START.isoformat()},
                {"name": "end", "time": END.isoformat()},
            ],
            "parent_run_id": None,
            "dotted_order": "",
        }
        plain: Stored = json.loads(dumps_json(run))
        return plain


_FIELDS: Final = (
    *("content", "response_metadata", "usage_metadata", "additional_kwargs", "id", "tool_calls"),
    *("invalid_tool_calls", "tool_call_chunks"),
)
_EMPTY: Final[Mapping[str, Any]] = {"content": "", "additional_kwargs": {}, "response_metadata": {}}


def as_v2(run: Stored) -> Stored:
    """As version 2 of the API gives it."""
    extra = dict(run["extra"])
    return {
        **{name: run[name] for name in ("id", "trace_id", "name", "start_time", "end_time", "error")},
        "run_type": "LLM",
        "status": "SUCCESS",
        "manifest": run["serialized"],
        "metadata": extra.pop("metadata"),
        "extra": extra,
        "parent_run_ids": [],
        **{name: run[name] for name in ("inputs", "outputs", "events")},
    }


def as_columns(run: Stored) -> Stored:
    """As a row of a bulk export: JSON in text, and no manifest."""
    row = {name: value for name, value in run.items() if name != "serialized"}
    for name in ("inputs", "outputs", "extra", "events"):
        row[name] = json.dumps(row[name])
    return {**row, "start_time": START.replace(tzinfo=None), "end_time": END}


def as_text(run: Stored) -> Stored:
    """The same with its manifest."""
    return {**as_columns(run), "serialized": json.dumps(run["serialized"])}


FORMS: Final[Mapping[str, Callable[[Stored], Any]]] = {
    "Run": lambda run: Run(**{**run, "session_id": uuid4()}),
    "RunTree": lambda run: RunTree(
        **{**run, "session_name": "p", "client": None, "dotted_order": "20260304T050607250000Z" + run["id"]}
    ),
    "v1": lambda run: run,
    "v2": as_v2,
    "text": as_text,
    "export": as_columns,
}
"""Name → what a caller may hold of a stored run."""
