"""No number rather than a wrong one: what stays unpriced, and the word for it."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta.enrich.prices.price import UNPRICED_REASONS, price

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
PLAIN = {"input_tokens": 1000, "output_tokens": 100}
MINI = ("openai", "gpt-5-mini")
GEMINI = ("gcp.gemini", "gemini-2.5-flash")
CLAUDE = ("anthropic", "claude-sonnet-4-5")
OPUS_BEDROCK = "anthropic.claude-opus-4-5-20251101-v1:0"

REASONS: list[tuple[str, tuple[str, str | None], Any, dict[str, Any], str]] = [
    ("no model", ("openai", None), PLAIN, {}, "no_model"),
    ("empty model", ("openai", ""), PLAIN, {}, "no_model"),
    ("Azure deployment", ("azure.ai.openai", None), PLAIN, {"requested_model": "gpt-4o"}, "no_model"),
    ("LiteLLM's Azure deployment", ("litellm", "azure/gpt-4o"), PLAIN, {}, "no_model"),
    ("profile ARN", ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1"), PLAIN, {}, "opaque_model"),
    ("provisioned ARN", ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:provisioned-model/a1"), PLAIN, {}, "opaque_model"),
    ("other ARN", ("aws.bedrock", "arn:aws:sagemaker:us-east-1:1:endpoint/a1"), PLAIN, {}, "opaque_model"),
    ("Vertex endpoint", ("gcp.vertex_ai", "projects/p/locations/l/endpoints/42"), PLAIN, {}, "opaque_model"),
    ("new model", ("openai", "gpt-99"), PLAIN, {}, "unknown_model"),
    ("a list for a name", ("openai", ["gpt-5-mini"]), PLAIN, {}, "unknown_model"),
    ("a number for a tier", MINI, PLAIN, {"service_tier": 3}, "unknown_model"),
    ("a gap in the data", ("cerebras", "qwen-3-coder-480b"), PLAIN, {}, "unknown_model"),
    ("nobody known", ("unknown", "gpt-5-mini"), PLAIN, {}, "unknown_provider"),
    ("a word like a known one", ("my-openai-gateway", "gpt-5-mini"), PLAIN, {}, "unknown_provider"),
    ("no list of NVIDIA's", ("nvidia", "meta/llama-3.1-8b-instruct"), PLAIN, {}, "unknown_provider"),
    ("OpenAI's client elsewhere", MINI, PLAIN, {"api_url": "https://gateway.example.com/v1"}, "unknown_provider"),
    ("LiteLLM without prefix", ("litellm", "my-alias"), PLAIN, {}, "unknown_provider"),
    ("router without upstream", ("huggingface", "openai/gpt-oss-20b"), PLAIN, {}, "unknown_provider"),
    ("Ollama", ("ollama", "llama3.1"), PLAIN, {}, "local_model"),
    ("vLLM at home", ("unknown", "qwen3"), PLAIN, {"api_url": "http://localhost:8000/v1"}, "local_model"),
    ("OpenAI's client at home", ("openai", "gpt-oss-120b"), PLAIN, {"api_url": "http://10.0.0.7:8000/v1"}, "local_model"),
    ("on the next machine", ("unknown", "qwen3"), PLAIN, {"api_url": "http://gpu.lan:8000/v1"}, "local_model"),
    ("a public host", ("unknown", "qwen3"), PLAIN, {"api_url": "http://10.example.com/v1"}, "unknown_provider"),
    ("a proxy at home", ("openai", "gpt-5-mini"), PLAIN, {"api_url": "http://10.0.0.7:8000/v1"}, "unknown_provider"),
    ("Claude by a proxy", ("unknown", "x/claude-opus-4-6"), PLAIN, {"api_url": "http://[::1]/v1"}, "unknown_provider"),
    ("TGI at home", ("huggingface", "http://127.0.0.1:8080"), PLAIN, {}, "local_model"),
    ("LiteLLM's Ollama", ("litellm", "ollama/llama3.1"), PLAIN, {}, "local_model"),
    ("no usage", MINI, {}, {}, "no_usage"),
    ("no counts", MINI, {"input_tokens": None, "output_tokens": None}, {}, "no_usage"),
    ("zeros", MINI, {"input_tokens": 0, "output_tokens": 0}, {}, "no_usage"),
    ("usage is None", MINI, None, {}, "no_usage"),
    ("usage is a list", MINI, [1, 2], {}, "no_usage"),
    ("input lost", MINI, {"input_tokens": 0, "output_tokens": 7}, {}, "usage_incomplete"),
    ("no input", MINI, {"output_tokens": 7}, {}, "usage_incomplete"),
    ("no output", MINI, {"input_tokens": 7}, {}, "usage_incomplete"),
    ("Cohere's own count", ("cohere", "command-a-03-2025"), PLAIN, {}, "usage_incomplete"),
    ("images not told", ("gcp.gemini", "gemini-2.5-flash-image"), PLAIN, {}, "usage_incomplete"),
    ("cached audio not told", GEMINI, {**PLAIN, "input_audio_tokens": 9, "cache_read_tokens": 9}, {}, "usage_incomplete"),
    ("negative", MINI, {**PLAIN, "output_tokens": -1}, {}, "usage_inconsistent"),
    ("float", MINI, {**PLAIN, "input_tokens": 10.0}, {}, "usage_inconsistent"),
    ("text", MINI, {**PLAIN, "input_tokens": "10"}, {}, "usage_inconsistent"),
    ("bool", MINI, {**PLAIN, "cache_read_tokens": True}, {}, "usage_inconsistent"),
    ("NaN", MINI, {**PLAIN, "output_tokens": float("nan")}, {}, "usage_inconsistent"),
    ("reads above input", MINI, {**PLAIN, "cache_read_tokens": 1001}, {}, "usage_inconsistent"),
    ("cache above input", CLAUDE, {**PLAIN, "cache_read_tokens": 600, "cache_write_tokens": 600}, {}, "usage_inconsistent"),
    ("lifetimes above writes", CLAUDE, {**PLAIN, "cache_write_tokens": 0, "cache_write_1h_tokens": 9}, {}, "usage_inconsistent"),
    ("lifetimes above input", CLAUDE, {**PLAIN, "cache_write_1h_tokens": 1001}, {}, "usage_inconsistent"),
    ("reasoning above output", MINI, {**PLAIN, "reasoning_tokens": 101}, {}, "usage_inconsistent"),
    ("audio above input", GEMINI, {**PLAIN, "input_audio_tokens": 1001}, {}, "usage_inconsistent"),
    ("media above input", GEMINI, {**PLAIN, "input_audio_tokens": 600, "input_image_tokens": 600}, {}, "usage_inconsistent"),
    ("audio above output", GEMINI, {**PLAIN, "output_audio_tokens": 101}, {}, "usage_inconsistent"),
    ("audio and cache above input", GEMINI,
     {**PLAIN, "input_audio_tokens": 900, "cache_read_tokens": 900, "cache_audio_read_tokens": 9}, {}, "usage_inconsistent"),
    ("sum does not add up", MINI, {**PLAIN, "total_tokens": 1500}, {}, "usage_inconsistent"),
    ("scale tier", MINI, PLAIN, {"service_tier": "scale"}, "tier_not_priced"),
    ("unknown tier", MINI, PLAIN, {"service_tier": "turbo"}, "tier_not_priced"),
    ("Anthropic's committed capacity", CLAUDE, PLAIN, {"service_tier": "priority"}, "tier_not_priced"),
    ("Groq's enterprise tier", ("groq", "openai/gpt-oss-20b"), PLAIN, {"service_tier": "performance"}, "tier_not_priced"),
    ("Bedrock flex", ("aws.bedrock", OPUS_BEDROCK), PLAIN, {"service_tier": "flex"}, "tier_not_priced"),
    ("Bedrock priority", ("aws.bedrock", OPUS_BEDROCK), PLAIN, {"service_tier": "priority"}, "tier_not_priced"),
    ("Bedrock reserved", ("aws.bedrock", OPUS_BEDROCK), PLAIN, {"service_tier": "reserved"}, "tier_not_priced"),
    ("Azure priority", ("azure.ai.openai", "gpt-4.1"), PLAIN, {"service_tier": "priority"}, "tier_not_priced"),
    ("Vertex provisioned", ("gcp.vertex_ai", "gemini-2.5-pro"), PLAIN, {"service_tier": "PROVISIONED_THROUGHPUT"}, "tier_not_priced"),
    ("Gemini priority", ("gcp.gemini", "gemini-2.5-pro"), PLAIN, {"service_tier": "priority"}, "tier_not_priced"),
    ("cached in a tier by factor", ("gcp.gemini", "gemini-2.5-pro"), {**PLAIN, "cache_read_tokens": 9}, {"service_tier": "flex"}, "tier_not_priced"),
    ("no flex of this model", ("openai", "gpt-4o"), {**PLAIN, "cache_read_tokens": 9}, {"service_tier": "flex"}, "tier_not_priced"),
    ("Europe", ("openai", "gpt-chat-latest"), PLAIN, {"api_url": "https://eu.api.openai.com/v1"}, "region_not_priced"),
    ("for governments", ("aws.bedrock", "amazon.nova-pro-v1:0"), PLAIN, {"region": "us-gov-west-1"}, "region_not_priced"),
    ("optimized latency", ("aws.bedrock", "amazon.nova-pro-v1:0"), PLAIN, {"latency": "optimized"}, "modifier_not_priced"),
    ("a newer one of the name", ("mistral_ai", "mistral-large-latest"), PLAIN, {}, "name_moves"),
    ("DeepSeek's old prices", ("deepseek", "deepseek-chat"), PLAIN, {}, "price_outdated"),
    ("DeepSeek at Azure", ("azure.ai.inference", "deepseek-r1"), PLAIN, {}, "unknown_model"),
    ("Ollama's cloud", ("ollama", "gpt-oss:120b-cloud"), PLAIN, {}, "unknown_provider"),
    ("halves and sum differ", CLAUDE, {**PLAIN, "cache_write_tokens": 90, "cache_write_5m_tokens": 9, "cache_write_1h_tokens": 9}, {}, "usage_inconsistent"),
    ("predicted above output", MINI, {**PLAIN, "accepted_prediction_tokens": 101}, {}, "usage_inconsistent"),
    ("tools' results above input", GEMINI, {**PLAIN, "tool_use_prompt_tokens": 1001}, {}, "usage_inconsistent"),
    ("some geography", CLAUDE, PLAIN, {"inference_geo": "eu"}, "region_not_priced"),
    ("search without a price", ("gcp.vertex_ai", "claude-sonnet-4-5@20250929"), {**PLAIN, "web_search_requests": 1}, {}, "part_not_priced"),
    ("1 h without a price", ("gcp.vertex_ai", "claude-sonnet-4@20250514"), {**PLAIN, "cache_write_1h_tokens": 9}, {}, "part_not_priced"),
    ("audio without a price", ("openai", "gpt-4o-audio-preview"), {**PLAIN, "input_audio_tokens": 9}, {}, "part_not_priced"),
    ("spoken without a price", ("openai", "gpt-4o-audio-preview"), {**PLAIN, "output_audio_tokens": 9}, {}, "part_not_priced"),
    ("discount without a rate", ("fireworks", "accounts/fireworks/models/glm-4p7"), {**PLAIN, "cache_read_tokens": 9}, {}, "part_not_priced"),
    ("by request", ("perplexity", "sonar-pro"), PLAIN, {}, "not_per_token"),
    ("by the hour", ("openai", "gpt-live-1"), PLAIN, {}, "not_per_token"),
    ("a deployment", ("fireworks", "accounts/fireworks/models/glm-4p7#accounts/me/deployments/d"), PLAIN, {}, "not_per_token"),
    ("an endpoint", ("huggingface", "https://abc.us-east-1.aws.endpoints.huggingface.cloud"), PLAIN, {}, "not_per_token"),
]  # fmt: skip


OF_CALLS = {"tier_not_told", "region_not_told", "cache_not_told", "passes_not_told", "key_fee_only"}
"""What only a whole call shows: test_end_to_end.py."""


@pytest.mark.parametrize(
    ("who", "usage", "options", "reason"), [row[1:] for row in REASONS], ids=[row[0] for row in REASONS]
)
def test_unpriced(who: tuple[str, Any], usage: Any, options: dict[str, Any], reason: str) -> None:
    assert price(*who, usage, at=AT, **options) == {"cost.unpriced_reason": reason}


def test_every_reason_but_a_missing_package_has_a_case_and_a_meaning() -> None:
    assert {row[-1] for row in REASONS} == set(UNPRICED_REASONS) - {"prices_unavailable"} - OF_CALLS
    assert all(meaning.endswith(".") for meaning in UNPRICED_REASONS.values())


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4)
)
NAMES = st.sampled_from(["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_1h_tokens", "input_audio_tokens", "total_tokens"])  # fmt: skip
TEXT = st.none() | st.text(max_size=30) | st.lists(st.text(max_size=3), max_size=2) | st.integers()


@given(
    provider=st.sampled_from(
        ["openai", "anthropic", "aws.bedrock", "litellm", "huggingface", "unknown", "deepseek"]
    ),
    model=st.sampled_from(
        ["gpt-5-mini", "claude-sonnet-4-5", "arn:aws:bedrock:::/", "deepseek-chat", "openai/"]
    )
    | TEXT,
    usage=st.dictionaries(NAMES | ANYTHING.filter(lambda key: key == key), ANYTHING, max_size=6) | ANYTHING,
    tier=TEXT,
    url=st.text(max_size=20) | st.sampled_from(["http://[::1", "https://api.openai.com/v1", "localhost:1"]),
    at=st.none() | st.datetimes() | st.datetimes(timezones=st.timezones()),
)
def test_never_raises(
    provider: str, model: Any, usage: Any, tier: Any, url: str, at: datetime | None
) -> None:
    cost = price(provider, model, usage, service_tier=tier, api_url=url, requested_model=model, at=at)
    assert cost.keys() == {"cost.unpriced_reason"} or cost["cost.total"] >= 0


def test_huge_counts_stay_exact() -> None:
    cost = price(*MINI, {"input_tokens": 10**400, "output_tokens": 1}, at=AT)
    assert Fraction(cost["cost.total"]) == Fraction(10**400 + 8, 4_000_000)
