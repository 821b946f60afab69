"""Gateways: LangSmith's own, and the headers by which they are known at any address.

LangSmith's chooses who answers, and says whom it chose in a header of its own. Integrations hand that over in the
generation's info; core puts the same on the run, as `ls_provider` and `ls_model_name`.
https://docs.langchain.com/langsmith/llm-gateway
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft

GATEWAY: Final = "lc_gateway_metadata"


def vendor_told(metadata: Mapping[str, object]) -> str | None:
    """The vendor that answered, in the gateway's word."""
    return _word(metadata, "provider")


def tell_gateway(draft: ReadDraft, metadata: Mapping[str, object], requested: str | None) -> None:
    """Who answered in place of the name that was asked for: the answer itself may repeat that one (`auto`).

    If the answer names another model than was requested, that is the provider's own and more exact name.
    """
    model = _word(metadata, "model")
    if model and (requested is None or draft.get("model", requested) == requested):
        draft["_served_model"] = model
    if vendor := vendor_told(metadata):
        draft.setdefault("routing.upstream_provider", vendor)


_HEADERS: Final = (
    # https://docs.litellm.ai/docs/proxy/response_headers
    ("x-litellm-", "litellm"),
    # https://portkey.ai/docs/api-reference/inference-api/response-schema
    ("x-portkey-", "portkey"),
    # https://developers.cloudflare.com/ai-gateway/glossary
    ("cf-aig-", "cloudflare"),
    # https://docs.helicone.ai/helicone-headers
    ("helicone-", "helicone"),
)
"""Prefix of a gateway's headers → provider, for gateways that can be at any address."""

MAX_HEADERS: Final = 1_000
"""Headers that are read of one answer: no server sends a tenth of them."""


def told_headers(answer: Answer) -> Mapping[str, str]:
    """The answer's headers, where they were asked for or it raised; names in lower case."""
    return answer.headers or _texts(answer.metadata.get("headers"))


def asked_headers(start: RunStart) -> dict[str, str]:
    """Headers that the caller sends along: with this call, or with each one of the model."""
    found: dict[str, str] = {}
    for source in (start.settings, start.params):
        for name in ("default_headers", "model_kwargs", "extra_headers"):
            bag = source.get(name)
            if name == "model_kwargs":
                bag = bag.get("extra_headers") if isinstance(bag, Mapping) else None
            found |= _texts(bag)
    return found


def gateway_by_headers(start: RunStart, answer: Answer) -> str | None:
    """The gateway that an answer came through: by its own headers, else by those that are meant for a gateway."""
    return _gateway_of(told_headers(answer)) or _gateway_of(asked_headers(start))


def _gateway_of(headers: Mapping[str, str]) -> str | None:
    return next(
        (gateway for start, gateway in _HEADERS if any(name.startswith(start) for name in headers)), None
    )


def _texts(headers: object) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in islice(headers.items(), MAX_HEADERS)}


def _word(metadata: Mapping[str, object], name: str) -> str | None:
    told = metadata.get(GATEWAY)
    word = told.get(name) if isinstance(told, Mapping) else None
    return (word.strip() or None) if isinstance(word, str) else None
