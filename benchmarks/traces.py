"""Traces as LangChain's tracer and the handler send them to LangSmith's API, from a seed: for figures of the embedded page.

Agents of seven and more runs, chains of four, and single calls; the model calls are those of `benchmarks.synthetic`, with
the record as the handler writes it, own metadata, tags, tool calls and texts of plausible lengths. The same arguments give
the same runs, on any machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from benchmarks.synthetic import calls_at
from benchmarks.traced_run import END, Run
from benchmarks.words import sentences
from langchain_respmeta.langsmith.metadata import run_keys, usage_metadata
from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.draft import Draft

DAYS: Final = 7
RARE: Final = "quicksilver"
"""A word of one trace in 500."""
_TOOLS: Final = ("search_orders", "search_web", "read_document", "create_ticket")
_ROLES: Final = {"human": "HumanMessage", "ai": "AIMessage", "system": "SystemMessage", "tool": "ToolMessage"}
_TRACEBACK: Final = "Traceback (most recent call last):\n" + "\n".join(
    f'  File "/app/service/{name}.py", line {line}, in {name}\n    answer = self._{name}(request, **options)'
    for name, line in (
        ("invoke", 412),
        ("generate", 988),
        ("create", 1371),
        ("post", 1297),
        ("request", 1070),
    )
)


def traces(runs: int, *, seed: int = 11, days: float = DAYS) -> Iterator[list[Run]]:
    """Traces of `runs` runs together or a few more, oldest first; each has its root first."""
    dice = random.Random(f"{seed}")
    total, at = 0, END - timedelta(days=days)
    while total < runs:
        # From what is left of both: a pause of one length would leave some days empty, or many traces at the end.
        pause = (END - at) * _RUNS_A_TRACE / (runs - total)
        at += min(pause * dice.expovariate(1), timedelta(hours=2), END - at)
        made = _trace(dice, at)
        total += len(made)
        yield made


_RUNS_A_TRACE: Final = 5.66


def _trace(dice: random.Random, at: datetime) -> list[Run]:
    drafts = list(calls_at(dice, at))
    first = drafts[0]
    shared = {
        "project": str(first["agent_name"]),
        "tags": first["tags"],
        "metadata": {**first["metadata"], "thread_id": first["thread_id"], "revision_id": "5b13939"},
    }
    question = sentences(dice, 40)
    if dice.random() < 1 / 500:
        question += f" {RARE}"
    system = sentences(random.Random(shared["project"]), 220)
    kind = dice.choices((_agent, _chain, _plain), (45, 35, 20))[0]
    return kind(dice, at, shared, [("system", system), ("human", question)], drafts)


Turns = list[tuple[str, str]]


def _plain(
    dice: random.Random, at: datetime, shared: dict[str, Any], turns: Turns, drafts: list[Any]
) -> list[Run]:
    return [_call(dice, at, shared, None, turns, draft, [], 1) for draft in drafts[-1:]]


def _chain(
    dice: random.Random, at: datetime, shared: dict[str, Any], turns: Turns, drafts: list[Any]
) -> list[Run]:
    question = {"question": turns[-1][1]}
    root = Run(dice, "RunnableSequence", "chain", at, None, shared, {"input": question})
    later = at + timedelta(milliseconds=1)
    messages = [_plain_message(role, text) for role, text in turns]
    prompt = Run(
        dice,
        "ChatPromptTemplate",
        "prompt",
        later,
        root,
        shared,
        question,
        {"output": {"messages": messages}},
    )
    prompt.end = later + timedelta(milliseconds=1)
    calls, moment = list[Run](), prompt.end
    for draft in drafts:
        calls.append(_call(dice, moment, shared, root, turns, draft, [], 2))
        moment = calls[-1].end
    runs = [root, prompt, *calls]
    if calls[-1].error is None:
        text = _text_of(calls[-1])
        parser = Run(
            dice, "StrOutputParser", "parser", moment, root, shared, {"input": text}, {"output": text}
        )
        parser.end = moment + timedelta(milliseconds=1)
        runs.append(parser)
        root.outputs = {"output": text}
    return _rooted(root, calls, runs)


def _agent(
    dice: random.Random, at: datetime, shared: dict[str, Any], turns: Turns, drafts: list[Any]
) -> list[Run]:
    """A model that calls a tool once or more often, then answers."""
    messages: list[dict[str, Any]] = [_plain_message(*turns[-1])]
    root = Run(dice, "LangGraph", "chain", at, None, shared, {"messages": [*messages]})
    runs, calls, moment, turns = [root], list[Run](), at, [*turns]
    rounds = dice.choices((1, 2, 3), (6, 3, 1))[0]
    more = [*drafts, *(draft for _ in range(rounds) for draft in calls_at(dice, at))]
    for step, draft in enumerate(more):
        last = step == len(more) - 1
        tool = [] if last or "error.type" in draft else [_tool_call(dice)]
        node = _node(dice, "model", moment, root, 2 * step + 1, {"messages": [*messages]})
        call = _call(dice, moment, shared, node, turns, draft, tool, 3)
        node.end = moment = call.end
        runs += [node, call]
        calls.append(call)
        if call.error is not None:
            continue
        messages.append({**_plain_message("ai", _text_of(call)), "tool_calls": tool})
        turns.append(("ai", _text_of(call)))
        node.outputs = {
            "output": [{"graph": None, "update": {"messages": messages[-1:]}, "resume": None, "goto": []}]
        }
        for used in tool:
            done = _tool(dice, moment, root, used, 2 * step + 2)
            runs += done
            moment = done[-1].end
            answer = str(done[-1].outputs["output"]["content"])
            messages.append(
                {**_plain_message("tool", answer), "tool_call_id": used["id"], "name": used["name"]}
            )
            turns.append(("tool", answer))
    root.outputs = {"messages": messages}
    return _rooted(root, calls, runs)


def _node(dice: random.Random, name: str, at: datetime, root: Run, step: int, inputs: dict[str, Any]) -> Run:
    node = Run(dice, name, "chain", at, root, root.shared, inputs)
    node.metadata = {
        "ls_integration": "langchain_create_agent",
        "langgraph_step": step,
        "langgraph_node": name,
        "langgraph_triggers": [f"branch:to:{name}"],
        "langgraph_path": ["__pregel_pull", name],
        "langgraph_checkpoint_ns": f"{name}:{UUID(int=dice.getrandbits(128), version=4)}",
    }
    return node


def _tool(dice: random.Random, at: datetime, root: Run, used: dict[str, Any], step: int) -> tuple[Run, Run]:
    node = _node(dice, "tools", at, root, step, {"input": [used]})
    tool = Run(dice, used["name"], "tool", at, node, root.shared, used["args"])
    tool.metadata = node.metadata
    tool.extra = {"color": "green", "tool_call_id": used["id"]}
    answer = {**_plain_message("tool", sentences(dice, 90)), "tool_call_id": used["id"], "name": used["name"]}
    tool.outputs, node.outputs = {"output": answer}, {"messages": [answer]}
    node.end = tool.end = at + timedelta(seconds=dice.expovariate(3))
    return node, tool


def _tool_call(dice: random.Random) -> dict[str, Any]:
    args = {"query": sentences(dice, 7), "limit": dice.randrange(1, 20)}
    return {
        "name": dice.choice(_TOOLS),
        "args": args,
        "id": f"call_{dice.getrandbits(96):x}",
        "type": "tool_call",
    }


def _call(
    dice: random.Random,
    at: datetime,
    shared: dict[str, Any],
    parent: Run | None,
    turns: Turns,
    draft: dict[str, Any],
    tools: list[dict[str, Any]],
    step: int,
) -> Run:
    """A model's run with its record."""
    model, integration = str(draft["requested_model"]), str(draft["integration"])
    call = Run(
        dice, integration, "llm", at, parent, shared, {"messages": [[_message(*turn) for turn in turns]]}
    )
    call.end = at + timedelta(seconds=draft["timing.latency_s"])
    call.metadata = (parent.metadata if parent else {}) | {
        "ls_provider": draft["provider"],
        "ls_model_name": model,
        "ls_model_type": "chat",
        "ls_temperature": None,
        "ls_integration": "langchain_chat_model",
        "lc_versions": {"langchain-core": "1.8.3", "langchain": "1.5.2"},
    }
    parameters = {"model": model, "model_name": model, "stream": draft["streamed"], "stop": None}
    call.extra = {"invocation_params": parameters, "options": {"stop": None}, "batch_size": 1}
    call.serialized = {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "chat_models", str(draft["provider"]), integration],
        "kwargs": {"model_name": model, "api_key": {"lc": 1, "type": "secret", "id": ["API_KEY"]}},
        "name": integration,
    }
    facts = cast("Draft", draft | {"graph_step": step, "run_id": call.id, "trace_id": call.trace_id})
    call.record = run_keys(facts, without_content(facts), "respmeta", include_content=False, hidden=False)
    usage = usage_metadata(facts, None)
    if usage is not None:
        call.record = {"usage_metadata": usage, **call.record}
    if "error.type" in draft:
        call.error = f"{draft['error.type']}('Error code: {draft['error.status_code']}')\n\n{_TRACEBACK}"
    else:
        call.outputs = _generated(dice, draft, usage, tools)
    return call


def _generated(
    dice: random.Random, draft: dict[str, Any], usage: dict[str, Any] | None, tools: list[dict[str, Any]]
) -> dict[str, Any]:
    text = "" if tools and dice.random() < 0.6 else sentences(dice, int(dice.lognormvariate(4.6, 0.7)))
    metadata = {
        "token_usage": {
            "completion_tokens": draft.get("usage.output_tokens"),
            "prompt_tokens": draft.get("usage.input_tokens"),
            "total_tokens": draft.get("usage.total_tokens"),
            "prompt_tokens_details": {
                "audio_tokens": 0,
                "cached_tokens": draft.get("usage.cache_read_tokens"),
            },
        },
        "model_provider": draft["provider"],
        "model_name": draft["model"],
        "id": draft["response_id"],
        "service_tier": draft.get("service_tier"),
        "finish_reason": draft["native_finish_reason"],
        "logprobs": None,
    }
    message = _message("ai", text)
    message["kwargs"] |= {"response_metadata": metadata, "tool_calls": tools, "invalid_tool_calls": []}
    message["kwargs"]["usage_metadata"] = usage
    generation = {"text": text, "generation_info": None, "type": "ChatGeneration", "message": message}
    return {"generations": [[generation]], "llm_output": None, "run": None, "type": "LLMResult"}


def _text_of(call: Run) -> str:
    return str(call.outputs["generations"][0][0]["text"])


def _message(role: str, text: str) -> dict[str, Any]:
    path = ["langchain", "schema", "messages", _ROLES[role]]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": text, "type": role}}


def _plain_message(role: str, text: str) -> dict[str, Any]:
    return {"content": text, "additional_kwargs": {}, "response_metadata": {}, "type": role}


def _rooted(root: Run, calls: list[Run], runs: list[Run]) -> list[Run]:
    """Give the root its end and the sums of its calls, as the handler does."""
    root.end = max(run.end for run in runs if run is not root)
    if calls[-1].error is not None:
        root.error = calls[-1].error
    sums: dict[str, Any] = {"llm_calls": len(calls)}
    for name in ("input_tokens", "output_tokens", "total_tokens", "cost_usd"):
        told = [value for call in calls if (value := call.record.get(f"respmeta_{name}")) is not None]
        if told:
            sums[name] = round(sum(told), 12)
    models = sorted({str(call.record.get("respmeta_model") or "") for call in calls} - {""})
    words = {"models": ",".join(models), "finish_reason": calls[-1].record.get("respmeta_finish_reason")}
    root.record = {f"respmeta_{name}": value for name, value in {**sums, **words}.items() if value}
    root.record["respmeta"] = {"schema_version": "1.1", "rollup": {**sums, "models": models}}
    return runs
