"""LangSmith's gateway: it chooses who answers, and says whom it chose in a header of its own.

Integrations hand that over in the generation's info; core puts the same on the run, as `ls_provider` and
`ls_model_name`. https://docs.langchain.com/langsmith/llm-gateway
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers._table import Draft

GATEWAY: Final = "lc_gateway_metadata"

VENDORS: Final[Mapping[str, str]] = {
    "aws": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "azure_openai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
}
"""Its words for vendors, where they are not LangChain's."""


def vendor_told(metadata: Mapping[str, Any]) -> str | None:
    """The vendor that answered, in the gateway's word."""
    return _word(metadata, "provider")


def tell_gateway(draft: Draft, metadata: Mapping[str, Any], requested: str | None) -> None:
    """Who answered in place of the name that was asked for: the answer itself may repeat that one (`auto`).

    An answer that names another model than was asked for tells its provider's own name, which is the more exact one.
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
"""How the headers of gateways begin, which can stand at any address: beginning → provider."""


def told_by_headers(metadata: Mapping[str, Any]) -> str | None:
    """The gateway that an answer came through, where its headers were asked for."""
    headers = metadata.get("headers")
    names = [str(name).lower() for name in headers] if isinstance(headers, Mapping) else []
    return next(
        (gateway for start, gateway in _HEADERS if any(name.startswith(start) for name in names)), None
    )


def _word(metadata: Mapping[str, Any], name: str) -> str | None:
    told = metadata.get(GATEWAY)
    word = told.get(name) if isinstance(told, Mapping) else None
    return (word.strip() or None) if isinstance(word, str) else None
