"""Tools that the provider ran itself are not the caller's tool calls, whatever their blocks are named."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_respmeta import normalize
from langchain_respmeta.cli.demo.wire import Event
from langchain_respmeta.demo import Answer, ReplayServer
from tests.peers.bodies import RESPONSE_USAGE, chat, claude, response, said, spent
from tests.peers.calls import EVERY_WAY, STREAMS, ask, tokens


def custom(name: str, call_id: str = "xs_call_7") -> dict[str, Any]:
    return {
        "id": "ctc_7",
        "type": "custom_tool_call",
        "call_id": call_id,
        "name": name,
        "input": '{"query":"a"}',
        "status": "completed",
    }


def calls(record: Any) -> list[tuple[str | None, bool]]:
    return [(call.name, call.server_side) for call in record.tool_calls]


@EVERY_WAY
@pytest.mark.parametrize("name", ["x_keyword_search", "x_thread_fetch", "view_x_video"])
def test_xais_own_tools_come_as_custom_ones(replay: ReplayServer, name: str, mode: str) -> None:
    body = response(RESPONSE_USAGE, [custom(name), said("Found it.")], model="grok-4-fast-reasoning")
    record = ask(replay, "xai", body, mode, use_responses_api=True)
    assert calls(record) == [(name, True)]
    assert record.finish_reason == "stop"
    assert not any(one.external_execution_required for one in record.tool_executions)
    assert record.cost is not None
    assert record.cost.total is None


@EVERY_WAY
def test_a_custom_tool_of_the_request_is_the_callers_at_xai_too(replay: ReplayServer, mode: str) -> None:
    body = response(RESPONSE_USAGE, [custom("run_sql", "call_1")], model="grok-4-fast-reasoning")
    offered = {"tools": [{"type": "custom", "name": "run_sql"}]}
    record = ask(replay, "xai", body, mode, use_responses_api=True, model_kwargs=offered)
    assert calls(record) == [("run_sql", False)]
    assert record.finish_reason == "tool_calls"


@EVERY_WAY
def test_openais_custom_tools_are_the_callers(replay: ReplayServer, mode: str) -> None:
    record = ask(replay, "openai_responses", response(RESPONSE_USAGE, [custom("x_keyword_search")]), mode)
    assert calls(record) == [("x_keyword_search", False)]
    assert record.finish_reason == "tool_calls"


def search(number: int, action: dict[str, Any] | None, status: str = "completed") -> dict[str, Any]:
    told = {} if action is None else {"action": action}
    return {"id": f"ws_{number}", "type": "web_search_call", "status": status, **told}


ACTIONS = [
    {"type": "search", "query": "a"},
    {"type": "open_page", "url": "https://a.example"},
    {"type": "find_in_page", "url": "https://a.example", "pattern": "b"},
    {"type": "search", "query": "c"},
    {"type": "search", "query": "d"},
]


@EVERY_WAY
def test_openais_searches_are_counted_and_opened_pages_are_not(replay: ReplayServer, mode: str) -> None:
    output = [*(search(number, action) for number, action in enumerate(ACTIONS)), said("Found it.")]
    record = ask(replay, "openai_responses", response(RESPONSE_USAGE, output), mode)
    assert record.usage is not None
    assert record.usage.web_search_requests == 3
    assert len(record.tool_calls) == 5


@EVERY_WAY
def test_a_search_that_does_not_say_what_it_did_leaves_no_count(replay: ReplayServer, mode: str) -> None:
    output = [search(0, ACTIONS[0]), search(1, None), said("Found it.")]
    record = ask(replay, "openai_responses", response(RESPONSE_USAGE, output), mode)
    assert record.usage is not None
    assert record.usage.web_search_requests is None
    assert record.cost is not None
    assert record.cost.total is None


def searched(number: int) -> list[dict[str, Any]]:
    call_id = f"srvtoolu_{number}"
    page = {
        "type": "web_search_result",
        "url": "https://a.example",
        "title": "a",
        "encrypted_content": "eA==",
    }
    result = [{**page, "page_age": None}]
    return [
        {"type": "server_tool_use", "id": call_id, "name": "web_search", "input": {"query": "a"}},
        {"type": "web_search_tool_result", "tool_use_id": call_id, "content": result},
    ]


@STREAMS
def test_anthropics_streams_lose_the_count_and_no_other_is_made_up(replay: ReplayServer, mode: str) -> None:
    """Those that run within code are billed and not listed."""
    content = [*searched(1), *searched(2), {"type": "text", "text": "Found it."}]
    usage = {"input_tokens": 400, "output_tokens": 200, "server_tool_use": {"web_search_requests": 3}}
    record = ask(replay, "anthropic", claude(usage, content), mode)
    assert record.usage is not None
    assert record.usage.web_search_requests is None
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "usage_incomplete")


def test_what_the_provider_counted_is_not_counted_again(replay: ReplayServer) -> None:
    content = [*searched(1), *searched(2), {"type": "text", "text": "Found it."}]
    usage = {"input_tokens": 400, "output_tokens": 200, "server_tool_use": {"web_search_requests": 5}}
    record = ask(replay, "anthropic", claude(usage, content))
    assert record.usage is not None
    assert record.usage.web_search_requests == 5


def nova(*tools: tuple[str, bool]) -> list[dict[str, Any]]:
    """Bedrock's stream of calls: name, and whether it ran the tool itself."""
    events: list[dict[str, Any]] = [{"messageStart": {"role": "assistant"}}]
    for index, (name, own) in enumerate(tools):
        begun = {
            "name": name,
            "toolUseId": f"tooluse_{index}",
            **({"type": "server_tool_use"} if own else {}),
        }
        place = {"contentBlockIndex": index}
        events += [
            {"contentBlockStart": {**place, "start": {"toolUse": begun}}},
            {"contentBlockDelta": {**place, "delta": {"toolUse": {"input": '{"query":'}}}},
            {"contentBlockDelta": {**place, "delta": {"toolUse": {"input": '"a"}'}}}},
            {"contentBlockStop": place},
        ]
    place = {"contentBlockIndex": len(tools)}
    asks = any(not own for _, own in tools)
    return [
        *events,
        {"contentBlockDelta": {**place, "delta": {"text": "Found."}}},
        {"contentBlockStop": place},
        {"messageStop": {"stopReason": "tool_use" if asks else "end_turn"}},
        {
            "metadata": {
                "usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15},
                "metrics": {"latencyMs": 9},
            }
        },
    ]


@STREAMS
@pytest.mark.parametrize(
    "tools",
    [
        [("nova_grounding", True)],
        [("nova_grounding", True), ("nova_code_interpreter", True)],
        [("nova_grounding", True), ("get_rate", False)],
    ],
    ids=["one", "two", "one of the caller's beside it"],
)
def test_bedrocks_own_tools_keep_their_names(
    replay: ReplayServer, tools: list[tuple[str, bool]], mode: str
) -> None:
    answer = Answer({"stopReason": "end_turn"}, events=[_event(one) for one in nova(*tools)])
    record = ask(replay, "bedrock", answer, mode, model="us.amazon.nova-2-lite-v1:0")
    assert sorted(calls(record)) == sorted(tools)
    assert record.finish_reason == ("stop" if all(own for _, own in tools) else "tool_calls")


def _event(one: dict[str, Any]) -> Any:
    ((kind, data),) = one.items()
    return Event(data, kind)


@EVERY_WAY
@pytest.mark.parametrize(("execution", "finish"), [("server", "stop"), ("client", "tool_calls")])
def test_a_search_for_tools_is_whose_it_says(
    replay: ReplayServer, execution: str, finish: str, mode: str
) -> None:
    call_id = None if execution == "server" else "call_1"
    asked = {
        "id": "tsc_1",
        "type": "tool_search_call",
        "status": "completed",
        "execution": execution,
        "call_id": call_id,
        "arguments": {"paths": ["tools"]},
    }
    found = {
        "id": "tso_1",
        "type": "tool_search_output",
        "status": "completed",
        "execution": execution,
        "call_id": call_id,
        "tools": [{"type": "function", "name": "f", "description": "d", "parameters": {}, "strict": True}],
    }
    output = [asked, found, said("Found it.")] if execution == "server" else [asked]
    record = ask(replay, "openai_responses", response(RESPONSE_USAGE, output), mode)
    assert record.finish_reason == finish
    assert [call.server_side for call in record.tool_calls] == [execution == "server"]
    assert record.unmapped == ()


def test_a_shell_whose_output_is_in_the_answer_ran_at_the_provider() -> None:
    call = {"type": "shell_call", "id": "sh_1", "call_id": "call_1", "action": {"commands": ["ls"]}}
    output = {"type": "shell_call_output", "id": "sho_1", "call_id": "call_1", "output": []}
    start = {"serialized": {"id": ["ChatOpenAI"]}}
    told = {"type": "ai", "response_metadata": {"status": "completed", "model_name": "gpt-5.4"}}
    hosted = normalize({**told, "content": [call, output]}, start=start)
    local = normalize({**told, "content": [call]}, start=start)
    assert [one.server_side for one in (*hosted.tool_calls, *local.tool_calls)] == [True, False]
    assert (hosted.finish_reason, local.finish_reason) == ("stop", "tool_calls")


def test_an_empty_audio_object_is_no_medium(replay: ReplayServer) -> None:
    empty = {"data": "", "expires_at": 0, "id": "", "transcript": ""}
    record = ask(replay, "openai", chat(spent(10, 2), message={"audio": empty}))
    assert record.media == ()
    heard = ask(
        replay, "openai", chat(spent(10, 2), message={"audio": {**empty, "id": "audio_1", "data": "eA=="}})
    )
    assert [(one.kind, one.id) for one in heard.media] == [("audio", "audio_1")]
    assert tokens(record, "input") == (10,)
