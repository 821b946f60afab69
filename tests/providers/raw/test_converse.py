"""Converse and ConverseStream: through boto3, as JSON and as bytes, and as `ChatBedrockConverse` reads them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from langchain_respmeta import RespMetaHandler, ResponseMetadata, normalize, normalize_stream
from langchain_respmeta.demo import (
    ReplayServer,
    demo_scenarios,
    recorded_answer,
    scenario_model,
    scenario_runnable,
)
from tests.providers.raw.aws import client, frames
from tests.providers.raw.same import facts, lacking

SCENARIOS: Final = [
    name
    for name, scenario in demo_scenarios()["bedrock"].items()
    if not scenario.failing and len(scenario.answers) == 1
]


def told(record: ResponseMetadata, *but: str) -> dict[str, Any]:
    """All but the model, which Converse does not name, and what is given."""
    return {
        name: value for name, value in facts(record).items() if name not in {"model", "model_source", *but}
    }


def watched(replay: ReplayServer, name: str, *, stream: bool) -> ResponseMetadata:
    handler = RespMetaHandler(feedback=False, include_content=True)
    scenario = demo_scenarios()["bedrock"][name]
    model: Any = scenario_runnable(replay, scenario) if scenario.tools else scenario_model(replay, scenario)
    if stream:
        for _ in model.stream(scenario.messages, {"callbacks": [handler]}):
            pass
    else:
        model.invoke(scenario.messages, {"callbacks": [handler]})
    (record,) = handler.records
    return record


ASKED: Final[Any] = {"modelId": "any", "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}


@pytest.mark.parametrize("name", SCENARIOS)
def test_boto3s_dict_says_all_that_langchains_message_says(replay: ReplayServer, name: str) -> None:
    response = client(replay.base_url("bedrock", name)).converse(**ASKED)
    record = normalize(response)
    # Nova thinks aloud in tags, which the integration takes out of the text of the models that it knows by name.
    but = ("reasoning",) if name == "nova" else ()
    assert lacking(told(record), told(watched(replay, name, stream=False), "http", *but)) == []
    assert record.http is not None
    assert record.http.status_code == 200
    assert record.request_id == response["ResponseMetadata"]["RequestId"]
    assert (record.provider, record.api, record.unmapped) == ("aws.bedrock", "converse", ())


@pytest.mark.parametrize("name", SCENARIOS)
def test_boto3s_events_say_all_that_langchains_chunks_say(replay: ReplayServer, name: str) -> None:
    response = client(replay.base_url("bedrock", name)).converse_stream(**ASKED)
    record = normalize_stream([response, *response["stream"]])
    assert lacking(told(record), told(watched(replay, name, stream=True), "http")) == []
    assert record.request_id == response["ResponseMetadata"]["RequestId"]
    assert record.unmapped == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_stream_says_what_the_whole_answer_says(replay: ReplayServer, name: str) -> None:
    raw: Any = demo_scenarios()["bedrock"][name].answers[0].body
    whole = told(normalize(json.dumps(raw)))
    events = list(client(replay.base_url("bedrock", name)).converse_stream(**ASKED)["stream"])
    assert told(normalize_stream(events)) == whole
    assert told(normalize_stream(frames(map(on_the_wire, events)))) == whole
    unread = client(replay.base_url("bedrock", name)).converse_stream(**ASKED)
    assert lacking(told(normalize_stream(unread)), whole) == []


def on_the_wire(event: dict[str, Any]) -> dict[str, Any]:
    """An event of boto3's as the wire has it: bytes in base64, and padding."""
    ((kind, payload),) = json.loads(json.dumps(event, default=lambda data: data.decode())).items()
    return {kind: {**payload, "p": "abcd"}}


def body(*content: Any, **fields: Any) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15},
        "metrics": {"latencyMs": 250},
    } | fields


def test_the_input_counts_what_the_cache_gave_and_took() -> None:
    usage = {
        "inputTokens": 14,
        "outputTokens": 26,
        "totalTokens": 14961,
        "cacheReadInputTokens": 12288,
        "cacheWriteInputTokens": 2633,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 2048}, {"ttl": "5m", "inputTokens": 585}],
    }
    record = normalize(body({"text": "Hi"}, usage=usage))
    counts = record.usage
    assert counts is not None
    assert (counts.input_tokens, counts.output_tokens, counts.total_tokens) == (14935, 26, 14961)
    assert (counts.cache_read_tokens, counts.cache_write_tokens) == (12288, 2633)
    assert (counts.cache_write_1h_tokens, counts.cache_write_5m_tokens) == (2048, 585)
    assert record.warnings == ()


def test_each_kind_of_block_is_read() -> None:
    citation = {
        "title": "Rules",
        "sourceContent": [{"text": "Three days."}],
        "location": {"documentChar": {"documentIndex": 1, "start": 4, "end": 9}},
    }
    record = normalize(
        body(
            {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "s"}}},
            {"reasoningContent": {"redactedContent": b"abc"}},
            {"text": "So: "},
            {"citationsContent": {"content": [{"text": "three days."}], "citations": [citation]}},
            {"toolUse": {"toolUseId": "t1", "name": "lend", "input": {"forDays": 3}}},
            {
                "toolUse": {
                    "toolUseId": "t2",
                    "name": "nova_grounding",
                    "type": "server_tool_use",
                    "input": {},
                }
            },
            {"toolResult": {"toolUseId": "t2", "type": "nova_grounding_result", "content": [{"json": {}}]}},
            {"image": {"format": "png", "source": {"bytes": b"12345"}}},
            {"hologram": {"depth": 3}},
        )
    )
    assert record.reasoning is not None
    assert (record.reasoning.text, record.reasoning.redacted) == ("Hm.", True)
    assert {(call.id, call.name, call.server_side) for call in record.tool_calls} == {
        ("t1", "lend", False),
        ("t2", "nova_grounding", True),
    }
    (cited,) = record.citations
    assert (cited.quote, cited.document_index, cited.start_index, cited.end_index) == (
        "Three days.",
        1,
        4,
        15,
    )
    assert [(medium.mime_type, medium.size_bytes) for medium in record.media] == [("image/png", 5)]
    assert record.unmapped == ("content.hologram",)


def start(**told: Any) -> dict[str, Any]:
    return {"contentBlockStart": {"contentBlockIndex": 0, "start": told}}


def delta(index: object = 0, **told: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": told}}


BEGIN: Final = {"messageStart": {"role": "assistant"}}
END: Final = {"messageStop": {"stopReason": "end_turn"}}
COUNTED: Final = {
    "metadata": {
        "usage": {"inputTokens": 9, "outputTokens": 4, "totalTokens": 13},
        "metrics": {"latencyMs": 9},
    }
}


def test_a_stream_that_broke_off_says_so_and_how_far_the_arguments_came() -> None:
    record = normalize_stream(
        [BEGIN, start(toolUse={"toolUseId": "t", "name": "lend"}), delta(toolUse={"input": '{"days":'})]
    )
    assert any("without the provider's last word" in warning for warning in record.warnings)
    (call,) = record.tool_calls
    assert (call.name, call.valid, call.args_size_bytes) == ("lend", False, 8)


@pytest.mark.parametrize("as_bytes", [False, True])
def test_an_exception_in_the_stream_is_the_records_error(*, as_bytes: bool) -> None:
    fault = {"modelStreamErrorException": {"message": "The model broke.", "originalStatusCode": 500}}
    events = [BEGIN, delta(text="Hi"), fault]
    record = normalize_stream(frames(events) if as_bytes else events)
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("modelStreamErrorException", "The model broke.")
    assert record.finish_reason == "error"


def test_boto3_raises_for_the_same_stream_after_what_came(replay: ReplayServer) -> None:
    fault = {"modelStreamErrorException": {"message": "The model broke."}}
    raw = recorded_answer("text", frames([BEGIN, delta(text="Hi"), fault]))
    response = client(replay.add("bedrock", "broken", raw)).converse_stream(**ASKED)
    came = []
    with pytest.raises(Exception, match="modelStreamErrorException"):
        came.extend(response["stream"])
    assert normalize_stream([BEGIN, delta(text="Hi")]).warnings


@pytest.mark.parametrize(
    "odd",
    [
        delta(index=[0], text="x"),
        delta(text=7),
        delta(toolUse="x"),
        delta(toolResult=[3, {"text": "x"}]),
        {"contentBlockDelta": {"delta": None}},
        {"contentBlockStart": {"contentBlockIndex": "0", "start": 5}},
        {"messageStop": "x"},
        {"metadata": ["usage"]},
        {"hologramDelta": {"depth": 3}},
    ],
)
def test_what_an_event_should_not_hold_costs_nothing_else(odd: dict[str, Any]) -> None:
    record = normalize_stream([BEGIN, odd, delta(3, text="Hi"), END, COUNTED])
    assert record.finish_reason == "stop"
    assert record.usage is not None
    assert record.usage.total_tokens == 13


def test_bytes_that_broke_off_are_read_as_far_as_they_came() -> None:
    whole = frames([BEGIN, delta(text="Hi"), END, COUNTED])
    record = normalize_stream(whole[:-30])
    assert record.finish_reason == "stop"
    assert record.usage is None
    assert normalize_stream([whole[:50], whole[50:]]).usage is not None
