"""LangSmith's gateway names the model it chose: the record has that one, for any request and class."""

from typing import Any

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI

from langchain_respmeta import RespMetaHandler, ResponseMetadata, normalize
from langchain_respmeta.demo import Answer, ReplayServer
from tests.peers.bodies import chat, claude

BASE = "https://gateway.smith.langchain.com/v1"


def read(told: Any, integration: str | None = "ChatOpenAI", model: str = "auto") -> ResponseMetadata:
    end = {"stop_reason": "end_turn"} if integration == "ChatAnthropic" else {"finish_reason": "stop"}
    message = {"type": "ai", "content": "hi", "response_metadata": {"model_name": model, **end}}
    result = {"generations": [[{"message": message, "generation_info": {"lc_gateway_metadata": told}}]]}
    start = (
        {"serialized": {"id": [integration], "kwargs": {"openai_api_base": BASE}}} if integration else None
    )
    return normalize(result, start=start)


@pytest.mark.parametrize("integration", ["ChatOpenAI", "ChatAnthropic", "AnyOther", None])
@pytest.mark.parametrize(
    ("word", "provider"),
    [
        ("openai", "openai"),
        ("anthropic", "anthropic"),
        ("google_genai", "gcp.gemini"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("amazon_bedrock", "aws.bedrock"),
        ("bedrock", "aws.bedrock"),
        ("azure", "azure.ai.openai"),
        ("Groq", "groq"),
        ("fireworks", "fireworks"),
        ("moonshot", "moonshot"),
    ],
)
def test_the_vendor_and_the_model_that_were_chosen(integration: str | None, word: str, provider: str) -> None:
    record = read({"provider": word, "model": "served-1"}, integration)
    assert (record.provider, record.model, record.model_source) == (provider, "served-1", "response")
    assert record.routing is not None
    assert record.routing.upstream_provider == word
    assert record.finish_reason == "stop"
    assert record.unmapped == ()


@pytest.mark.parametrize(
    ("asked", "answered", "model"),
    [
        ("gpt-5.5", "gpt-5.5-2026-04-01", "gpt-5.5-2026-04-01"),
        ("auto", "auto", "gpt-5.5"),
        ("auto", None, "gpt-5.5"),
    ],
)
def test_the_answers_own_name_says_more_than_the_gateways(
    asked: str, answered: str | None, model: str
) -> None:
    """Where it does not merely repeat the request."""
    message = {"type": "ai", "content": "hi", "response_metadata": {"model_name": answered}}
    told = {"lc_gateway_metadata": {"provider": "openai", "model": "gpt-5.5"}}
    record = normalize(
        {"generations": [[{"message": message, "generation_info": told}]]},
        start={"serialized": {"id": ["ChatOpenAI"]}, "invocation_params": {"model": asked}},
    )
    assert (record.model, record.model_source) == (model, "response")
    assert (record.provider, record.requested_model) == ("openai", asked)


def test_a_vendor_that_nobody_knows_is_told_by_the_routing_alone() -> None:
    record = read({"provider": "never heard of", "model": "x"})
    assert (record.provider, record.model) == ("unknown", "x")
    assert record.routing is not None
    assert record.routing.upstream_provider == "never heard of"


@pytest.mark.parametrize(
    "told",
    [None, {}, "text", ["x"], {"provider": 1, "model": None}, {"provider": " ", "model": ""}, {"trace": "t"}],
    ids=repr,
)
def test_a_gateway_that_says_nothing_of_it_changes_nothing(told: Any) -> None:
    record = read(told, model="gpt-5-mini")
    assert (record.provider, record.model, record.routing) == ("unknown", "gpt-5-mini", None)


def test_what_the_gateway_said_is_kept_whole() -> None:
    told = {"provider": "openai", "model": "gpt-5-mini", "trace": "t"}
    assert read(told).provider_data["lc_gateway_metadata"] == told


@pytest.mark.parametrize("mode", ["invoke", "stream"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_through_the_integrations(replay: ReplayServer, mode: str, provider: str) -> None:
    """The gateway's header, which both look for where the key is one of LangSmith's."""
    pytest.importorskip("langchain_core.utils._gateway", reason="this core knows no gateway")
    header = {"X-LangSmith-Gateway-Metadata": '{"provider": "xai", "model": "grok-4"}'}
    body = (
        chat(model="auto")
        if provider == "openai"
        else claude({"input_tokens": 10, "output_tokens": 2}, model="auto")
    )
    url = replay.add(provider, f"gateway-{mode}", Answer(body, headers=header))
    options: Any = {"model": "auto", "base_url": url, "api_key": "lsv2_pt_none"}
    model = ChatOpenAI(**options) if provider == "openai" else ChatAnthropic(**options)
    handler = RespMetaHandler(feedback=False)
    if mode == "invoke":
        model.invoke("hi", config={"callbacks": [handler]})
    else:
        list(model.stream("hi", config={"callbacks": [handler]}))
    (record,) = handler.records
    assert (record.provider, record.model, record.requested_model) == ("x_ai", "grok-4", "auto")
    assert (record.finish_reason, record.unmapped) == ("stop", ())
