"""Model names in each price list of genai-prices.

A rewriting must not change the price: it drops a path or a prefix of the same model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from langchain_respmeta.enrich.prices.result import UnpricedReason

_ARN: Final = re.compile(r"arn:[a-z-]+:bedrock:[^:]*:[^:]*:(?P<kind>[a-z-]+)/(?P<name>.+)")
_ARN_NAMES_MODEL: Final = frozenset({"foundation-model", "inference-profile"})
_GEOGRAPHY: Final = re.compile(r"^(us|us-gov|eu|apac|au|jp|ca|il|mx|sa|me|af)\.")
_COMPACT_DATE: Final = re.compile(r"-20\d{6}(?=:|$)")
_GOOGLE_PATH: Final = re.compile(r"^(?:.*/)?(?:models|publishers/[^/]+/models)/(?P<name>[^/]+)$")


def listed_names(provider: str, model: str) -> tuple[str, ...] | UnpricedReason:
    """Names of `model` in the price list `provider`: its own first, then others of the same price."""
    rewrite = _NAMES.get(provider)
    return (model,) if rewrite is None else rewrite(model)


def _aws(model: str) -> tuple[str, ...] | UnpricedReason:
    """Bedrock: a model id, a geography's inference profile, or the ARN of either.

    An application inference profile, provisioned throughput or an imported model hides the model in its ARN.
    https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
    """
    if model.startswith("arn:"):
        arn = _ARN.fullmatch(model)
        if not arn or arn["kind"] not in _ARN_NAMES_MODEL:
            return "opaque_model"
        model = arn["name"]
    model = model.rsplit("/", 1)[-1]  # LiteLLM: converse/…, us-east-1/…
    return (model, _GEOGRAPHY.sub("", model))


def _google(model: str) -> tuple[str, ...] | UnpricedReason:
    """`models/…`, `publishers/google/models/…` and longer resource names; an endpoint hides its model."""
    if "endpoints/" in model or model.isdigit():
        return "opaque_model"
    path = _GOOGLE_PATH.fullmatch(model)
    return (path["name"] if path else model,)


def _fireworks(model: str) -> tuple[str, ...] | UnpricedReason:
    """`accounts/fireworks/models/…`, also without the path; `#…` is a deployment billed by the hour."""
    if "#" in model:
        return "not_per_token"
    return (model,) if "/" in model else (f"accounts/fireworks/models/{model}", model)


def _openrouter(model: str) -> tuple[str, ...] | UnpricedReason:
    """OpenRouter answers with a dated name (`…-20260303`); its list has the name without the date."""
    return (model, _COMPACT_DATE.sub("", model))


def _openai(model: str) -> tuple[str, ...] | UnpricedReason:
    return (model.removeprefix("openai/"),)


_NAMES: Final[dict[str, Callable[[str], tuple[str, ...] | UnpricedReason]]] = {
    "aws": _aws,
    "fireworks": _fireworks,
    "google": _google,
    "openai": _openai,
    "openrouter": _openrouter,
}
"""Price lists whose model names differ from those in answers."""
