"""Who answered, and under which id: what peers take from the request, or from the answer's own words."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta._faults import FAULTS
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.errors import SettingsError
from tests.integrations.modes import MODES
from tests.peers.bodies import MINI, chat, claude, response, said, spent
from tests.peers.calls import EVERY_WAY, ask, model_at

USAGE = {"input_tokens": 10, "output_tokens": 2}


@EVERY_WAY
@pytest.mark.parametrize("provider", ["openai", "openai_responses", "anthropic"])
def test_the_model_is_the_one_that_served_and_the_asked_one_stands_beside_it(
    replay: ReplayServer, provider: str, mode: str
) -> None:
    """LangChainTracer and PostHog tell the alias of the request for 10 of 15 answers."""
    bodies = {
        "openai": chat(spent(10, 2)),
        "openai_responses": response({**USAGE, "total_tokens": 12}),
        "anthropic": claude(USAGE),
    }
    record = ask(replay, provider, bodies[provider], mode, model="an-alias")
    assert (record.model, record.model_source) == (bodies[provider]["model"], "response")
    assert record.requested_model == "an-alias"


@EVERY_WAY
def test_a_model_named_in_the_text_is_not_the_model(replay: ReplayServer, mode: str) -> None:
    """weave takes the longest text in the output that begins with the asked model's name."""
    text = f"{MINI} is a small model that answers questions about cuneiform."
    record = ask(replay, "openai", chat(spent(10, 2), message={"content": text}), mode, model="gpt-5-mini")
    assert record.model == MINI


def test_where_only_the_asked_name_is_known_it_is_said(replay: ReplayServer) -> None:
    """Groq's integration gives the requested name as if it were the served one."""
    record = ask(replay, "groq", chat(spent(10, 2), model="llama-served"), model="llama-asked")
    assert (record.model, record.model_source) == ("llama-asked", "request")


def test_the_providers_id_is_told_and_never_langchains(replay: ReplayServer) -> None:
    """Eight of ten handlers have no response id; some take LangChain's `lc_run--…` for one."""
    assert ask(replay, "openai", chat(spent(10, 2))).response_id == chat()["id"]
    assert ask(replay, "anthropic", claude(USAGE)).response_id == claude(USAGE)["id"]
    streamed = ask(replay, "anthropic", claude(USAGE), "stream").response_id
    assert streamed in {None, claude(USAGE)["id"]}


@EVERY_WAY
def test_an_openai_compatible_server_is_not_openai(replay: ReplayServer, mode: str) -> None:
    """OpenLLMetry and others call every host behind `ChatOpenAI` OpenAI, and price it so."""
    record = ask(
        replay, "openai", chat(spent(10, 2), model="Qwen/Qwen3-32B", id="chatcmpl-" + "0a" * 16), mode
    )
    assert record.provider == "unknown"
    assert record.cost is not None
    assert record.cost.total is None


@EVERY_WAY
def test_the_service_tier_is_told_in_streams_and_responses_too(replay: ReplayServer, mode: str) -> None:
    """PostHog, the only handler with a tier, loses it there; langsmith's wrapper loses it in streams."""
    assert ask(replay, "openai", chat(spent(10, 2), service_tier="flex"), mode).service_tier == "flex"
    body = response({**USAGE, "total_tokens": 12}, service_tier="priority")
    assert ask(replay, "openai_responses", body, mode).service_tier == "priority"


@EVERY_WAY
def test_citations_of_the_responses_api_are_told(replay: ReplayServer, mode: str) -> None:
    """They stand in the content blocks' annotations, which no handler reads."""
    text = "Voyager 1 is far away."
    cited = [
        {"type": "url_citation", "url": f"https://{n}.example", "title": n, "start_index": 0, "end_index": 9}
        for n in ("a", "b")
    ]
    body = response({**USAGE, "total_tokens": 12}, [said(text, annotations=cited)])
    record = ask(replay, "openai_responses", body, mode)
    assert [citation.url for citation in record.citations] == ["https://a.example", "https://b.example"]
    assert record.citations[0].text == "Voyager 1"


def test_gateway_metadata_of_langsmith_is_kept() -> None:
    """`lc_gateway_metadata` stands in the generation's info, which peers do not look into."""
    message = {"type": "ai", "content": "hi", "response_metadata": {"model_name": MINI}}
    result = {
        "generations": [[{"message": message, "generation_info": {"lc_gateway_metadata": {"trace": "t"}}}]]
    }
    record = normalize(result, start={"serialized": {"id": ["ChatOpenAI"]}})
    assert record.provider_data["lc_gateway_metadata"] == {"trace": "t"}
    assert record.unmapped == ()


PROXIED = chat(spent(10, 2), id="chatcmpl-" + "0a" * 16)


@EVERY_WAY
@pytest.mark.parametrize(
    "named",
    [
        {"127.0.0.1": "openai"},
        {"127.*": "OpenAI"},
        {"ChatOpenAI": "openai"},
        {"claude*": "anthropic", "gpt-5*": "openai"},
    ],
    ids=["host", "part of a host", "class", "model"],
)
def test_the_handler_is_told_who_is_behind_a_proxy(
    replay: ReplayServer, named: dict[str, str], mode: str
) -> None:
    handler = RespMetaHandler(feedback=False, provider=named)
    MODES[mode](model_at(replay, "openai", PROXIED), {"callbacks": [handler]})
    (record,) = handler.records
    assert record.provider == "openai"
    assert record.cost is not None
    assert record.cost.total is not None
    assert record.warnings == ()


@EVERY_WAY
def test_one_call_says_who_is_behind_it_and_counts_more(replay: ReplayServer, mode: str) -> None:
    handler = RespMetaHandler(feedback=False, provider={"*": "groq"})
    metadata = {"respmeta_provider": "azure"}  # LangChain's word for it
    MODES[mode](model_at(replay, "openai", PROXIED), {"callbacks": [handler], "metadata": metadata})
    assert handler.records[0].provider == "azure.ai.openai"


def test_a_name_that_nobody_has_is_told_and_does_not_leave(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False)
    metadata = {"respmeta_provider": "Mrs. Doe's own"}
    model_at(replay, "openai", PROXIED).invoke("hi", {"callbacks": [handler], "metadata": metadata})
    (record,) = handler.records
    assert record.provider == "unknown"
    assert record.warnings == ("respmeta_provider: expected the name of a known provider",)
    assert FAULTS == {}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("openai", "a mapping of hosts"),
        ({"": "openai"}, "a mapping of hosts"),
        ({"llm.example.com": 1}, "a mapping of hosts"),
        ({"llm.example.com": "opnai"}, "did you mean 'openai'"),
        ({"llm.example.com": "qqq"}, "register_provider"),
    ],
)
def test_a_handler_that_is_told_nonsense_says_so(value: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        RespMetaHandler(provider=value)


def test_the_setting_is_pickled_with_the_handler() -> None:
    handler = pickle.loads(pickle.dumps(RespMetaHandler(provider={"llm.example.com": "openai"})))  # noqa: S301
    assert handler.provider == {"llm.example.com": "openai"}


@pytest.mark.parametrize(
    ("glued", "one"),
    [
        ("gpt-5-mini-2025-08-07gpt-5-mini", "gpt-5-mini-2025-08-07"),
        ("gpt-5-minigpt-5-mini-2025-08-07", "gpt-5-mini-2025-08-07"),
        ("gpt-5-minigpt-5-mini-2025-08-07gpt-5-mini", "gpt-5-mini-2025-08-07"),
        ("claude-sonnet-4-5-20250929claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("openai/gpt-4oopenai/gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06"),
        # One name, which only looks as if it were two.
        ("qwen/qwen3-32b", "qwen/qwen3-32b"),
        ("mistralai/mistral-large", "mistralai/mistral-large"),
        ("deepseek-ai/deepseek-r1", "deepseek-ai/deepseek-r1"),
    ],
)
def test_names_that_a_streams_merge_glued_together_are_one(glued: str, one: str) -> None:
    told = {"type": "AIMessageChunk", "content": "hi", "response_metadata": {"model_name": glued}}
    assert normalize(told, start={"serialized": {"id": ["ChatGroq"]}}).model == one


@pytest.mark.parametrize(
    ("key", "glued", "field", "one"),
    [
        ("service_tier", "autodefault", "service_tier", "default"),
        ("service_tier", "on_demand", "service_tier", "on_demand"),
        ("system_fingerprint", "fp_aaaa1111fp_bbbb2222", "system_fingerprint", "fp_bbbb2222"),
        ("finish_reason", "stoplength", "native_finish_reason", "length"),
        ("id", "gen-1780000000-aaaagen-1780000000-bbbb", "response_id", "gen-1780000000-aaaa"),
    ],
)
def test_other_words_that_were_glued_together_are_one(key: str, glued: str, field: str, one: str) -> None:
    told = {"type": "AIMessageChunk", "content": "hi", "response_metadata": {key: glued}}
    assert getattr(normalize(told, start={"serialized": {"id": ["ChatDeepSeek"]}}), field) == one


@pytest.mark.parametrize("response_id", ["resp_00c0ffee11", "chatcmpl-1"])
def test_what_only_a_chat_completion_has_outweighs_an_ids_shape(
    replay: ReplayServer, response_id: str
) -> None:
    record = ask(replay, "openai", chat(spent(10, 2), id=response_id, model="Qwen/Qwen3-8B"))
    assert (record.api, record.response_id) == ("chat_completions", response_id)


def test_a_handler_of_its_own_is_not_needed_for_each_provider(replay: ReplayServer) -> None:
    """Portkey's handler calls `.get` on a missing `generation_info` and loses Anthropic's and Responses' answers."""
    for provider, body in {
        "anthropic": claude(USAGE),
        "openai_responses": response({**USAGE, "total_tokens": 12}),
    }.items():
        assert ask(replay, provider, body).finish_reason == "stop"


def test_what_is_asked_for_twice_is_two_calls(replay: ReplayServer) -> None:
    """Portkey's map is wiped at every root's end, so that calls at the same time lose their data."""
    from concurrent.futures import ThreadPoolExecutor

    handler = RespMetaHandler(feedback=False, prices=False)
    models = [model_at(replay, "openai", chat(spent(10, n), id=f"chatcmpl-{n:029d}")) for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda model: model.invoke("hi", config={"callbacks": [handler]}), models))
    told = {record.response_id: record.usage.output_tokens for record in handler.records if record.usage}
    assert told == {f"chatcmpl-{n:029d}": n for n in range(1, 9)}
