"""Decide whether all that a call's price depends on is known.

Each check returns a word of `UNPRICED_REASONS` for what the price of the tokens leaves out; the first counts. Sources are
the request (`requested`), the answer, and what the integration drops (`modes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from langchain_respmeta.enrich.prices.modes import FEWEST, Fact, cache_is_lost
from langchain_respmeta.enrich.prices.requested import ADVISES, COMPACTS, Requested
from langchain_respmeta.enrich.prices.result import UnpricedReason
from langchain_respmeta.enrich.prices.sellers import VERTEX
from langchain_respmeta.enrich.prices.tiers import is_standard, needs_region
from langchain_respmeta.providers.engine.scratch import DISAGREES
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES


class Told(NamedTuple):
    """What a price depends on: the answer's value, else the requested one."""

    service_tier: str | None
    speed: str | None
    inference_geo: str | None
    latency: str | None
    iterations: Any
    """The usage of each pass of the model, as it came."""
    billed_units: Any
    """Cohere's bill, as it came."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a call at pricing."""

    draft: Mapping[str, Any]
    requested: Requested
    integration: str | None
    lost: frozenset[Fact]
    """What the integration drops."""
    api_url: str | None
    seller: str
    """Whose prices apply: the provider that was called, or the vendor a gateway forwarded to."""

    @property
    def kept(self) -> Mapping[str, Any]:
        """Parts of the answer without a field."""
        kept = self.draft.get("provider_data")
        return kept if isinstance(kept, Mapping) else {}

    @property
    def provider(self) -> str:
        """The provider that was called."""
        return str(self.draft.get("provider", "")).lower()

    @property
    def model(self) -> str:
        """The model's name for the look-up, in lower case and without a path."""
        return (
            str(self.draft.get("model") or self.draft.get("requested_model") or "").lower().rpartition("/")[2]
        )

    def said(self, name: str) -> Any:
        """The usage's value of a name without a field."""
        more = self.kept.get("additionalModelResponseFields")  # Bedrock's
        places = (self.kept, more) if isinstance(more, Mapping) else (self.kept,)
        for usage in (place.get(key) for place in places for key in ("usage", "token_usage")):
            if isinstance(usage, Mapping) and usage.get(name) is not None:
                return usage[name]
        return None

    def told(self) -> Told:
        """Everything at once that the look-up of a price asks for."""
        speed, geo = self.said("speed"), self.said("inference_geo")
        return Told(
            service_tier=self.tier(),
            speed=(speed if isinstance(speed, str) else None) or self.requested.speed,
            inference_geo=(geo if isinstance(geo, str) else None) or self.requested.inference_geo,
            latency=self.latency(),
            iterations=self.said("iterations"),
            billed_units=self.kept.get("billed_units"),
        )

    def latency(self) -> str | None:
        """Bedrock's word for how fast it answered: the answer's, else the call's."""
        config = self.kept.get("performanceConfig")
        said = config.get("latency") if isinstance(config, Mapping) else None
        return said if isinstance(said, str) else self.requested.latency

    def tier(self) -> str | None:
        """The tier that served: the answer's word, or the one asked for where no other can have served."""
        told = self.draft.get("service_tier")
        if told is None and (self.seller, (self.requested.service_tier or "").lower()) in SERVED_AS_ASKED:
            return self.requested.service_tier
        return told


SERVED_AS_ASKED: Final = frozenset({("openai", "flex"), ("groq", "flex")})
"""Tiers that serve a call or refuse it (https://developers.openai.com/api/docs/guides/flex-processing,
https://console.groq.com/docs/flex-processing): Anthropic's fast mode and `inference_geo` are like that, too."""

BILLED_BY_USE: Final[Mapping[str, UnpricedReason]] = {
    "web_search": "usage_incomplete",
    "x_search": "usage_incomplete",
    "browser_search": "usage_incomplete",
    "nova_grounding": "usage_incomplete",
    "file_search": "usage_incomplete",
    "code_interpreter": "part_not_priced",  # OpenAI bills the container
    "shell": "part_not_priced",  # in a container
    "image_generation": "part_not_priced",  # by the tokens of another model
}
"""Provider tools that are billed in addition to tokens: name → why there is no price if their runs are not counted
(https://openai.com/api/pricing, https://platform.claude.com/docs/en/about-claude/pricing#web-search-tool,
https://docs.x.ai/developers/pricing, https://aws.amazon.com/bedrock/pricing/)."""

_SEARCHES: Final = frozenset({"web_search", "x_search"})
"""Those that `usage.web_search_requests` counts."""

_FEE_PER_CALL: Final = re.compile(r"gpt-[\w.]+(-mini)?-search(-preview|-api).*|sonar.*")
"""Models that search in every call, at every seller (https://developers.openai.com/api/docs/pricing,
https://docs.perplexity.ai/docs/getting-started/pricing)."""
_FEE_IF_UNCOUNTED: Final = re.compile(r"o\d(-mini)?-deep-research.*")
"""Models that search in every call, where the answer does not list the searches."""
_OLD_SEARCH: Final = re.compile(r"(ft:)?gpt-(4(o|\.1).*|5[\w.]*-chat.*)")
"""Models without reasoning: a search has another price than the list's, or a block of tokens in addition."""


def _tools(facts: Facts) -> UnpricedReason | None:
    draft = facts.draft
    counted = draft.get("usage.web_search_requests") is not None
    if (not counted and _is_grounded(facts)) or (facts.provider == "x_ai" and _used_sources(draft)):
        return "usage_incomplete"
    ran = _names_of_run(draft)
    billed = ran - (_SEARCHES if counted else frozenset())
    if billed and facts.seller == "x_ai":
        return "usage_incomplete"  # each call of its tools costs, and they have names of their own
    if (
        counted
        and "web_search" in ran
        and (
            facts.seller.startswith("azure.")  # Bing's fee, and not OpenAI's
            or (facts.seller == "openai" and _OLD_SEARCH.fullmatch(facts.model))
        )
    ):
        return "part_not_priced"
    # The table's order decides where several apply.
    return next((reason for name, reason in BILLED_BY_USE.items() if name in billed), None)


_SEARCHED_BY: Final = ("web_search_queries", "image_search_queries", "google_maps_widget_context_token")
"""Traces of grounding that is billed by the search (https://ai.google.dev/gemini-api/docs/pricing)."""


def _is_grounded(facts: Facts) -> bool:
    """Whether Google searched the web, its maps, or on Vertex AI the user's own data for the answer."""
    grounding = facts.kept.get("grounding_metadata")
    grounding = grounding if isinstance(grounding, Mapping) else {}
    names = (*_SEARCHED_BY, "retrieval_queries") if facts.provider == VERTEX else _SEARCHED_BY
    sources = facts.draft.get("citations", ())
    return any(grounding.get(name) for name in names) or any(
        isinstance(one, Mapping) and str(one.get("url")).startswith(_MAPS) for one in sources
    )


_MAPS: Final = "https://maps.google.com/"


def _used_sources(draft: Mapping[str, Any]) -> bool:
    """Whether xAI's live search used sources, each of which has a price (https://docs.x.ai/docs/guides/live-search)."""
    return bool(draft.get("usage.num_search_results"))


def _fee(facts: Facts) -> UnpricedReason | None:
    uncounted = facts.draft.get("usage.web_search_requests") is None
    searches = _FEE_PER_CALL.fullmatch(facts.model) or (
        uncounted and _FEE_IF_UNCOUNTED.fullmatch(facts.model)
    )
    return "not_per_token" if searches else None


def _beside(facts: Facts) -> UnpricedReason | None:
    return "modifier_not_priced" if facts.requested.extras else None


def _counts(facts: Facts) -> UnpricedReason | None:
    return "usage_inconsistent" if facts.draft.get(DISAGREES) else None


def _own_key(facts: Facts) -> UnpricedReason | None:
    return "key_fee_only" if facts.draft.get("routing.is_byok") else None


def _tier(facts: Facts) -> UnpricedReason | None:
    asked, told = facts.requested.service_tier, facts.tier()
    return "tier_not_told" if told is None and not is_standard(asked) else None


def _passes(facts: Facts) -> UnpricedReason | None:
    made = facts.requested.passes or _shows_passes(facts)
    return "passes_not_told" if made and facts.said("iterations") is None else None


def _shows_passes(facts: Facts) -> bool:
    """Whether the answer has traces of further passes: a call of the advisor, a compacting edit."""
    management = facts.kept.get("context_management")
    edits = management.get("applied_edits") if isinstance(management, Mapping) else None
    return (
        bool(facts.kept.get("compaction"))
        or any(name == ADVISES for name in _names_of_run(facts.draft))
        or any(
            str(edit.get("type", "")).startswith(COMPACTS)
            for edit in (edits if isinstance(edits, list) else ())
            if isinstance(edit, Mapping)
        )
    )


def _names_of_run(draft: Mapping[str, Any]) -> set[Any]:
    """Names of the tools that the provider ran."""
    calls = [call for call in draft.get("tool_calls", ()) if isinstance(call, Mapping)]
    return {call.get("name") for call in calls if call.get("server_side")}


def _cache(facts: Facts) -> UnpricedReason | None:
    if facts.draft.get("usage.cache_read_tokens") is not None:
        return None
    size = facts.draft.get("usage.input_tokens") or 0
    return "cache_not_told" if cache_is_lost(facts.lost, facts.seller, size) else None


def writes_may_be_lost(facts: Facts) -> bool:
    """Whether input may have been written into a cache that nobody told of: LangSmith's wrapper of OpenAI drops the count.

    LangChain's integrations hand it over.
    """
    size = facts.draft.get("usage.input_tokens") or 0
    return (
        facts.integration is None
        and facts.draft.get("usage.cache_write_tokens") is None
        and size >= FEWEST.get(facts.seller, 0)
    )


_KNOWN_LIFETIMES: Final = re.compile(r"(ephemeral_)?(5m|30m|1h)(_input)?(_tokens)?")
_OF_LIFETIMES: Final = frozenset(
    {"cache_creation", "cache_creation_token_details", "cache_write_tokens_details"}
)


def _lifetimes(facts: Facts) -> UnpricedReason | None:
    """Cache writes with a lifetime beyond the list's, or of an hour whose count the stream lost."""
    written = facts.draft.get("usage.cache_write_tokens")
    if (
        written
        and facts.requested.hour_cache
        and not any(facts.draft.get(name) for name in LIFETIMES.values())
    ):
        return "usage_incomplete"
    return "part_not_priced" if _has_longer(facts.kept, 0) else None


def _has_longer(kept: Any, depth: int) -> bool:
    if not isinstance(kept, Mapping) or depth > 3:
        return False
    return any(
        _is_longer(value) if name in _OF_LIFETIMES else _has_longer(value, depth + 1)
        for name, value in kept.items()
    )


def _is_longer(split: Any) -> bool:
    told = split.items() if isinstance(split, Mapping) else ()
    return any(
        count.__class__ is int and count > 0 and not _KNOWN_LIFETIMES.fullmatch(str(name))
        for name, count in told
    )


def _spoken(facts: Facts) -> UnpricedReason | None:
    told = facts.draft.get("usage.output_audio_tokens")
    return "usage_incomplete" if facts.requested.audio and told is None else None


def _region(facts: Facts) -> UnpricedReason | None:
    """Vertex AI's dearer regions, where neither the address nor the integration has the region."""
    known = facts.requested.region or "aiplatform" in (facts.api_url or "")
    return "region_not_told" if facts.seller == VERTEX and not known and needs_region(facts.model) else None


CHECKS: Final[tuple[Callable[[Facts], UnpricedReason | None], ...]] = (
    _counts,
    _own_key,
    _lifetimes,
    _passes,
    _tools,
    _fee,
    _beside,
    _tier,
    _spoken,
    _region,
    _cache,  # the last: only the price shows whether it matters
)


def gap(facts: Facts) -> UnpricedReason | None:
    """Why the price of the reported tokens would not be the call's; None where it is."""
    return next((reason for check in CHECKS if (reason := check(facts)) is not None), None)
