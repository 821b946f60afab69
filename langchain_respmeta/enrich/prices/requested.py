"""Arguments of the model and of the call that change the price.

LangChain gives both at the start: the model's own (`serialized["kwargs"]`) and those of the call
(`invocation_params`, with bound arguments). Parts of the request's body are arguments themselves, or entries of a
mapping that integrations pass on unchanged (`BAGS`). Of classes that LangChain cannot serialize there is only the
printed form (`printed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from langchain_respmeta.providers.engine.printed import arguments_of

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.run_start import RunStart

BAGS: Final = (
    "model_kwargs",
    "extra_body",
    "additional_model_request_fields",
    "additionalModelRequestFields",
    "kwargs",
    "request_params",
)
"""Arguments whose content goes into the request's body."""

_DEEPEST: Final = 4
_MOST: Final = 1_000
"""Values that are searched: tools may be large."""

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "speed": ("speed",),
    "service_tier": ("service_tier", "serviceTier"),
    "inference_geo": ("inference_geo", "inferenceGeo"),
    "latency": ("performance_config", "performanceConfig"),
    "region": ("region_name", "location"),
}
"""Fact → the arguments that ask for it; where a value is an object, its `type` or `latency` counts."""

COMPACTS: Final = "compact_"
ADVISES: Final = "advisor"

HEADERS: Final = ("additional_headers", "default_headers", "extra_headers")
"""Arguments that hold the request's headers."""

_TIERS: Final = ("x-vertex-ai-llm-shared-request-type", "x-vertex-ai-llm-request-type")
"""Vertex AI is asked for a tier by these (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo)."""
_PAY_AS_YOU_GO: Final = "shared"


@dataclass(frozen=True, slots=True)
class Requested:
    """What the call asked for that changes the price; None and empty where it did not."""

    speed: str | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    latency: str | None = None
    region: str | None = None
    passes: bool = False
    """Whether several passes are possible: server-side compaction, an advisor."""
    extras: bool = False
    """Whether the router was asked for additions that are billed separately (plugins, searches)."""
    hour_cache: bool = False
    """Whether the call asked for a cache lifetime of an hour."""
    audio: bool = False
    """Whether the call asked for audio output."""


def requested_options(start: RunStart) -> Requested:
    """Read the arguments at the start; those of the call win over the model's own."""
    settings = start.settings or (arguments_of(start.printed, _LOOKED_AT) if start.printed else {})
    bags = [bag for source in (start.params, settings) for bag in _bags(source, 0)]
    told = {fact: _first(bags, names) for fact, names in NAMES.items()}
    told["service_tier"] = told["service_tier"] or _tier_in_headers(bags)
    types = {str(tool.get("type")) for bag in bags for tool in _items(bag.get("tools"))}
    return Requested(
        **told,
        passes=any(kind.startswith(ADVISES) for kind in types) or any(map(_compacts, bags)),
        extras=any(map(_adds_extras, bags)) or any(kind.startswith("openrouter:") for kind in types),
        hour_cache=_asks_an_hour(start.params) or _asks_an_hour(settings),
        audio=any("audio" in _words(bag.get(key)) for bag in bags for key in _MODALITIES),
    )


_MODALITIES: Final = ("modalities", "response_modalities")
_LOOKED_AT: Final = (
    *BAGS,
    *HEADERS,
    *_MODALITIES,
    *(name for names in NAMES.values() for name in names),
    *("cache_control", "context_management", "plugins", "search_parameters", "tools", "web_search_options"),
)
"""All arguments that are read here."""


def _tier_in_headers(bags: list[Mapping[str, object]]) -> str | None:
    for headers in (one for bag in bags for name in HEADERS if isinstance(one := bag.get(name), Mapping)):
        told = {str(name).lower(): value for name, value in headers.items()}
        for name in _TIERS:
            if isinstance(tier := told.get(name), str) and tier.lower() != _PAY_AS_YOU_GO:
                return tier
    return None


def _bags(source: object, depth: int) -> Iterator[Mapping[str, object]]:
    if isinstance(source, Mapping) and depth < _DEEPEST:
        yield source
        for name in BAGS:
            yield from _bags(source.get(name), depth + 1)


def _first(bags: list[Mapping[str, object]], names: tuple[str, ...]) -> str | None:
    for bag in bags:
        for name in names:
            value = bag.get(name)
            if isinstance(value, Mapping):
                value = value.get("latency") or value.get("type")
            if isinstance(value, str) and value:
                return value
    return None


def _items(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def _words(value: object) -> frozenset[str]:
    return frozenset(str(one).lower() for one in value) if isinstance(value, list | tuple) else frozenset()


def _compacts(bag: Mapping[str, object]) -> bool:
    """https://platform.claude.com/docs/en/build-with-claude/compaction"""  # noqa: D415 - a source
    management = bag.get("context_management")
    edits = management.get("edits") if isinstance(management, Mapping) else None
    return any(str(edit.get("type", "")).startswith(COMPACTS) for edit in _items(edits))


def _adds_extras(bag: Mapping[str, object]) -> bool:
    """https://openrouter.ai/docs/guides/features/plugins/overview; xAI's live search"""  # noqa: D415
    plugins, search = bag.get("plugins"), bag.get("search_parameters")
    turned_on = isinstance(search, Mapping) and search.get("mode") != "off"
    google = bag.get("google")  # in the body of its endpoint in OpenAI's dialect
    return (
        bool(plugins or bag.get("preset"))  # a preset may hold plugins
        or bag.get("web_search_options") is not None
        or turned_on
        or (isinstance(google, Mapping) and bool(google.get("tools")))
        or any(_ADDED.search(name) for name in _model_names(bag))
    )


_ADDED: Final = re.compile(r":online\b|@preset/")
"""Suffixes of model names at OpenRouter that add a fee."""


def _model_names(bag: Mapping[str, object]) -> Iterator[str]:
    """The requested model and its fallbacks."""
    others = bag.get("models")
    for name in (bag.get("model"), bag.get("model_name"), *(others if isinstance(others, list) else ())):
        if isinstance(name, str):
            yield name


def _asks_an_hour(value: object) -> bool:
    """Whether a `ttl` of an hour is anywhere in it."""
    waiting, seen = [value], 0
    while waiting and seen < _MOST:
        seen += 1
        one = waiting.pop()
        if isinstance(one, Mapping):
            if one.get("ttl") == "1h":
                return True
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return False
