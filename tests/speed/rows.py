"""Stored runs of cases, in the forms in which they are kept, and changed copies of them: columns that come, go, or hold something else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from tests.speed.case import Case, copied

Row = dict[str, Any]

START: Final = datetime(2026, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)
_MESSAGES: Final = ("langchain", "schema", "messages")
_OF_THE_MESSAGE: Final = ("tool_calls", "invalid_tool_calls", "tool_call_chunks")


def run_of(case: Case, random: Random, *, streamed: bool = False) -> Row:
    """The case as the server has its run, in the shape of version 1 of the API; ids and times are the run's own."""
    told, parts = copied(case.start), copied(case.parts)
    serialized = told.get("serialized") or {}
    start = START - timedelta(days=random.choice((0, 0, 150, 400, 900)))  # prices were others then
    run_id, end = str(UUID(int=random.getrandbits(128))), start + timedelta(seconds=random.uniform(0.1, 30))
    first = start + timedelta(seconds=0.1)
    events: list[Row] = [{"name": "start", "time": start.isoformat()}]
    if streamed:
        events.append({"name": "new_token", "time": first.isoformat(), "kwargs": {"token": "The"}})
    run = {
        "id": run_id,
        "trace_id": run_id,
        "parent_run_id": str(UUID(int=random.getrandbits(128))),
        "name": (serialized.get("id") or ["unknown"])[-1],
        "run_type": "llm",
        "status": "success",
        "error": None,
        "start_time": start.isoformat(),
        "end_time": end.isoformat(),
        "first_token_time": first.isoformat() if streamed else None,
        "serialized": serialized,
        "inputs": _inputs(heard=bool(told.get("heard"))),
        "outputs": _outputs(parts),
        "extra": {
            "invocation_params": told.get("invocation_params") or {},
            "options": {},
            "metadata": {**(told.get("metadata") or {}), "thread_id": str(random.random())},
            "batch_size": 1,
        },
        "events": events,
    }
    plain: Row = json.loads(_text(run))
    return plain


def _inputs(*, heard: bool) -> Row:
    content = [{"type": "input_audio"}] if heard else "Hello"
    return {"messages": [[{"lc": 1, "id": [*_MESSAGES, "HumanMessage"], "kwargs": {"content": content}}]]}


def _outputs(parts: Row) -> Row:
    if not parts["is_message"]:
        told = {"text": parts["content"], "generation_info": parts["metadata"]}
        return {"generations": [[told]], "llm_output": None}
    kind = "AIMessageChunk" if parts["is_chunk"] else "AIMessage"
    fields = {
        "type": kind if parts["is_chunk"] else "ai",
        "content": parts["content"],
        "response_metadata": parts["metadata"],
        "usage_metadata": parts["usage"],
        "additional_kwargs": parts["kwargs"],
        "id": parts["message_id"],
        **{name: parts[name] for name in _OF_THE_MESSAGE if parts[name] is not None},
    }
    message = {"lc": 1, "type": "constructor", "id": [*_MESSAGES, kind], "kwargs": fields}
    generation = {"text": "", "generation_info": None, "type": "ChatGeneration", "message": message}
    return {"generations": [[generation]], "llm_output": None, "run": None, "type": "LLMResult"}


def _text(value: Any) -> str:
    return json.dumps(value, skipkeys=True, default=repr)


ERRORS: Final = (
    "RateLimitError(\"Error code: 429 - {'error': {'message': 'Slow down', 'type': 'tokens', 'code': 'rate_limit_exceeded'}}\")",
    "APITimeoutError('Request timed out.')Traceback (most recent call last):\n  File \"a.py\", line 1, in b\n",
    "CancelledError()",
    "ValueError('no')",
    "BadRequestError(\"Error code: 400 - {'error': {'code': 'content_filter', 'status': 400, 'innererror': {'code': 'x'}}}\")",
)


def failed(run: Row, random: Random) -> Row:
    """The run, had it failed without an answer."""
    return {**run, "outputs": None, "error": random.choice(ERRORS), "status": "error"}


# --- forms -----------------------------------------------------------------------------------------------------------


def as_v2(run: Row) -> Row:
    """As version 2 of the API gives it."""
    row = {name: run[name] for name in run.keys() - {"serialized", "extra", "parent_run_id"}}
    extra = dict(run["extra"])
    return {
        **row,
        "run_type": "LLM",
        "status": run["status"].upper(),
        "manifest": run["serialized"],
        "metadata": extra.pop("metadata"),
        "extra": extra,
        "parent_run_ids": [run["trace_id"], run["parent_run_id"]],
    }


def as_export(run: Row) -> Row:
    """As a row of a bulk export: JSON in text, times as such, and no manifest."""
    row = {name: run[name] for name in run.keys() - {"serialized", "parent_run_id"}}
    for name in ("inputs", "outputs", "extra", "events"):
        row[name] = row[name] and _text(row[name])
    for name in ("start_time", "end_time", "first_token_time"):
        row[name] = row[name] and datetime.fromisoformat(row[name])
    return {**row, "parent_run_ids": [run["trace_id"], run["parent_run_id"]]}


def as_text(run: Row) -> Row:
    """The same with its manifest."""
    return {**as_export(run), "serialized": _text(run["serialized"])}


FORMS: Final[Mapping[str, Callable[[Row], Row]]] = {
    "v1": lambda run: run,
    "v2": as_v2,
    "text": as_text,
    "export": as_export,
}
"""Name → how a run is kept."""


# --- changed rows ------------------------------------------------------------------------------------------------------

_COLUMNS: Final[Mapping[str, tuple[Any, ...]]] = {
    "id": (uuid4(), "run-1", 7, b"x" * 16, float("nan"), " " * 36),
    "trace_id": (uuid4(), 0, "", float("nan")),
    "parent_run_id": (uuid4(), "", 0, "a", float("nan")),
    "parent_run_ids": ([], [None], [uuid4()], "text", [7], ("a" * 36,)),
    "name": ("ChatAnthropic", "my step", "", 7, float("nan")),
    "run_type": ("chain", "LLM", "chat_model", "", 7, "Llm"),
    "status": ("pending", "error", "ERROR", "PENDING", "", 7, float("nan"), "interrupted"),
    "error": (
        "",
        "ValueError('no')",
        "APIError('x')Traceback (most recent call last):",
        {"a": 1},
        float("nan"),
    ),
    "start_time": (START.replace(tzinfo=None), "no time", 1_780_000_000, 1.78e12, float("nan"), ""),
    "end_time": (START.astimezone(timezone(timedelta(hours=3))), "2026-06-01T12:00:09", 0, START, True),
    "first_token_time": (START, "2026-06-01T12:00:01+02:00", START.replace(tzinfo=None), 5, "", float("nan")),
    "serialized": (
        "null",
        "{",
        {},
        {"name": "mine"},
        [],
        {"id": ["x", "ChatGroq"]},
        '{"id": ["x", "ChatGroq"]}',
        "",
    ),
    "manifest": ({"id": ["x", "ChatXAI"]}, '{"name": "mine"}', b"{}"),
    "inputs": (
        '{"a": "audio"}',
        "{",
        {"messages": [[{"content": [{"type": "video"}]}]]},
        [],
        b"audio",
        7,
        "",
    ),
    "outputs": ("", "{}", "[]", "null", "{", b'{"generations": []}', {}, {"output": "Hello"}, float("nan")),
    "extra": ("", "{}", "null", "[1]", "{", b"{}", {"metadata": []}, {"metadata": {"ls_provider": ["a"]}}, 7),
    "metadata": ({"ls_provider": "groq"}, '{"ls_model_name": "x"}', "[", [], ""),
    "events": ("", "[]", "null", "{", '[{"name": "new_token"}]', '{"new_token": 1}', (), [7], b"new_token"),
}
"""Column → what it may hold instead."""


def _below(row: Row, column: str, change: Callable[[Row], object]) -> None:
    """Change a column with JSON, and leave it text where it is text."""
    value = row.get(column)
    is_text = isinstance(value, str)
    parsed = json.loads(value) if is_text else value
    if isinstance(parsed, dict):
        change(parsed)
        row[column] = _text(parsed) if is_text else parsed


def _message(outputs: Row) -> Row:
    message: Row = outputs["generations"][0][0]["message"]
    return message


_OUTPUTS: Final[tuple[Callable[[Row], object], ...]] = (
    lambda one: one["generations"][0].append(deepcopy(one["generations"][0][0])),
    lambda one: one["generations"].append([]),
    lambda one: one["generations"][0].clear(),
    lambda one: one.update(llm_output={"model_name": "another", "token_usage": {"total_tokens": 7}}),
    lambda one: one.update(llm_output=[1]),
    lambda one: one.update(llm_output={"x_new": {"lc": 1, "type": "not_implemented", "repr": "Usage(a=1)"}}),
    lambda one: one.update(llmOutput={"tokenUsage": {"totalTokens": 9}}),
    lambda one: one["generations"][0][0].update(generation_info={"finish_reason": "length"}),
    lambda one: one["generations"][0][0].update(generationInfo={"finish_reason": "length"}),
    lambda one: one["generations"][0][0].update(kwargs={"message": {"content": "another"}}),
    lambda one: one["generations"][0][0].update(data={"text": "another"}),
    lambda one: _message(one).update(id=["langchain_core", "messages", "AIMessage"]),
    lambda one: _message(one).update(id=["langchain", "schema", "messages", "HumanMessage"]),
    lambda one: _message(one).update(id=["langchain", "schema", "messages", "AIMessageChunk"]),
    lambda one: _message(one).update(id=[]),
    lambda one: _message(one).pop("kwargs"),
    lambda one: _message(one)["kwargs"].pop("content"),
    lambda one: _message(one)["kwargs"].update(content=None),
    lambda one: _message(one)["kwargs"].update(tool_calls=None),
    lambda one: _message(one)["kwargs"].update(
        usage_metadata={"input_tokens": 3, "output_tokens": 0, "total_cost": 0}
    ),
    lambda one: _message(one)["kwargs"]["response_metadata"].update(output_version="v1"),
    lambda one: _message(one)["kwargs"]["response_metadata"].update(
        token_usage={"lc": 1, "type": "not_implemented", "id": ["a"], "repr": "Usage(prompt_tokens=7)"}
    ),
)

_EXTRA: Final[tuple[Callable[[Row], object], ...]] = (
    lambda one: one.pop("metadata", None),
    lambda one: one.pop("invocation_params", None),
    lambda one: one.update(options={"ls_structured_output_format": {"kwargs": {}}}),
    lambda one: one.update(options=[1]),
    lambda one: one.update(invocation_params={"model": "gpt-4o", "_type": "openai-chat"}),
    lambda one: one.update(invocation_params=[1]),
    lambda one: one.update(invocation_params="text"),
    lambda one: one.setdefault("metadata", {}).update(ls_provider="groq"),
    lambda one: one.setdefault("metadata", {}).update(ls_model_name=7),
    lambda one: one.setdefault("metadata", {}).update(ls_structured_output_format={"kwargs": {}}),
    lambda one: one.setdefault("metadata", {}).update(respmeta_provider="groq"),
    lambda one: one.setdefault("metadata", {}).update(
        respmeta_provider="groq", respmeta_schema_version="1.0"
    ),
    lambda one: one.setdefault("metadata", {}).update(ls_invocation_params={"model": "gpt-4o"}),
    lambda one: one.setdefault("metadata", {}).update(usage_metadata={"input_tokens": 9}),
)


def changed(row: Row, random: Random) -> tuple[Row, str]:
    """A row with one or two changes, and what they are."""
    made, told = deepcopy(row), list[str]()
    for _ in range(random.choice((1, 1, 2))):
        kind = random.random()
        if kind < 0.4:
            column = random.choice(sorted(_COLUMNS))
            made[column] = value = deepcopy(random.choice(_COLUMNS[column]))
            told.append(f"{column} = {value!r:.60}")
        elif kind < 0.5:
            column = random.choice(sorted(made))
            del made[column]
            told.append(f"no {column}")
        else:
            column, changes = random.choice((("outputs", _OUTPUTS), ("extra", _EXTRA)))
            number = random.randrange(len(changes))
            try:
                _below(made, column, changes[number])
            except (KeyError, IndexError, TypeError, AttributeError, ValueError):
                continue  # a change before this one took what it changes
            told.append(f"{column}: change {number}")
    return made, "; ".join(told)
