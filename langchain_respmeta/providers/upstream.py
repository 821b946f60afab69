"""The vendor behind a gateway, as far as its address, the request or the answer shows it.

Only what is written somewhere counts: a gateway that chooses by itself and does not say whom it chose has no upstream
here. Of the request's headers, and of the answer's, nothing but the names below is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.hosts import host_of
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.families.langsmith_gateway import asked_headers, told_headers

Way: TypeAlias = Callable[[RunStart, Answer], str | None]
"""Finds the vendor for one gateway: in the gateway's word, or by the vendor's host."""


def upstream_told(gateway: str, start: RunStart, answer: Answer) -> str | None:
    """The vendor behind `gateway`, in its own word or by the vendor's host; None where it is unknown."""
    return next((word for way in WAYS.get(gateway, ()) if (word := way(start, answer))), None)


def passes_untouched(gateway: str, start: RunStart) -> bool:
    """Whether the answer is the vendor's own, unchanged: the address shows whose it is."""
    return (gateway == "cloudflare" and _path(start) not in (None, "compat")) or (
        gateway == "helicone" and _of_host(start) is not None
    )


def _answered(header: str) -> Way:
    return lambda _, answer: told_headers(answer).get(header, "").strip() or None


def _asked(header: str) -> Way:
    return lambda start, _: asked_headers(start).get(header, "").strip().lstrip("@") or None


# --- Cloudflare: https://developers.cloudflare.com/ai-gateway/usage/providers ----------------------------------------

_WORKERS: Final = "workers-ai"
_OF_WORKERS: Final = ("@cf/", "@hf/")


def _of_workers(start: RunStart, answer: Answer) -> str | None:
    """Models that Cloudflare runs itself: `@cf/openai/gpt-oss-120b` is none of OpenAI's answers.

    At Workers AI's own address there is no gateway that passes anything on.
    """
    if start.host == "api.cloudflare.com":
        return None
    names = (start.requested_model, answer.metadata.get("model_name"), answer.metadata.get("model"))
    own = any(
        isinstance(name, str) and name.removeprefix("workers-ai/").startswith(_OF_WORKERS) for name in names
    )
    return _WORKERS if own else None


def _path(start: RunStart) -> str | None:
    """The provider's part of `/v1/{account}/{gateway}/{provider}`."""
    if start.host != "gateway.ai.cloudflare.com":
        return None
    parts = [part for part in urlsplit(str(start.base_url)).path.split("/") if part]
    return parts[3].lower() if len(parts) > 3 else None


def _of_path(start: RunStart, _: Answer) -> str | None:
    word = _path(start)
    return None if word == "compat" else word


def _of_prefix(start: RunStart, _: Answer) -> str | None:
    """`{provider}/{model}`; `dynamic/…` is a route, whose target is in the answer's header."""
    prefix, slash, _rest = (start.requested_model or "").partition("/")
    return prefix if slash and prefix not in ("", "dynamic") and not prefix.startswith("@") else None


# --- Helicone: https://docs.helicone.ai/getting-started/integration-method/gateway ------------------------------------

_HELICONE: Final = re.compile(r"(?:(?:eu|us)\.)?(?P<name>[a-z0-9-]+)\.(helicone\.ai|hconeai\.com)")
_NO_VENDOR: Final = frozenset({"gateway", "ai-gateway", "api", "eu", "us", "www", "vercel"})


def _of_host(start: RunStart) -> str | None:
    found = _HELICONE.fullmatch(start.host or "")
    if found is None or found["name"] in _NO_VENDOR:
        return None
    return {"oai": "openai"}.get(found["name"], found["name"])


def _of_target(start: RunStart, _: Answer) -> str | None:
    return host_of(asked_headers(start).get("helicone-target-url"))


def _of_suffix(start: RunStart, _: Answer) -> str | None:
    """`{model}/{provider}` at its AI gateway; of several, with commas, the chosen one is unknown."""
    model = start.requested_model or ""
    return (
        model.rpartition("/")[2]
        if start.host == "ai-gateway.helicone.ai" and model.count("/") == 1 and "," not in model
        else None
    )


# --- LiteLLM: https://docs.litellm.ai/docs/proxy/response_headers -----------------------------------------------------

_OF_VENDORS: Final = (
    ("x-ms-region", "azure.ai.openai"),
    ("apim-request-id", "azure.ai.openai"),
    ("x-groq-", "groq"),
    ("x-amzn-", "aws.bedrock"),
    ("anthropic-", "anthropic"),
    ("mistral-", "mistral_ai"),
    ("fireworks-", "fireworks"),
    ("openai-processing-ms", "openai"),
)
"""How headers begin that only one vendor sends, the surest first (Azure passes on OpenAI's): beginning → vendor."""
_PASSED_ON: Final = "llm_provider-"


def _of_api_base(_: RunStart, answer: Answer) -> str | None:
    return host_of(told_headers(answer).get("x-litellm-model-api-base"))


def _of_passed_on(_: RunStart, answer: Answer) -> str | None:
    """The vendor's own headers, which LiteLLM repeats under a prefix."""
    names = [name.removeprefix(_PASSED_ON) for name in told_headers(answer) if name.startswith(_PASSED_ON)]
    return next(
        (vendor for start, vendor in _OF_VENDORS if any(name.startswith(start) for name in names)), None
    )


# --- Portkey: https://portkey.ai/docs/api-reference/inference-api/headers ---------------------------------------------


def _of_config(start: RunStart, _: Answer) -> str | None:
    """The one provider of a config in JSON; a config with targets chooses, and one by its id hides it."""
    told = asked_headers(start).get("x-portkey-config", "")
    try:
        config = json.loads(told) if told.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None
    word = config.get("provider") if isinstance(config, dict) and "targets" not in config else None
    return word.lstrip("@") if isinstance(word, str) else None


def _of_slug(start: RunStart, _: Answer) -> str | None:
    """`@{provider}/{model}`"""  # noqa: D415 - a name's form
    model = start.requested_model or ""
    return model[1:].partition("/")[0] if model.startswith("@") and "/" in model else None


# --- Vercel: https://vercel.com/docs/ai-gateway/models-and-providers/provider-options ---------------------------------


def _of_metadata(_: RunStart, answer: Answer) -> str | None:
    word = _at(answer.metadata, "provider_metadata", "gateway", "routing", "finalProvider")
    return word if isinstance(word, str) else None


def _of_options(start: RunStart, _: Answer) -> str | None:
    """`providerOptions.gateway.only` with one provider."""
    for source in (start.params, start.settings):
        only = _at(source, "extra_body", "providerOptions", "gateway", "only")
        if isinstance(only, list) and len(only) == 1 and isinstance(only[0], str):
            return only[0]
    return None


def _at(place: object, *names: str) -> Any:
    for name in names:
        place = place.get(name) if isinstance(place, Mapping) else None
    return place


WAYS: Final[Mapping[str, tuple[Way, ...]]] = {
    "cloudflare": (_answered("cf-aig-provider"), _of_path, _of_workers, _of_prefix),
    "helicone": (lambda start, _: _of_host(start), _of_target, _of_suffix),
    "litellm": (_of_api_base, _of_passed_on),
    "portkey": (_answered("x-portkey-provider"), _asked("x-portkey-provider"), _of_config, _of_slug),
    "vercel": (_of_metadata, _of_options),
}
"""Gateway → where it names the vendor that it chose, the surest first."""
