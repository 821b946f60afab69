"""The demo answers have the providers' documented shapes: their SDKs' types know every key."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from pydantic import BaseModel, ValidationError

from langchain_respmeta.demo import demo_scenarios
from tests.cli.demo.scenarios import answers

SDK_TYPES = {
    "openai": "openai.types.chat:ChatCompletion",
    "openai_responses": "openai.types.responses:Response",
    "anthropic": "anthropic.types:Message",
    "google": "google.genai.types:GenerateContentResponse",
    "groq": "groq.types.chat:ChatCompletion",
    "fireworks": "fireworks.types.chat.completion_create_response:CompletionCreateResponse",
}
# Seen in real answers, unknown to the SDK's types (or, logprobs, to the first type of their union).
BEYOND_THE_SDK = {
    ".choices[].message.tool_calls[].index",  # fireworks
    ".choices[].logprobs.content",  # fireworks
    ".usageMetadata.serviceTier",  # google
}
PRICED_AS = {"openai_responses": "openai", "bedrock": "aws"}


def unknown_keys(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{path}.{key}" for key in value.model_extra or ())
        for key in type(value).model_fields:
            yield from unknown_keys(getattr(value, key), f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from unknown_keys(item, f"{path}[]")


@pytest.mark.parametrize(
    ("type_name", "body"),
    [
        pytest.param(type_name, *case.values, id=case.id)
        for provider, type_name in SDK_TYPES.items()
        for case in answers(provider)
    ],
)
def test_sdk_type_knows_every_key(type_name: str, body: dict[str, Any]) -> None:
    module, _, name = type_name.partition(":")
    try:
        parsed = getattr(import_module(module), name).model_validate(body)
    except ValidationError as error:  # google's types forbid what they do not know
        unknown = {"".join(f".{part}" for part in each["loc"]) for each in error.errors()}
    else:
        unknown = set(unknown_keys(parsed))
    assert unknown <= BEYOND_THE_SDK


@pytest.mark.parametrize("body", answers("bedrock"))
def test_botocore_model_knows_every_key(body: dict[str, Any]) -> None:
    session = import_module("botocore.session").get_session()
    shape = session.get_service_model("bedrock-runtime").operation_model("Converse").output_shape
    assert list(unmodelled(body, shape)) == []


def unmodelled(value: Any, shape: Any, path: str = "") -> Iterator[str]:
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        for key, item in value.items():
            if key in shape.members:
                yield from unmodelled(item, shape.members[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif shape.type_name == "list":
        for item in value:
            yield from unmodelled(item, shape.member, f"{path}[]")
    elif shape.type_name == "map":
        for item in value.values():
            yield from unmodelled(item, shape.value, f"{path}{{}}")


@pytest.mark.parametrize("provider", demo_scenarios())
def test_models_have_prices(provider: str) -> None:
    asked = {s.model for name, s in demo_scenarios()[provider].items() if name != "seed_000"}
    asked.discard("groq/compound")  # a system of several models, priced by what it used
    usage = Usage(input_tokens=1_000, output_tokens=1_000)
    prices = {
        model: calc_price(usage, model, provider_id=PRICED_AS.get(provider, provider)).total_price
        for model in asked
    }
    assert all(price > 0 for price in prices.values()), prices


@pytest.mark.parametrize("provider", ["openai", "mistral", "groq", "fireworks"])
def test_token_counts_add_up(provider: str) -> None:
    for case in answers(provider):
        usage = case.values[0]["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"], case.id
