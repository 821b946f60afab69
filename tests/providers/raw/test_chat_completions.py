"""Chat Completions of all who speak it: as JSON, through OpenAI's SDK, and as the vendors' integrations read them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel

from langchain_respmeta import ResponseMetadata, UnreadableAnswer, normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer
from tests.providers.raw.same import facts, lacking
from tests.providers.raw.watched import body_of, text_of_stream, watched, whole_scenarios

SCENARIOS: Final = [
    each
    for each in whole_scenarios("openai", "mistral", "groq", "fireworks")
    if each != ("openai", "headers")  # what is asked for there stands in no body
]
VENDOR: Final = {"openai": None, "mistral": "mistral", "groq": "groq", "fireworks": "fireworks"}
PATH: Final = {"fireworks": "/v1/chat/completions"}
MODEL: Final = "gpt-5-mini-2025-08-07"


def said(message: dict[str, Any] | None = None, /, finish: str | None = "stop", **top: Any) -> dict[str, Any]:
    """A whole answer."""
    return {
        "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
        "object": "chat.completion",
        "created": 1_780_000_000,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Ur.", **(message or {})},
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        **top,
    }


def chunk(
    delta: dict[str, Any] | None = None, finish: str | None = None, index: int = 0, **top: Any
) -> dict[str, Any]:
    """A piece of a stream; without a delta one without choices."""
    choices = [] if delta is None else [{"index": index, "delta": delta, "finish_reason": finish}]
    named = {"id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs", "created": 1_780_000_000, "model": MODEL}
    return {**named, "object": "chat.completion.chunk", "choices": choices, **top}


def call(name: str, arguments: object, call_id: str = "call_1", **piece: Any) -> dict[str, Any]:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
        **piece,
    }


def unlike(family: str, ours: ResponseMetadata, theirs: ResponseMetadata) -> list[str]:
    """What the integration says and the body does not, but for what it makes up, or takes from the request."""
    made_up = {".model_source", *OF_THE_REQUEST.get(family, ())}
    return [
        told
        for told in lacking(facts(ours), facts(theirs))
        if told.partition(":")[0] not in made_up and not told.endswith(": None is not ''")
    ]


OF_THE_REQUEST: Final = {"mistral": (".model",), "groq": (".provider_data.service_tier",)}
ONE_MESSAGE: Final = "n2"
"""LangChain streams several choices into one message."""
WITHOUT_DELTAS: Final = ("openai", "refusal")
"""`ChatOpenAI` drops the pieces of a refusal."""


# --- the same record on every way ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("family", "name"), SCENARIOS)
def test_the_body_says_all_that_the_integration_says(replay: ReplayServer, family: str, name: str) -> None:
    ours = normalize(body_of(family, name), VENDOR[family])
    assert unlike(family, ours, watched(replay, family, name)) == []
    assert ours.unmapped == ()


@pytest.mark.parametrize(("family", "name"), SCENARIOS)
def test_the_stream_says_all_that_the_integrations_chunks_say(
    replay: ReplayServer, family: str, name: str
) -> None:
    text = text_of_stream(replay, family, name, PATH.get(family, "/v1/chat/completions"))
    ours = normalize_stream(text, VENDOR[family])
    theirs = watched(replay, family, name, stream=True)
    if (family, name) == WITHOUT_DELTAS:
        assert (ours.refused, theirs.refused) == (True, False)
    elif name == ONE_MESSAGE:
        assert (ours.candidates, theirs.candidates) == (2, None)
    else:
        assert unlike(family, ours, theirs) == []
    assert ours.unmapped == ()
    assert ours.streamed is True


@pytest.mark.parametrize(("family", "name"), SCENARIOS)
def test_the_stream_says_what_the_body_says(replay: ReplayServer, family: str, name: str) -> None:
    text = text_of_stream(replay, family, name, PATH.get(family, "/v1/chat/completions"))
    whole, streamed = (
        facts(record)
        for record in (
            normalize(body_of(family, name), VENDOR[family]),
            normalize_stream(text, VENDOR[family]),
        )
    )
    for record in (whole, streamed):  # whitespace between arguments is lost where they are parsed
        for each in record.get("tool_calls", ()):
            each.pop("args_size_bytes", None)
    assert lacking(streamed, whole) == []


@pytest.mark.parametrize(("family", "name"), whole_scenarios("openai"))
def test_json_a_dict_and_the_sdks_object_give_one_record(family: str, name: str) -> None:
    raw = body_of(family, name)
    given = (raw, json.dumps(raw), json.dumps(raw).encode(), ChatCompletion.model_validate(raw))
    records = [facts(normalize(each)) for each in given]
    assert all(record == records[0] for record in records)


@pytest.mark.parametrize(("family", "name"), whole_scenarios("openai"))
def test_the_sdks_chunks_its_helpers_events_and_the_wire_give_one_record(
    replay: ReplayServer, family: str, name: str
) -> None:
    client = openai.OpenAI(
        api_key="none-needed", base_url=f"{replay.base_url(family, name)}/v1", max_retries=0
    )
    asked: Any = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Hi"}],
        "stream_options": {"include_usage": True},
    }
    told = normalize_stream(text_of_stream(replay, family, name, "/v1/chat/completions"))
    with client.chat.completions.create(**asked, stream=True) as stream:
        assert facts(normalize_stream(stream)) == facts(told)
    if told.finish_reason in ("stop", "tool_calls"):  # else the helper raises
        with client.chat.completions.stream(**asked) as stream:
            assert facts(normalize_stream(stream)) == facts(told)


def test_what_the_sdk_parsed_is_named_by_its_type(replay: ReplayServer) -> None:
    class Place(BaseModel):
        place: str

    url = replay.add("openai", "chat-parsed", said({"content": '{"place": "Ur"}'}))
    client = openai.OpenAI(api_key="none-needed", base_url=f"{url}/v1", max_retries=0)
    asked: Any = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Where"}],
        "response_format": Place,
    }
    with client.chat.completions.stream(**asked) as stream:
        streamed = normalize_stream(stream)
    for record in (normalize(client.chat.completions.parse(**asked)), streamed):
        assert record.structured_output is not None
        assert (record.structured_output.parsed, record.structured_output.type_name) == (True, "Place")


@pytest.mark.parametrize(
    ("module", "name", "provider"),
    [
        ("groq.types.chat", "ChatCompletion", "groq"),
        ("openrouter.components", "ChatResult", "openrouter"),
        ("sambanova.types.chat", "ChatCompletionResponse", "sambanova"),
        ("huggingface_hub", "ChatCompletionOutput", "huggingface"),
        ("litellm", "ModelResponse", "litellm"),
    ],
)
def test_a_vendors_own_sdk_says_whose_answer_it_is(module: str, name: str, provider: str) -> None:
    kind: Any = getattr(pytest.importorskip(module, reason=f"{module} is not installed"), name)
    details = {"prompt_tokens_details": {"cached_tokens": 4}}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, **details}
    raw = said(
        {"tool_calls": [call("look", '{"a": 1}')]}, "tool_calls", usage=usage, system_fingerprint="fp_1"
    )
    make = getattr(kind, "parse_obj_as_instance", None) or (lambda body: kind(**body))
    ours, theirs = normalize(make(raw)), normalize(raw, provider)
    assert ours.provider == provider
    assert ours.usage is not None
    assert ours.usage.cache_read_tokens == 4
    assert lacking(ours.to_dict()["tool_calls"], theirs.to_dict()["tool_calls"]) == []
    assert (ours.model, ours.finish_reason, ours.unmapped) == (theirs.model, theirs.finish_reason, ())


# --- what a message holds --------------------------------------------------------------------------------------------


def test_calls_are_valid_where_their_arguments_are_an_object() -> None:
    calls = [
        call("look", '{"a": 1}'),
        call("look", '{"a": ', "call_2"),
        call("look", "", "call_3"),
        call("look", "[1]", "call_4"),
        {"id": "call_5", "type": "custom", "custom": {"name": "run", "input": "print(1)"}},
    ]
    record = normalize(said({"content": None, "tool_calls": calls}, "tool_calls"))
    assert {each.id: each.valid for each in record.tool_calls} == {
        "call_1": True,
        "call_2": False,
        "call_3": True,
        "call_4": False,
        "call_5": True,
    }
    assert record.finish_reason == "tool_calls"
    assert record.unmapped == ()


def test_the_first_way_to_ask_for_a_function_is_a_call() -> None:
    record = normalize(
        said({"content": None, "function_call": {"name": "look", "arguments": "{}"}}, "function_call")
    )
    assert [(each.name, each.valid) for each in record.tool_calls] == [("look", True)]


def test_each_choice_is_counted_and_the_first_is_told() -> None:
    body = said()
    body["choices"].append({**body["choices"][0], "index": 1, "finish_reason": "length"})
    record = normalize(body)
    assert (record.candidates, record.candidate_index, record.finish_reason) == (2, 0, "stop")


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_thoughts_are_read_under_each_name(key: str) -> None:
    record = normalize(said({key: "Hm."}))
    assert record.reasoning is not None
    assert record.reasoning.text == "Hm."


def test_blocks_of_thoughts_and_references_are_read() -> None:
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": "Ur"},
        {"type": "reference", "reference_ids": [3], "text": " in Sumer."},
    ]
    record = normalize(said({"content": content}), "mistral")
    assert record.reasoning is not None
    assert record.reasoning.text == "Hm."
    assert [(one.document_index, one.start_index, one.end_index) for one in record.citations] == [(3, 2, 12)]


def test_pictures_beside_the_text_are_media() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    record = normalize(said({"images": [image]}), "openrouter")
    assert [(one.kind, one.mime_type, one.size_bytes) for one in record.media] == [("image", "image/png", 3)]
    assert record.unmapped == ()


def test_azures_filter_is_read_where_it_left_no_message() -> None:
    filtered = {"hate": {"filtered": True, "severity": "high"}}
    body = said(prompt_filter_results=[{"prompt_index": 0, "content_filter_results": filtered}])
    body["choices"] = [{"index": 0, "finish_reason": "content_filter", "content_filter_results": filtered}]
    record = normalize(body)
    assert record.provider == "azure.ai.openai"
    assert record.refused is True
    assert {rating.scope for rating in record.safety} == {"prompt", "completion"}


def test_an_answer_without_choices_is_one() -> None:
    filtered = {"hate": {"filtered": True, "severity": "high"}}
    body = said(choices=[], prompt_filter_results=[{"prompt_index": 0, "content_filter_results": filtered}])
    record = normalize(body)
    assert record.usage is not None
    assert record.usage.input_tokens == 10
    assert [rating.blocked for rating in record.safety] == [True]


def test_an_answer_without_a_finish_reason_is_not_said_to_be_cut() -> None:
    record = normalize(said(finish=None))
    assert (record.finish_reason, record.truncated, record.refused) == (None, False, False)


def test_an_error_in_a_choice_is_told() -> None:
    body = said(finish="error")
    body["choices"][0]["error"] = {
        "code": 502,
        "message": "Upstream broke",
        "metadata": {"raw": "secret words"},
    }
    record = normalize(body, "openrouter")
    assert record.error is not None
    assert (record.event, record.finish_reason) == ("error", "error")
    assert (record.error.status_code, record.error.message) == (502, "Upstream broke")
    assert "secret words" not in json.dumps(record.to_dict())
    assert normalize(body, "openrouter", include_content=False).error.message is None  # type: ignore[union-attr]


def test_an_errors_body_is_no_answer() -> None:
    with pytest.raises(UnreadableAnswer):
        normalize({"error": {"message": "Overloaded", "type": "server_error", "code": None}})


def test_texts_of_completions_of_old_are_no_messages() -> None:
    body = said(object="text_completion", choices=[{"index": 0, "text": "Ur.", "finish_reason": "length"}])
    record = normalize(body)
    assert (record.api, record.role, record.truncated) == ("completions", None, True)
    assert record.usage is not None
    assert record.usage.total_tokens == 15


# --- what vendors add ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "top", "field", "value"),
    [
        ("cerebras", {"time_info": {"queue_time": 0.25, "total_time": 1.5}}, "timing.queue_s", 0.25),
        ("llama_cpp", {"timings": {"prompt_ms": 250.0, "predicted_ms": 10.0}}, "timing.prompt_s", 0.25),
        ("openrouter", {"provider": "Novita"}, "routing.upstream_provider", "Novita"),
        ("zai", {"request_id": "20260601"}, "request_id", "20260601"),
        ("groq", {"service_tier": "flex"}, "service_tier", "flex"),
        ("groq", {"usage": None, "x_groq": {"usage": {"prompt_tokens": 7}}}, "usage.input_tokens", 7),
        (
            "deepseek",
            {"usage": {"prompt_tokens": 9, "prompt_cache_hit_tokens": 4}},
            "usage.cache_read_tokens",
            4,
        ),
        (
            "perplexity",
            {"usage": {"cost": {"total_cost": 0.006, "currency": "USD"}}},
            "cost.total",
            Decimal("0.006"),
        ),
        ("xai", {"usage": {"cost_in_usd_ticks": 45_600_000}}, "cost.total", Decimal("0.00456")),
        ("xai", {"usage": {"num_sources_used": 3}}, "usage.num_search_results", 3),
    ],
)
def test_what_vendors_add_is_read_by_their_tables(
    provider: str, top: dict[str, Any], field: str, value: object
) -> None:
    found: Any = normalize(said(**top), provider)
    for name in field.split("."):
        found = getattr(found, name)
    assert found == value


@pytest.mark.parametrize("provider", ["perplexity", "https://api.x.ai/v1", "https://llm.example.com/v1"])
def test_sources_beside_the_choices_are_citations(provider: str) -> None:
    record = normalize(said(citations=["https://a.example", "https://b.example"]), provider)
    assert [one.url for one in record.citations] == ["https://a.example", "https://b.example"]
    assert record.unmapped == ()


def test_tools_that_groq_ran_are_the_servers_calls_and_their_finds_citations() -> None:
    found = {"results": [{"title": "Ur", "url": "https://ur.example", "content": "…", "score": 0.9}]}
    tool = {"index": 0, "type": "search", "arguments": '{"query": "Ur"}', "search_results": found}
    record = normalize(said({"executed_tools": [tool]}), "groq")
    assert [(each.name, each.server_side) for each in record.tool_calls] == [("search", True)]
    assert [one.url for one in record.citations] == ["https://ur.example"]


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://my.openai.azure.com/openai/v1", "azure.ai.openai"),
        ("https://api.deepseek.com", "deepseek"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://router.huggingface.co/v1", "huggingface"),
        ("https://integrate.api.nvidia.com/v1", "nvidia"),
    ],
)
def test_the_address_says_whose_answer_it_is(address: str, provider: str) -> None:
    assert normalize(said(model="vendor/model-1"), address).provider == provider


# --- streams ---------------------------------------------------------------------------------------------------------


def test_each_choice_and_each_call_is_put_together_of_its_own_pieces() -> None:
    events = [
        chunk({"role": "assistant", "content": "U"}),
        chunk({"role": "assistant", "tool_calls": [call("look", '{"a"', index=0)]}, index=1),
        chunk({"content": "r."}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}, index=1),
        chunk({"tool_calls": [call("see", "{", "call_2", index=1)]}, index=1),
        chunk({}, "stop"),
        chunk({}, "tool_calls", index=1),
        chunk(usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}),
    ]
    record = normalize_stream(map(ChatCompletionChunk.model_validate, events))
    assert (record.candidates, record.finish_reason) == (2, "stop")
    assert record.warnings == ()
    alone = [event for event in events if any(one["index"] for one in event["choices"])]
    calls = normalize_stream(alone).tool_calls
    assert [(each.name, each.valid, each.args_size_bytes) for each in calls] == [
        ("look", True, 8),
        ("see", False, 1),
    ]


def test_calls_that_share_an_index_are_told_apart_by_their_ids() -> None:
    pieces = [call("look", "{}", "a", index=0), call("look", "{}", "b", index=0)]
    record = normalize_stream([chunk({"tool_calls": [piece]}) for piece in pieces])
    assert [each.id for each in record.tool_calls] == ["a", "b"]


def test_calls_without_an_index_are_told_apart_too() -> None:
    pieces = [
        call("look", '{"a":', "a"),
        {"function": {"arguments": "1}"}},
        call("see", "{}", "b"),
    ]
    record = normalize_stream([*(chunk({"tool_calls": [piece]}) for piece in pieces), chunk({}, "stop")])
    assert [(each.id, each.args_size_bytes) for each in record.tool_calls] == [("a", 7), ("b", 2)]


@pytest.mark.parametrize("key", ["content", "refusal", "reasoning_content", "reasoning"])
def test_texts_come_in_pieces(key: str) -> None:
    record = normalize_stream([chunk({key: "I can"}), chunk({key: "not."}), chunk({}, "stop")])
    told = {
        "refusal": record.refusal and record.refusal.reason,
        "content": None,
    }.get(key, record.reasoning and record.reasoning.text)
    assert told == (None if key == "content" else "I cannot.")


def test_log_probabilities_of_all_pieces_count() -> None:
    def piece(*numbers: float) -> dict[str, Any]:
        told = chunk({"content": "x"})
        told["choices"][0]["logprobs"] = {"content": [{"token": "x", "logprob": one} for one in numbers]}
        return told

    record = normalize_stream([piece(-0.5), piece(-1.5, -1.0), chunk({}, "stop")])
    assert record.logprobs is not None
    assert (record.logprobs.tokens, record.logprobs.mean) == (3, -1.0)


def test_of_counts_in_every_chunk_the_last_ones_are_the_calls() -> None:
    events = [
        chunk({"content": "U"}, usage={"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11}),
        chunk({"content": "r"}, usage={"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}),
        chunk(
            {},
            "stop",
            usage={"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13, "cost": 0.0004},
        ),
    ]
    record = normalize_stream(events, "openrouter")
    assert record.usage is not None
    assert (record.usage.input_tokens, record.usage.output_tokens) == (10, 3)
    assert record.cost is not None
    assert (record.cost.total, record.cost.source) == (Decimal("0.0004"), "provider")


def test_groqs_counts_are_those_of_its_own_last_chunk() -> None:
    events = [
        chunk({"content": "Ur"}, x_groq={"id": "req_1"}),
        chunk({}, "stop", x_groq={"id": "req_1", "usage": {"prompt_tokens": 4, "queue_time": 0.5}}),
    ]
    record = normalize_stream(events, "groq")
    assert record.usage is not None
    assert record.usage.input_tokens == 4
    assert record.timing is not None
    assert record.timing.queue_s == 0.5


def test_a_tool_that_groq_tells_of_twice_is_one() -> None:
    begun = {"index": 0, "type": "search", "arguments": '{"query": "Ur"}', "output": None}
    done = {
        **begun,
        "output": "Title: Ur\nURL: https://ur.example\nContent: …",
        "arguments": None,
        "search_results": {"results": []},
    }
    events = [chunk({"executed_tools": [begun]}), chunk({"executed_tools": [done]}), chunk({}, "stop")]
    record = normalize_stream(events, "groq")
    assert [(each.name, each.args_size_bytes) for each in record.tool_calls] == [("search", 15)]
    assert [one.url for one in record.citations] == ["https://ur.example"]


def test_text_and_blocks_may_change_within_a_stream() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    events = [
        chunk({"content": [thought]}),
        chunk({"content": "Ur"}),
        chunk({"content": [{"type": "reference", "reference_ids": [1]}]}),
        chunk({"content": "."}, "stop"),
    ]
    record = normalize_stream(events, "mistral")
    assert record.reasoning is not None
    assert record.reasoning.text == "Hm."
    assert [one.document_index for one in record.citations] == [1]
    assert record.unmapped == ()


def test_messages_beside_the_deltas_are_not_read_twice() -> None:
    def piece(text: str, so_far: str) -> dict[str, Any]:
        told = chunk({"content": text}, citations=["https://a.example"])
        told["choices"][0]["message"] = {"role": "assistant", "content": so_far}
        return told

    record = normalize_stream([piece("U", "U"), piece("r", "Ur"), chunk({}, "stop")], "perplexity")
    assert [one.url for one in record.citations] == ["https://a.example"]
    assert record.unmapped == ()


def test_sound_comes_in_pieces() -> None:
    events = [
        chunk({"audio": {"id": "audio_1", "transcript": "U"}}),
        chunk({"audio": {"data": "AAAA", "transcript": "r"}}),
        chunk({"audio": {"data": "AAAA"}}),
        chunk({}, "stop"),
    ]
    record = normalize_stream(events)
    assert [(one.kind, one.id, one.size_bytes) for one in record.media] == [("audio", "audio_1", 6)]


def test_an_error_in_the_middle_is_told_with_what_came() -> None:
    broken = chunk({"content": ""}, "error", error={"code": "server_error", "message": "Upstream broke"})
    record = normalize_stream([chunk({"content": "U"}), broken], "openrouter")
    assert record.error is not None
    assert (record.error.code, record.finish_reason, record.model) == ("server_error", "error", MODEL)
    assert record.warnings == ()


@pytest.mark.parametrize(
    "events",
    [
        [chunk({"content": "U"})],
        [chunk({"content": "U"}, "stop"), chunk({"content": "U"}, index=1)],
        [{**chunk(), "choices": [{"index": 0, "text": "U"}], "object": "text_completion"}],
    ],
)
def test_a_stream_that_broke_off_says_so(events: list[dict[str, Any]]) -> None:
    (warning,) = normalize_stream(events).warnings
    assert "without the provider's last word" in warning


def test_completions_of_old_are_streamed_too() -> None:
    pieces = [("U", None), ("r.", "length")]
    events = [
        {
            **chunk(),
            "object": "text_completion",
            "choices": [{"index": 0, "text": text, "finish_reason": end}],
        }
        for text, end in pieces
    ]
    record = normalize_stream(events)
    assert (record.api, record.truncated, record.warnings) == ("completions", True, ())


@pytest.mark.parametrize(
    "odd",
    [
        chunk({"content": 5}),
        chunk({"tool_calls": "x"}),
        chunk({"tool_calls": [5, {"index": [0], "function": 7}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"name": 3, "arguments": {"a": 1}}}]}),
        chunk({"function_call": "x", "audio": 3, "executed_tools": {}}),
        {"choices": [{"index": "a", "delta": [], "logprobs": 3}]},
        {"choices": {"delta": 1}, "usage": 3, "x_groq": []},
        {"type": "content.delta", "delta": "x"},
        {"choices": [None, 3]},
    ],
)
def test_what_a_chunk_should_not_hold_costs_nothing_else(odd: dict[str, Any]) -> None:
    record = normalize_stream([chunk({"content": "Ur"}), odd, chunk({}, "stop")])
    assert (record.finish_reason, record.model) == ("stop", MODEL)
    assert not any("could not be" in warning for warning in record.warnings)


def test_the_callers_chunks_are_left_as_they_are() -> None:
    events = [chunk({"tool_calls": [call("look", "{", index=0)], "annotations": [{"type": "x"}]})] * 2
    before = json.dumps(events)
    normalize_stream(events)
    assert json.dumps(events) == before


def test_a_status_beside_the_choices_makes_no_answer_of_the_responses_api() -> None:
    record = normalize(said(status="COMPLETED"), "perplexity")
    assert (record.api, record.finish_reason, record.native_finish_reason) == (
        "chat_completions",
        "stop",
        "stop",
    )
    cut = normalize(said(finish=None, status="COMPLETED"), "perplexity")
    assert (cut.api, cut.finish_reason) == ("chat_completions", None)


def test_watsonx_tells_its_model_by_another_name() -> None:
    answer = {name: value for name, value in said().items() if name != "model"}
    record = normalize(answer | {"model_id": "ibm/granite-4"}, "ibm")
    assert (record.model, record.model_source) == ("ibm/granite-4", "response")
    assert record.unmapped == ()
