"""Rows of a bulk export (LangSmith's `v2_beta` columns) that vary as a year of production runs does, from a seed.

    for batch in export_rows(1_000_000, seed=13): ...

Runs of models only, of about 2.4 kB of JSON a row: seven models of four integrations, ids, texts and counts of each row's own,
a thread and a user in the metadata, 15 % with a tool's call, 10 % streamed, 2 % cut at the limit, 1 % refused, 2 % failed.
The same count and seed give the same rows, on any machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.history.answers import MODELS, Answered, Counts, Model, text_of

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 4_096
YEAR = timedelta(days=365)
FIRST = datetime(2025, 11, 1, tzinfo=UTC)
PROJECT = "5a1c0000-0000-4000-8000-00000000c0de"

_TRACE = 'Traceback (most recent call last):\n\n  File "model.py", line 1, in _generate\n'
ERRORS = (
    f"""RateLimitError("Error code: 429 - {{'error': {{'message': 'Rate limit reached', 'type': 'tokens'}}}}"){_TRACE}""",
    f'APITimeoutError("Request timed out."){_TRACE}',
)
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_WEIGHTS = [model.weight for model in MODELS]
_USED_TOOL, _LONG, _REFUSED = 1, 2, 3


@cache
def schema() -> pa.Schema:
    """The columns of an export that hold what a run is."""
    import pyarrow as pa

    time, text = pa.timestamp("us", tz="UTC"), pa.string()
    names = (
        "id",
        "tenant_id",
        "session_id",
        "trace_id",
        "dotted_order",
        "name",
        "run_type",
        "status",
        "error",
    )
    return pa.schema(
        [
            *((name, text) for name in names),
            ("parent_run_ids", pa.list_(text)),
            ("is_root", pa.bool_()),
            ("start_time", time),
            ("end_time", time),
            ("first_token_time", time),
            *((name, text) for name in ("inputs", "outputs", "extra", "events")),
            ("tags", pa.list_(text)),
            ("total_tokens", pa.int64()),
        ]
    )


def export_rows(count: int, seed: int = 13, size: int = BATCH) -> Iterator[pa.RecordBatch]:
    """`count` rows in batches of `size`, oldest first, spread over a year."""
    import pyarrow as pa

    for start in range(0, count, size):
        dice = random.Random(f"{seed}-{start}-{size}")
        rows = [
            _row(dice, FIRST + YEAR * (place / count)) for place in range(start, min(start + size, count))
        ]
        yield pa.RecordBatch.from_pylist(rows, schema=schema())


def _uuid(dice: random.Random) -> str:
    digits = f"{dice.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def _row(dice: random.Random, start: datetime) -> dict[str, Any]:
    (model,) = dice.choices(MODELS, _WEIGHTS)
    run_id, trace_id, parent_id = _uuid(dice), _uuid(dice), _uuid(dice)
    streamed, failed = dice.random() < 0.1, dice.random() < 0.02
    (end,) = dice.choices(range(4), (82, 15, 2, 1))
    lasted = timedelta(seconds=dice.uniform(0.4, 20))
    first = start + lasted / 4 if streamed and not failed else None
    counts = Counts.thrown(dice)
    answered = model.answer(dice, model.answers, counts, model.ends[end], streamed=streamed)
    return {
        "id": run_id,
        "tenant_id": PROJECT,
        "session_id": PROJECT,
        "trace_id": trace_id,
        "dotted_order": f"{start:%Y%m%dT%H%M%S%f}Z{trace_id}.{start:%Y%m%dT%H%M%S%f}Z{run_id}",
        "name": model.path[-1],
        "run_type": "llm",
        "status": "error" if failed else "success",
        "error": dice.choice(ERRORS) if failed else None,
        "parent_run_ids": [trace_id, parent_id],
        "is_root": False,
        "start_time": start,
        "end_time": start + lasted,
        "first_token_time": first,
        "inputs": _text(_inputs(dice)),
        "outputs": None if failed else _text(_outputs(dice, answered, run_id, end, streamed=streamed)),
        "extra": _text(_extra(dice, model, answered, asks_tools=end == _USED_TOOL, failed=failed)),
        "events": _text(_events(start, start + lasted, first)),
        "tags": ["seq:step:1"],
        "total_tokens": 0 if failed else counts.prompt + counts.made,
    }


def _text(value: object) -> str:
    return orjson.dumps(value).decode()


def _inputs(dice: random.Random) -> dict[str, Any]:
    content = text_of(dice, 20, 120)
    path = ["langchain", "schema", "messages", "HumanMessage"]
    message = {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": content, "type": "human"}}
    return {"messages": [[message]]}


def _outputs(
    dice: random.Random, answered: Answered, run_id: str, end: int, *, streamed: bool
) -> dict[str, Any]:
    text = text_of(dice, 10, 100) if end == _REFUSED else "" if end == _USED_TOOL else text_of(dice, 20, 120)
    call = {
        "name": "get_weather",
        "args": {"city": text_of(dice, 4, 12)},
        "id": f"call_{dice.getrandbits(96):024x}",
    }
    message = {
        "content": text,
        "response_metadata": answered.told,
        "type": "AIMessageChunk" if streamed else "ai",
        "id": f"lc_run--{run_id}" + ("" if streamed else "-0"),
        "usage_metadata": answered.usage,
        "tool_calls": [{**call, "type": "tool_call"}] if end == _USED_TOOL else [],
        "invalid_tool_calls": [],
    }
    kind = "AIMessageChunk" if streamed else "AIMessage"
    path = ["langchain", "schema", "messages", kind]
    generation = {
        "text": text,
        "generation_info": answered.info,
        "type": "ChatGenerationChunk" if streamed else "ChatGeneration",
        "message": {"lc": 1, "type": "constructor", "id": path, "kwargs": message},
    }
    return {"generations": [[generation]], "llm_output": answered.output, "run": None, "type": "LLMResult"}


def _extra(
    dice: random.Random, model: Model, answered: Answered, *, asks_tools: bool, failed: bool
) -> dict[str, Any]:
    params = {"model": model.asked, "temperature": 0.2, "_type": model.kind, "stop": None}
    if asks_tools:
        params["tools"] = [TOOL]
    metadata = {
        "thread_id": _uuid(dice),
        "user_id": f"user-{dice.randrange(20_000)}",
        "langgraph_step": dice.randrange(1, 9),
        "langgraph_node": "model",
        "checkpoint_ns": f"model:{_uuid(dice)}",
        "ls_provider": model.provider,
        "ls_model_name": model.asked,
        "ls_model_type": "chat",
        "ls_temperature": 0.2,
        "revision_id": f"{dice.getrandbits(28):07x}",
    }
    if not failed:
        metadata["usage_metadata"] = answered.usage
    return {
        "invocation_params": params,
        "options": {"stop": None},
        "batch_size": 1,
        "metadata": metadata,
        "runtime": RUNTIME,
    }


RUNTIME = {
    "sdk": "langsmith-py",
    "sdk_version": "0.14.17",
    "library": "langchain-core",
    "library_version": "1.7.2",
    "runtime_version": "3.12.8",
}


def _events(start: datetime, end: datetime, first: datetime | None) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [{"name": "start", "time": start}]
    if first is not None:
        events.append({"name": "new_token", "time": first, "kwargs": {"token": "the"}})
    return [*events, {"name": "end", "time": end}]
