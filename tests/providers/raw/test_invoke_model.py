"""InvokeModel: every vendor's body, boto3's answer around it, and their streams."""

from __future__ import annotations

import io
import json
from typing import Any, Final

import pytest

from langchain_respmeta import UnreadableAnswer, normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer, recorded_answer
from tests.providers.raw.aws import client, frames, wrapped
from tests.providers.raw.same import facts

HEADERS: Final = {
    "x-amzn-bedrock-input-token-count": "12",
    "x-amzn-bedrock-output-token-count": "7",
    "x-amzn-bedrock-invocation-latency": "640",
}
MEASURED: Final = {
    "amazon-bedrock-invocationMetrics": {
        "inputTokenCount": 12,
        "outputTokenCount": 7,
        "invocationLatency": 640,
        "firstByteLatency": 120,
    }
}
CLAUDE: Final = {
    "id": "msg_bdrk_01AbCd",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 12, "output_tokens": 7},
}
NOVA: Final = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 12, "outputTokens": 7, "totalTokens": 19, "cacheReadInputTokenCount": 0},
}


def chat(finish: dict[str, Any], **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "Hi."}
    return {"id": "c1", "choices": [{"index": 0, "message": message, **finish}]} | fields


BODIES: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "claude": (CLAUDE, "stop", "end_turn"),
    "claude 2": (
        {"completion": " Hi.", "stop_reason": "stop_sequence", "stop": "\n\nHuman:"},
        "stop_sequence",
        "stop_sequence",
    ),
    "nova": (NOVA, "stop", "end_turn"),
    "titan": (
        {
            "inputTextTokenCount": 11,
            "results": [{"tokenCount": 6, "outputText": "Hi.", "completionReason": "LENGTH"}],
        },
        "length",
        "LENGTH",
    ),
    "llama": (
        {"generation": "Hi.", "prompt_token_count": 11, "generation_token_count": 6, "stop_reason": "stop"},
        "stop",
        "stop",
    ),
    "mistral": ({"outputs": [{"text": "Hi.", "stop_reason": "length"}]}, "length", "length"),
    "mistral chat": (chat({"stop_reason": "tool_calls"}), "tool_calls", "tool_calls"),
    "command": (
        {"id": "g", "prompt": "p", "generations": [{"id": "h", "text": "Hi.", "finish_reason": "COMPLETE"}]},
        "stop",
        "COMPLETE",
    ),
    "command r": (
        {
            "response_id": "r",
            "generation_id": "g",
            "text": "Hi.",
            "chat_history": [],
            "finish_reason": "MAX_TOKENS",
        },
        "length",
        "MAX_TOKENS",
    ),
    "jurassic": (
        {
            "id": 1234,
            "prompt": {"text": "p", "tokens": []},
            "completions": [{"data": {"text": "Hi.", "tokens": []}, "finishReason": {"reason": "endoftext"}}],
        },
        "stop",
        "endoftext",
    ),
    "jamba": (
        chat(
            {"finish_reason": "stop"},
            meta={"requestDurationMillis": 600},
            usage={"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19},
        ),
        "stop",
        "stop",
    ),
    "deepseek": ({"choices": [{"text": "Hi.", "stop_reason": "length"}]}, "length", "length"),
    "gpt-oss": (
        chat(
            {"finish_reason": "stop"},
            object="chat.completion",
            created=1_760_000_000,
            model="openai.gpt-oss-120b-1:0",
            service_tier="default",
            usage={"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19},
        ),
        "stop",
        "stop",
    ),
}


def call(replay: ReplayServer, name: str, body: Any) -> dict[str, Any]:
    answer = recorded_answer("json", json.dumps(body), headers=HEADERS)
    response: dict[str, Any] = client(replay.add("bedrock", f"invoke {name}", answer)).invoke_model(
        modelId="any", body=b"{}"
    )
    return response


@pytest.mark.parametrize("name", BODIES)
def test_boto3s_answer_tells_each_vendors_end_and_bedrocks_counts(replay: ReplayServer, name: str) -> None:
    body, finish, native = BODIES[name]
    response = call(replay, name, body)
    read = response["body"].read()
    for form in (read, read.decode(), json.loads(read), io.BytesIO(read)):
        record = normalize({**response, "body": form})
        assert (record.provider, record.api) == ("aws.bedrock", "invoke_model")
        assert (record.finish_reason, record.native_finish_reason) == (finish, native)
        assert record.usage is not None
        counts = record.usage
        assert (counts.input_tokens, counts.output_tokens, counts.total_tokens) == (12, 7, 19)
        assert record.http is not None
        assert record.http.status_code == 200
        assert (record.unmapped, record.warnings) == ((), ())


def test_a_stream_that_nobody_read_is_left_alone_and_told(replay: ReplayServer) -> None:
    response = call(replay, "unread", CLAUDE)
    with pytest.raises(UnreadableAnswer, match="a stream that nobody read"):
        normalize(response)
    assert json.loads(response["body"].read()) == CLAUDE


def test_a_stream_that_can_be_set_back_is() -> None:
    held = io.BytesIO(b"  " + json.dumps(NOVA).encode())
    held.seek(2)
    assert normalize({"contentType": "application/json", "body": held}).finish_reason == "stop"
    assert held.tell() == 2


@pytest.mark.parametrize("name", ["claude 2", "nova", "titan", "llama", "mistral", "jurassic"])
def test_a_body_that_only_bedrock_has_needs_no_more(name: str) -> None:
    body, finish, _ = BODIES[name]
    record = normalize(json.dumps(body))
    assert (record.provider, record.api, record.finish_reason) == ("aws.bedrock", "invoke_model", finish)
    assert record.unmapped == ()


@pytest.mark.parametrize(
    "body",
    [
        {"model_version": "1", "completions": [{"completion": "Hi.", "finish_reason": "maximum_tokens"}]},
        {"text": "Hi.", "finish_reason": "COMPLETE", "response_id": "r", "generation_id": "g"},
        {"generations": [{"id": "g", "text": "Hi.", "finish_reason": "COMPLETE"}], "id": "i"},
        {"generated_text": "Hi."},
    ],
)
def test_a_body_that_others_give_too_is_not_said_to_be_bedrocks(body: dict[str, Any]) -> None:
    try:
        record = normalize(body)
    except UnreadableAnswer:
        return
    assert record.provider != "aws.bedrock"
    assert record.api != "invoke_model"


def test_a_vendors_own_count_stands_where_bedrocks_is_unknown() -> None:
    counts = [normalize(BODIES[name][0]).usage for name in ("titan", "llama")]
    assert [(one.input_tokens, one.output_tokens, one.total_tokens) for one in counts if one] == [
        (11, 6, 17)
    ] * 2


def test_what_bedrock_adds_to_a_message_makes_it_bedrocks() -> None:
    record = normalize({**CLAUDE, **MEASURED})
    assert (record.provider, record.api, record.response_id) == ("aws.bedrock", "invoke_model", CLAUDE["id"])


def test_the_cache_is_part_of_the_input(replay: ReplayServer) -> None:
    usage = {
        "input_tokens": 12,
        "output_tokens": 7,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 0},
    }
    response = call(replay, "cache", {**CLAUDE, "usage": usage})
    counts = normalize({**response, "body": response["body"].read()}).usage
    assert counts is not None
    assert (counts.input_tokens, counts.total_tokens) == (142, 149)
    assert (counts.cache_read_tokens, counts.cache_write_5m_tokens) == (100, 30)


def test_a_guardrail_that_stepped_in_is_a_refusal() -> None:
    found = {"topicPolicy": {"topics": [{"name": "Finance", "type": "DENY", "action": "BLOCKED"}]}}
    trace = {"guardrail": {"input": {"g": found}, "actionReason": "Guardrail blocked."}}
    added = {"amazon-bedrock-guardrailAction": "INTERVENED", "amazon-bedrock-trace": trace}
    for name in ("llama", "nova", "claude"):
        record = normalize({**BODIES[name][0], **added})
        assert record.refused is True
        assert record.refusal is not None
        assert (record.refusal.source, record.refusal.reason) == ("guardrail", "Guardrail blocked.")
        assert record.safety[0].blocked is True


# --- streams ---------------------------------------------------------------------------------------------------------

MESSAGES: Final = [
    {"type": "message_start", "message": {**CLAUDE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}},
    {"type": "message_stop", **MEASURED},
]
PIECE: Final = {"index": 0, "delta": {"role": "assistant", "content": "Hi."}}
STREAMS: Final[dict[str, tuple[list[dict[str, Any]], str]]] = {
    "claude": (MESSAGES, "stop"),
    "nova": (
        [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hi."}}},
            {"messageStop": {"stopReason": "max_tokens"}},
            {"metadata": {"usage": {"inputTokens": 12, "outputTokens": 7}, "metrics": {}}, **MEASURED},
        ],
        "length",
    ),
    "claude 2": (
        [
            {"completion": " H", "stop_reason": None, "stop": None},
            {"completion": "i.", "stop_reason": "stop_sequence", "stop": "\n\nHuman:", **MEASURED},
        ],
        "stop_sequence",
    ),
    "titan": (
        [
            {"outputText": "Hi", "index": 0, "inputTextTokenCount": 11, "completionReason": None},
            {
                "outputText": ".",
                "index": 0,
                "totalOutputTextTokenCount": 6,
                "completionReason": "FINISH",
                **MEASURED,
            },
        ],
        "stop",
    ),
    "llama": (
        [
            {"generation": "Hi", "prompt_token_count": 11, "generation_token_count": 1, "stop_reason": None},
            {
                "generation": ".",
                "prompt_token_count": None,
                "generation_token_count": 6,
                "stop_reason": "length",
                **MEASURED,
            },
        ],
        "length",
    ),
    "mistral": (
        [
            {"outputs": [{"text": "Hi", "stop_reason": None}]},
            {"outputs": [{"text": ".", "stop_reason": "stop"}], **MEASURED},
        ],
        "stop",
    ),
    "command r": (
        [
            {"is_finished": False, "event_type": "text-generation", "text": "Hi."},
            {
                "is_finished": True,
                "event_type": "stream-end",
                "finish_reason": "COMPLETE",
                "response": {"response_id": "r", "text": "Hi.", "finish_reason": "COMPLETE"},
                **MEASURED,
            },
        ],
        "stop",
    ),
    "gpt-oss": (
        [
            {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [PIECE]},
            {
                "id": "c",
                "object": "chat.completion.chunk",
                "model": "m",
                "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                **MEASURED,
            },
        ],
        "stop",
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_every_way_to_hold_a_stream_gives_one_record(replay: ReplayServer, name: str) -> None:
    events, finish = STREAMS[name]
    raw = frames(map(wrapped, events))
    url = replay.add(
        "bedrock", f"invoked {name}", recorded_answer("text", raw, headers={"x-amzn-RequestId": "q"})
    )
    response = client(url).invoke_model_with_response_stream(modelId="any", body=b"{}")
    chunks = list(response["body"])
    record = normalize_stream(chunks)
    assert (record.provider, record.api, record.finish_reason) == ("aws.bedrock", "invoke_model", finish)
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens, record.usage.total_tokens) == (12, 7, 19)
    assert record.timing is not None
    assert record.timing.provider_total_s == 0.64
    assert (record.unmapped, record.warnings) == ((), ())
    for form in (raw, [raw[:70], raw[70:]], map(wrapped, events)):
        assert facts(normalize_stream(form)) == facts(record)
    assert normalize_stream([response, *chunks]).request_id == "q"
    unread = client(url).invoke_model_with_response_stream(modelId="any", body=b"{}")
    assert normalize_stream(unread).finish_reason == finish


@pytest.mark.parametrize("name", ["claude", "titan", "llama", "mistral", "claude 2", "nova"])
def test_a_vendors_events_without_their_wrapping_are_known_by_what_bedrock_adds(name: str) -> None:
    events, finish = STREAMS[name]
    record = normalize_stream(events)
    assert (record.finish_reason, record.warnings) == (finish, ())
    assert record.usage is not None
    assert record.usage.total_tokens == 19


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_broke_off_says_so(name: str) -> None:
    record = normalize_stream(list(map(wrapped, STREAMS[name][0][:1])))
    assert any("without the provider's last word" in warning for warning in record.warnings)
    assert record.finish_reason is None


def test_an_exception_in_place_of_a_chunk_is_the_records_error() -> None:
    fault = {"throttlingException": {"message": "Too many tokens."}}
    record = normalize_stream([wrapped(MESSAGES[0]), fault])
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("throttlingException", "Too many tokens.")


@pytest.mark.parametrize("odd", [{"bytes": "%"}, {"bytes": 10**12}, {"bytes": "W10="}, {"bytes": b"\xff"}])
def test_a_chunk_that_holds_no_event_costs_nothing_else(odd: dict[str, Any]) -> None:
    events = list(map(wrapped, MESSAGES))
    assert facts(normalize_stream([events[0], {"chunk": odd}, *events[1:]])) == facts(
        normalize_stream(events)
    )


@pytest.mark.parametrize(
    "odd", [[], "x", 7, {"results": [7]}, {"outputs": {}}, {"generations": [{"text": 5}]}, {"a": 1}]
)
def test_a_body_of_no_known_kind_is_told_and_not_judged(odd: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        normalize({"contentType": "application/json", "body": json.dumps(odd)})


def test_the_id_that_command_gives_is_the_requests() -> None:
    body, *_ = BODIES["command"]
    record = normalize({"contentType": "application/json", "body": json.dumps(body)})
    assert (record.response_id, record.request_id) == (None, "g")
    assert record.provider_data["generation_id"] == "h"
