"""The provider behind a gateway, from its address, the request or the answer; a price only where it passes one on."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_openai import ChatOpenAI

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta.demo import Answer, ReplayServer
from langchain_respmeta.enrich.prices import price as pricing
from langchain_respmeta.providers.upstream import WAYS
from tests.enrich.prices.at_address import ask_at
from tests.integrations.modes import MODES
from tests.peers.bodies import chat, spent
from tests.peers.calls import EVERY_WAY, KEY, ask

CLOUDFLARE = "https://gateway.ai.cloudflare.com/v1/acc/gw"
PORTKEY, VERCEL = "https://api.portkey.ai/v1", "https://ai-gateway.vercel.sh/v1"
HELICONE, TO_GROQ = "https://gateway.helicone.ai/v1", {"Helicone-Target-Url": "https://api.groq.com"}
GPT, CLAUDE, LLAMA = "gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929", "llama-3.3-70b-versatile"
OPEN, OURS = "openai/gpt-oss-120b", "@cf/openai/gpt-oss-120b"


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    pricing.preload(wait=True)


def upstream(record: Any) -> str | None:
    return record.routing and record.routing.upstream_provider


def listed(provider: str, model: str) -> Any:
    """What the tokens of `spent(1000, 100)` cost there."""
    return pricing.price(provider, model, {"input_tokens": 1000, "output_tokens": 100})["cost.total"]


ROWS: list[tuple[str, str, str, dict[str, str], str, str | None, tuple[str, str] | str]] = [
    # address, asked, answered, headers of the request, gateway, upstream, whose list or why none
    (f"{CLOUDFLARE}/openai", "gpt-4o", GPT, {}, "cloudflare", "openai", ("openai", GPT)),
    (f"{CLOUDFLARE}/groq", OPEN, OPEN, {}, "cloudflare", "groq", ("groq", OPEN)),
    (f"{CLOUDFLARE}/google-ai-studio/v1beta/openai", "gemini-2.5-flash", "gemini-2.5-flash", {}, "cloudflare",
     "google-ai-studio", ("gcp.gemini", "gemini-2.5-flash")),
    (f"{CLOUDFLARE}/azure-openai/res/dep", "dep", GPT, {}, "cloudflare", "azure-openai", ("azure.ai.openai", GPT)),
    (f"{CLOUDFLARE}/workers-ai/v1", OURS, OURS, {}, "cloudflare", "workers-ai", ("cloudflare", OURS)),
    (f"{CLOUDFLARE}/workers-ai/v1", OURS, GPT, {}, "cloudflare", "workers-ai", "unknown_model"),
    (f"{CLOUDFLARE}/compat", "openai/gpt-4o", GPT, {}, "cloudflare", "openai", ("openai", GPT)),
    (f"{CLOUDFLARE}/compat", "anthropic/claude-sonnet-4-5", CLAUDE, {}, "cloudflare", "anthropic", ("anthropic", CLAUDE)),
    (f"{CLOUDFLARE}/compat", f"workers-ai/{OURS}", OURS, {}, "cloudflare", "workers-ai", ("cloudflare", OURS)),
    (f"{CLOUDFLARE}/compat", "dynamic/support", CLAUDE, {}, "cloudflare", None, "unknown_model"),
    ("https://api.cloudflare.com/client/v4/accounts/a/ai/v1", OURS, OURS, {}, "cloudflare", None,
     ("cloudflare", OURS)),
    ("https://oai.helicone.ai/v1", "gpt-4o", GPT, {}, "helicone", "openai", ("openai", GPT)),
    (HELICONE, LLAMA, LLAMA, TO_GROQ, "helicone", "groq", ("groq", LLAMA)),
    (HELICONE, LLAMA, LLAMA, {"Helicone-Target-Url": "http://10.1.2.3"}, "helicone", "unknown", "unknown_provider"),
    ("https://ai-gateway.helicone.ai/v1", "gpt-4o/openai", GPT, {}, "helicone", "openai", ("openai", GPT)),
    ("https://ai-gateway.helicone.ai/v1", "claude-sonnet-4-5", CLAUDE, {}, "helicone", None, "unknown_provider"),
    (PORTKEY, "@openai/gpt-4o", GPT, {}, "portkey", "openai", ("openai", GPT)),
    (PORTKEY, "@our-bedrock/claude", CLAUDE, {}, "portkey", "our-bedrock", "unknown_provider"),
    (PORTKEY, "claude-sonnet-4-5", CLAUDE, {"x-portkey-provider": "anthropic"}, "portkey", "anthropic",
     ("anthropic", CLAUDE)),
    (PORTKEY, LLAMA, LLAMA, {"x-portkey-config": '{"provider": "groq"}'}, "portkey", "groq", ("groq", LLAMA)),
    (PORTKEY, LLAMA, LLAMA, {"x-portkey-config": '{"targets": []}'}, "portkey", None, "unknown_provider"),
    ("http://portkey.internal:8787/v1", LLAMA, LLAMA, {"X-Portkey-Provider": "groq"}, "portkey", "groq", ("groq", LLAMA)),
    (VERCEL, "openai/gpt-4o", "openai/gpt-4o", {}, "vercel", None, ("openai", "gpt-4o")),
    (VERCEL, "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5", {}, "vercel", None,
     ("anthropic", "claude-sonnet-4-5")),
    (VERCEL, OPEN, OPEN, {}, "vercel", None, "unknown_provider"),
]  # fmt: skip


@EVERY_WAY
@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_the_address_and_the_request_say_who_is_behind(
    replay: ReplayServer, row: tuple[Any, ...], mode: str
) -> None:
    address, asked, answered, headers, gateway, behind, price = row
    body = chat(spent(1000, 100), model=answered)
    record = ask_at(replay, address, body, mode, model=asked, default_headers=headers)
    assert (record.provider, upstream(record), record.model) == (gateway, behind, answered)
    assert record.cost is not None
    if isinstance(price, str):
        assert (record.cost.total, record.cost.unpriced_reason) == (None, price)
    else:
        assert record.cost.total == listed(*price)


LITELLM = "http://litellm.internal:4000"


@EVERY_WAY
@pytest.mark.parametrize(
    ("address", "model", "headers", "gateway", "behind", "price"),
    [
        (f"{CLOUDFLARE}/compat", LLAMA, {"cf-aig-provider": "groq"}, "cloudflare", "groq", ("groq", LLAMA)),
        ("https://llm.example.com/v1", LLAMA, {"x-portkey-provider": "groq"}, "portkey", "groq", ("groq", LLAMA)),
        (LITELLM, GPT, {"x-litellm-model-api-base": "https://api.openai.com"}, "litellm", "openai", ("openai", GPT)),
        (LITELLM, LLAMA, {"x-litellm-model-api-base": "https://api.groq.com/openai/v1"}, "litellm", "groq",
         ("groq", LLAMA)),
        (LITELLM, GPT, {"x-litellm-model-api-base": "http://10.0.0.9:8000"}, "litellm", "unknown", "unknown_provider"),
        (LITELLM, CLAUDE, {"x-litellm-model-id": "1", "llm_provider-anthropic-ratelimit-requests-limit": "9"}, "litellm",
         "anthropic", ("anthropic", CLAUDE)),
        (LITELLM, CLAUDE, {"x-litellm-model-id": "1"}, "litellm", None, "unknown_provider"),
        (LITELLM, "our-alias", {"x-litellm-model-id": "1"}, "litellm", None, "unknown_provider"),
        (LITELLM, GPT, {"x-litellm-model-id": "1"}, "litellm", None, ("openai", GPT)),
    ],
)  # fmt: skip
def test_the_answers_headers_say_who_is_behind(
    replay: ReplayServer,
    address: str,
    model: str,
    headers: Any,
    gateway: str,
    behind: str,
    price: Any,
    mode: str,
) -> None:
    answer = Answer(chat(spent(1000, 100), model=model), headers=headers)
    record = ask_at(replay, address, answer, mode, include_response_headers=True)
    assert (record.provider, upstream(record)) == (gateway, behind)
    assert record.cost is not None
    if isinstance(price, str):
        assert (record.cost.total, record.cost.unpriced_reason) == (None, price)
    else:
        assert record.cost.total == listed(*price)
    assert "10.0.0.9" not in str(record.to_dict())


def test_a_gateways_bill_wins(replay: ReplayServer) -> None:
    headers = {"x-litellm-model-api-base": "https://api.openai.com", "x-litellm-response-cost": "0.25"}
    answer = Answer(chat(spent(1000, 100), model=GPT), headers=headers)
    record = ask_at(replay, LITELLM, answer, include_response_headers=True)
    assert record.cost is not None
    assert (str(record.cost.total), record.cost.source) == ("0.25", "provider")


@EVERY_WAY
def test_litellm_names_the_key_only_of_what_came_out_of_its_cache(replay: ReplayServer, mode: str) -> None:
    answer = Answer(chat(spent(1000, 100), model=GPT), headers={"x-litellm-cache-key": "a1b2"})
    record = ask_at(replay, LITELLM, answer, mode, include_response_headers=True)
    assert record.cost is not None
    assert record.cost.total == 0


@pytest.mark.parametrize(("word", "costs"), [("HIT", False), ("MISS", True)])
def test_a_cached_answer_that_nobody_could_read_costs_nothing_either(
    replay: ReplayServer, word: str, *, costs: bool
) -> None:
    body = chat(spent(1000, 100), model=GPT)
    body["choices"][0] |= {"finish_reason": "length", "message": {"role": "assistant", "content": '{"x": 1'}}
    url = replay.add("openai", f"cut-{word}", Answer(body, headers={"cf-aig-cache-status": word}))
    model = ChatOpenAI(base_url=f"{url}/v1", api_key=KEY, model="gpt-4o")  # type: ignore[arg-type]
    handler = RespMetaHandler(feedback=False)
    shape = {"title": "A", "type": "object", "properties": {"x": {"type": "integer"}}}
    with pytest.raises(Exception, match="length limit"):
        model.with_structured_output(shape, method="json_schema").invoke("x", {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.provider, record.finish_reason) == ("cloudflare", "length")
    assert record.cost is not None
    assert (record.cost.total == 0) is not costs


def test_a_refused_call_says_who_is_behind_too(replay: ReplayServer) -> None:
    error = {"error": {"message": "slow down", "type": "rate_limit"}}
    headers = {"cf-aig-provider": "openai", "cf-aig-cache-status": "HIT", "set-cookie": "secret=1"}
    url = replay.add("openai", "refused-behind", Answer(error, status=429, headers=headers))
    model = ChatOpenAI(base_url=f"{url}/v1", api_key=KEY, model="m", max_retries=0)  # type: ignore[arg-type]
    handler = RespMetaHandler(feedback=False)
    with pytest.raises(Exception, match="slow down"):
        model.invoke("x", {"callbacks": [handler]})
    (record,) = handler.records
    assert (record.provider, upstream(record), record.cost) == ("cloudflare", "openai", None)
    assert "secret" not in str(record.to_dict())


def test_a_vendors_own_words_are_read_behind_a_gateway_that_passes_them_on(replay: ReplayServer) -> None:
    usage = {**spent(1000, 100), "prompt_cache_hit_tokens": 600, "prompt_cache_miss_tokens": 400}
    body = chat(usage, model="deepseek-v3.2")
    record = ask_at(replay, f"{CLOUDFLARE}/deepseek", body)
    assert record.usage is not None
    assert (record.provider, record.usage.cache_read_tokens, record.unmapped) == ("cloudflare", 600, ())


@EVERY_WAY
def test_what_an_integration_loses_of_a_vendor_is_lost_behind_a_gateway_too(
    replay: ReplayServer, mode: str
) -> None:
    body = chat(spent(1000, 100), model="mistral-large-2512")
    there = ask_at(replay, f"{CLOUDFLARE}/mistral", body, mode)
    here = ask_at(replay, "https://api.mistral.ai/v1", body, mode)
    assert there.cost == here.cost
    tier = ask_at(
        replay, f"{CLOUDFLARE}/openai", chat(spent(1000, 100), model="gpt-5-mini"), mode, service_tier="flex"
    )
    assert tier.cost is not None
    assert tier.cost.total == listed("openai", "gpt-5-mini") / 2


def test_anthropics_class_at_a_gateway() -> None:
    for url, gateway in (
        (f"{CLOUDFLARE}/anthropic", "cloudflare"),
        ("https://anthropic.helicone.ai", "helicone"),
    ):
        start = {"serialized": {"id": ["ChatAnthropic"], "kwargs": {"anthropic_api_url": url}}}
        told = {"model": CLAUDE, "stop_reason": "end_turn", "usage": {"cache_creation_input_tokens": 0}}
        record = normalize({"type": "ai", "response_metadata": told}, start=start)
        assert (record.provider, upstream(record), record.api) == (gateway, "anthropic", "messages")
        assert (record.finish_reason, record.unmapped) == ("stop", ())


def test_vercels_own_words_where_they_are_handed_over() -> None:
    told = {"gateway": {"routing": {"finalProvider": "azure"}}}
    start = {"serialized": {"id": ["ChatOpenAI"], "kwargs": {"openai_api_base": VERCEL}}}
    answer = {"model_name": "openai/gpt-4o", "provider_metadata": told}
    record = normalize({"type": "ai", "response_metadata": answer}, start=start)
    assert (record.provider, upstream(record)) == ("vercel", "azure")
    assert record.unmapped == ()


@pytest.mark.parametrize("gateway", WAYS)
@pytest.mark.parametrize("odd", [None, {}, {"headers": 1}, {"headers": {1: None}}], ids=repr)
def test_odd_starts_and_answers_tell_nothing(gateway: str, odd: Any) -> None:
    start = {
        "serialized": {
            "id": ["ChatOpenAI"],
            "kwargs": {"default_headers": odd, "openai_api_base": "http://[x"},
        }
    }
    record = normalize({"type": "ai", "response_metadata": odd or {}}, start=start)
    assert record.routing is None


# --- named by the caller ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["http://llm.internal/v1", VERCEL, PORTKEY, "https://llm.example.com/v1"])
@EVERY_WAY
def test_who_is_named_behind_an_address_has_its_own_prices(
    replay: ReplayServer, address: str, mode: str
) -> None:
    url = ask_at(
        replay, address, chat(spent(1000, 100), model=LLAMA), mode, metadata={"respmeta_provider": "groq"}
    )
    assert url.provider == "groq"
    assert url.cost is not None
    assert url.cost.total == listed("groq", LLAMA)


def test_a_wrong_name_in_a_calls_metadata_says_which_may_be_meant(replay: ReplayServer) -> None:
    record = ask(replay, "openai", chat(spent(1, 1)), metadata={"respmeta_provider": "opnai"})
    (warning,) = record.warnings
    assert warning == "respmeta_provider: expected the name of a known provider; did you mean 'openai'?"


@pytest.mark.parametrize("mode", MODES)
def test_the_name_counts_in_every_mode_and_batch(replay: ReplayServer, mode: str) -> None:
    handler = RespMetaHandler(feedback=False, provider={"our-*": "groq"})
    url = replay.add("openai", f"named-{mode}", chat(spent(10, 2), model="our-model"))
    model = ChatOpenAI(base_url=f"{url}/v1", api_key=KEY, model="our-model", stream_usage=True)  # type: ignore[arg-type]
    MODES[mode](model, {"callbacks": [handler]})
    model.batch(["a", "b"], {"callbacks": [handler]})
    assert [record.provider for record in handler.records] == ["groq"] * 3


# --- hosted models are not local ones ---------------------------------------------------------------------------------


@EVERY_WAY
@pytest.mark.parametrize(
    ("address", "model", "reason"),
    [
        ("http://localhost:11434/v1", "gpt-oss:120b-cloud", "unknown_provider"),
        ("http://localhost:11434/v1", "glm-4.6:cloud", "unknown_provider"),
        ("http://localhost:11434/v1", "gpt-oss:120b", "local_model"),
        ("https://ollama.com/v1", "gpt-oss:120b", "unknown_provider"),
        ("http://proxy.internal/v1", "claude-sonnet-4-5", "unknown_provider"),
        ("http://proxy.internal/v1", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "unknown_provider"),
        ("http://10.0.0.4/v1", "grok-4", "unknown_provider"),
        ("http://10.0.0.4/v1", "openai/gpt-5", "unknown_provider"),
        ("http://10.0.0.4/v1", "deepseek-reasoner", "unknown_provider"),
        ("http://10.0.0.4/v1", "deepseek-r1:8b", "local_model"),
    ],
)
def test_a_hosted_model_is_never_told_as_local(
    replay: ReplayServer, address: str, model: str, reason: str, mode: str
) -> None:
    record = ask_at(replay, address, chat(spent(10, 2), model=model), mode)
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, reason)
