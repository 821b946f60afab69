"""The demo answers that ship with the package: ``answers/<provider>.json``, in the providers' documented shapes."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from langchain_respmeta.cli.demo.answer import Answer, Scenario

__all__ = ["PROVIDERS", "demo_scenarios"]

PROVIDERS = (
    "openai",
    "openai_responses",
    "anthropic",
    "google",
    "bedrock",
    "mistral",
    "groq",
    "fireworks",
)


@cache
def demo_scenarios() -> Mapping[str, Mapping[str, Scenario]]:
    """Every demo scenario, by provider and name."""
    return {provider: _load(provider) for provider in PROVIDERS}


def _load(provider: str) -> dict[str, Scenario]:
    text = (files("langchain_respmeta.cli.demo") / "answers" / f"{provider}.json").read_bytes()
    return {name: _scenario(provider, name, row) for name, row in orjson.loads(text).items()}


def _scenario(provider: str, name: str, row: Mapping[str, Any]) -> Scenario:
    fields = {key: value for key, value in row.items() if key != "answers"}
    return Scenario(provider, name, tuple(Answer(**answer) for answer in row["answers"]), **fields)
