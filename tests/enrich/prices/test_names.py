"""Names: the same model at the same price, however it is called."""

import pytest
from genai_prices.data import providers
from genai_prices.data_snapshot import get_snapshot
from genai_prices.data_units import unit_data

from langchain_respmeta.enrich.prices import book as book_module
from langchain_respmeta.enrich.prices.book import Book
from langchain_respmeta.enrich.prices.price import price
from langchain_respmeta.enrich.prices.price_lists import HF_ROUTED, LOCAL
from langchain_respmeta.enrich.prices.rates import CompiledRates
from langchain_respmeta.enrich.prices.tiers import FACTORS
from langchain_respmeta.enrich.prices.units import UNITS
from langchain_respmeta.providers.vendors import LITELLM, PRICE_LISTS

USAGE = {"input_tokens": 1000, "output_tokens": 100}
IDS = {provider.id for provider in providers}
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = ("aws.bedrock", "amazon.nova-pro-v1:0")
FLASH = ("gcp.gemini", "gemini-2.5-flash")
GLM = ("fireworks", "accounts/fireworks/models/glm-4p7")

SAME: list[tuple[tuple[str, str], tuple[str, str]]] = [
    (("aws.bedrock", "us.amazon.nova-pro-v1:0"), NOVA),
    (("aws.bedrock", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"), NOVA),
    (
        (
            "aws.bedrock",
            "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-pro-v1:0",
        ),
        NOVA,
    ),
    (
        ("aws.bedrock", "apac.meta.llama3-3-70b-instruct-v1:0"),
        ("aws.bedrock", "meta.llama3-3-70b-instruct-v1:0"),
    ),
    (
        ("aws.bedrock", f"arn:aws:bedrock:eu-west-1:1:inference-profile/eu.{HAIKU}"),
        ("aws.bedrock", f"eu.{HAIKU}"),
    ),
    (("litellm", f"bedrock/converse/us.{HAIKU}"), ("aws.bedrock", f"us.{HAIKU}")),
    (("litellm", f"bedrock/us-east-1/{HAIKU}"), ("aws.bedrock", HAIKU)),
    (("gcp.gemini", "models/gemini-2.5-flash"), FLASH),
    (("gcp.vertex_ai", "publishers/google/models/gemini-2.5-flash"), FLASH),
    (("gcp.vertex_ai", "projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash"), FLASH),
    (("litellm", "gemini/gemini-2.5-flash"), FLASH),
    (("litellm", "vertex_ai/gemini-2.5-flash"), FLASH),
    (("fireworks", "glm-4p7"), GLM),
    (("litellm", "fireworks_ai/accounts/fireworks/models/glm-4p7"), GLM),
    (("litellm", "anthropic/claude-haiku-4-5"), ("anthropic", "claude-haiku-4-5")),
    (("litellm", "claude-haiku-4-5"), ("anthropic", "claude-haiku-4-5")),
    (("litellm", "gpt-5-mini"), ("openai", "gpt-5-mini")),
    (("litellm", "openrouter/openai/gpt-5-mini"), ("openrouter", "openai/gpt-5-mini")),
    (("litellm", "groq/openai/gpt-oss-20b"), ("groq", "openai/gpt-oss-20b")),
    (("openrouter", "openai/gpt-5-mini-2025-08-07"), ("openrouter", "openai/gpt-5-mini")),
    (("openrouter", "openai/gpt-5-mini-20250807"), ("openrouter", "openai/gpt-5-mini")),
    (("openai", "gpt-5-mini-2025-08-07"), ("openai", "gpt-5-mini")),
    (("openai", "openai/gpt-5-mini"), ("openai", "gpt-5-mini")),
    (("OpenAI", "GPT-5-mini"), ("openai", "gpt-5-mini")),
    (("anthropic", "claude-haiku-4-5-20251001"), ("anthropic", "claude-haiku-4-5")),
    (("huggingface", "openai/gpt-oss-20b:groq"), ("huggingface_groq", "openai/gpt-oss-20b")),
    (("zai", "glm-4.6"), ("zai", "GLM-4.6")),
]


@pytest.mark.parametrize(("name", "plain"), SAME, ids=[f"{row[0][0]} {row[0][1]}" for row in SAME])
def test_same_model_same_price(name: tuple[str, str], plain: tuple[str, str]) -> None:
    cost = price(*name, USAGE)
    assert cost["cost.total"] > 0
    assert cost == price(*plain, USAGE)


def test_bedrock_geography_is_kept_where_it_has_a_price_of_its_own() -> None:
    regional, everywhere = (price("aws.bedrock", f"{prefix}.{HAIKU}", USAGE) for prefix in ("us", "global"))
    assert regional["cost.total"] == everywhere["cost.total"] * 11 / 10


def test_requested_model_stands_in_only_where_the_answer_names_none() -> None:
    assert price("groq", None, USAGE, requested_model="openai/gpt-oss-20b")["cost.total"] > 0
    renamed = price("openai", "gpt-99", USAGE, requested_model="gpt-5-mini")
    assert renamed == {"cost.unpriced_reason": "unknown_model"}


def test_upstream_tells_who_answered() -> None:
    assert price("litellm", "gpt-oss-20b", USAGE, upstream="nowhere") == {
        "cost.unpriced_reason": "unknown_provider"
    }
    assert price("litellm", "gpt-5-mini-2025-08-07", USAGE, upstream="openai") == price(
        "openai", "gpt-5-mini", USAGE
    )
    routed = price("huggingface", "openai/gpt-oss-20b", USAGE, upstream="groq")
    assert routed == price(
        "huggingface", "openai/gpt-oss-20b", USAGE, requested_model="openai/gpt-oss-20b:groq"
    )


@pytest.mark.parametrize("url", ["https://api.z.ai/api/paas/v4/", "api.z.ai", "https://api.z.ai"])
@pytest.mark.parametrize("provider", ["unknown", "openai"])
def test_address_tells_an_unknown_provider_and_corrects_openai(provider: str, url: str) -> None:
    assert price(provider, "glm-4.6", USAGE, api_url=url) == price("zai", "glm-4.6", USAGE)


@pytest.mark.parametrize(
    "url", [None, "", "https://api.openai.com/v1", "api.openai.com", "https://api.openai.com:443"]
)
def test_openais_own_address_is_openai(url: str | None) -> None:
    assert price("openai", "gpt-5-mini", USAGE, api_url=url)["cost.total"] > 0


def test_tables_name_price_lists_that_exist() -> None:
    assert set(PRICE_LISTS.values()) <= IDS
    assert {f"huggingface_{name}" for name in HF_ROUTED} <= IDS
    assert {provider for provider, _ in FACTORS} <= IDS
    reachable = {*PRICE_LISTS, *IDS, *LOCAL, "huggingface"}
    assert set(LITELLM.values()) <= reachable


def test_units_are_those_of_genai_prices() -> None:
    for unit in UNITS:
        theirs = unit_data[unit.genai_key]
        assert (theirs["price_key"], theirs["per"]) == (unit.price_key, unit.per)
        assert theirs["dimensions"].get("direction", "tool") == unit.side
        kinds = {value.removeprefix("cache_") for key, value in theirs["dimensions"].items() if key not in {"family", "direction", "tool_type"}}  # fmt: skip
        assert kinds == unit.parts


@pytest.mark.parametrize(
    ("model", "asked", "reason"),
    [
        ("deepseek/deepseek-r1", None, "unknown_provider"),
        ("openai/gpt-oss-20b", None, "unknown_provider"),
        ("qwen/qwen3-30b-a3b", None, "unknown_provider"),
        ("openai/gpt-5-mini", "openai/gpt-5-mini:online", "part_not_priced"),
        ("openai/gpt-5-mini:online", None, "part_not_priced"),
    ],
)
def test_openrouter_has_a_price_only_where_every_host_has_the_same(
    model: str, asked: str | None, reason: str
) -> None:
    """Recorded bills differ from the list by up to a half for open models, and by nothing for closed ones."""
    assert price("openrouter", model, USAGE, requested_model=asked) == {"cost.unpriced_reason": reason}
    assert price("litellm", f"openrouter/{model}", USAGE, requested_model=asked) == {
        "cost.unpriced_reason": reason
    }


def test_openrouters_free_models_cost_nothing() -> None:
    assert price("openrouter", "meta-llama/llama-3.2-3b-instruct:free", USAGE)["cost.total"] == 0


def test_names_that_were_priced_are_forgotten_when_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(book_module, "_MANY", 10)
    book = Book(get_snapshot(), "test")
    rest = (None, None, None, None, None, None, False)
    rates = book.find(("openai", "gpt-5-mini", *rest), None).rates
    assert isinstance(rates, CompiledRates)
    for number in range(35):
        assert book.find(("openai", f"made-up-{number}", *rest), None).rates == "unknown_model"
        assert len(book._rates) <= 10
    again = book.find(("openai", "gpt-5-mini", *rest), None).rates
    assert isinstance(again, CompiledRates)
    assert again.price(USAGE) == rates.price(USAGE)
