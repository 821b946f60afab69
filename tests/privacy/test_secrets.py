"""Secrets of any shape never leave, not even with content included."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_respmeta import normalize
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.langsmith.metadata import nested_record
from langchain_respmeta.record.flat_values import flat_keys

BODY = "a1B2c3D4e5F6g7H8"
HEADS = (
    "sk-", "gsk_", "hf_", "xai-", "pplx-", "lsv2_", "ghp_", "gho_", "github_pat_", "AKIA", "ASIA", "AIza",
    "xoxa-", "xoxb-", "xoxp-", "xoxr-", "eyJhbGciOi", "Bearer ",
)  # fmt: skip
PARAMETERS = (
    "access_token", "sig", "X-Amz-Signature", "X-Amz-Security-Token", "X-Goog-Signature", "token", "key", "api_key",
    "password", "code",
)  # fmt: skip
NAMES = (
    "api_key",
    "secret_token",
    "authorization",
    "password",
    "cookie",
    "private_key",
    "client_secret",
    "x-api-key",
)


def sent(**told: Any) -> str:
    message = AIMessage("hi", response_metadata={"model_provider": "openai", **told})
    draft = draft_of(message)
    return json.dumps([flat_keys(draft, "respmeta"), nested_record(draft, include_content=True)])


@pytest.mark.parametrize("head", HEADS)
def test_a_key_of_each_vendor_is_removed(head: str) -> None:
    assert BODY not in sent(odd=head + BODY)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_that_lets_somebody_in_is_removed(name: str) -> None:
    told = sent(odd=f"see https://blob.example/a?x=1&{name}=quiet and more")
    assert "quiet" not in told
    assert "blob.example" in told


def test_userinfo_of_an_address_is_removed() -> None:
    assert "quiet" not in sent(odd="https://me:quiet@blob.example/a")


@pytest.mark.parametrize(
    "text",
    [
        "refused: api_key=quiet-4711",
        "headers: {'X-Api-Key': 'quiet-4711'}",
        "error: invalid: password: quiet-4711",
        "see https://a.example/?next=https://b.example/?sig=quiet-4711",
        "see https://a.example/?next=https%3A%2F%2Fb.example%2F%3Fx%3D1%26sig%3Dquiet-4711",
        "see https://a.example/?next=https%3A%2F%2Fme:quiet-4711%40b.example%2F",
        "see https%3a%2f%2fme%3aquiet-4711%40b.example%2f",
        "see https://a.example/?next=https%253A%252F%252Fb.example%252F%253Fx%253D1%2526sig%253Dquiet-4711%2526y%253D2",
        "see https%25253a%25252f%25252fme%25253aquiet-4711%252540b.example%25252f",
    ],
)
def test_a_secret_behind_another_name_is_removed(text: str) -> None:
    """What follows a harmless name may itself be a name and its value."""
    assert "quiet" not in sent(odd=text)
    assert text[:6] in sent(odd=text)


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_under_a_secrets_name_is_removed_however_deep(name: str) -> None:
    assert "quiet" not in sent(odd={name: {"deep": ["quiet"]}})


@pytest.mark.parametrize("name", ["max_tokens", "total_tokens", "token_count", "cache_key"])
def test_counts_of_tokens_are_no_secrets(name: str) -> None:
    assert "4711" in sent(odd={name: 4711})


@pytest.mark.parametrize(
    "text", ["patient is hiv positive", "hiv", "用户询问", "john.doe@example.com", "Müller"]
)
def test_a_text_in_an_unknown_place_is_replaced_by_its_length(text: str) -> None:
    message = AIMessage(
        "hi",
        response_metadata={
            "model_provider": "openai",
            "thinking": text,
            "prompt": [text],
            "stop_sequence": text + " x",
        },
    )
    record = normalize(message, include_content=False)
    assert text not in json.dumps(record.to_dict(), ensure_ascii=False)
    assert record.provider_data["thinking"] == f"<text of {len(text)} characters>"
