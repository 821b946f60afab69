"""Whether another try may succeed: by the provider's code, then the exception's class, then the status.

The status alone misleads: OpenAI, Z.ai and Moonshot answer an empty account with the 429 of a rate limit, Anthropic
answers it with 400, and an error in the midst of a stream comes after a status of 200.

https://platform.openai.com/docs/guides/error-codes, https://platform.claude.com/docs/en/api/errors,
https://ai.google.dev/gemini-api/docs/troubleshooting, https://cloud.google.com/apis/design/errors,
https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html,
https://openrouter.ai/docs/api/reference/errors-and-debugging, https://docs.z.ai/api-reference/api-code,
https://www.alibabacloud.com/help/en/model-studio/error-code
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""HTTP statuses after which the same call may succeed."""

RETRYABLE: Final[Mapping[str, bool]] = {
    # Money that is spent, and accounts and contracts that ended: only payment or a new contract can help.
    "insufficient_quota": False,  # OpenAI: credits or the month's budget are used up
    "billing_hard_limit_reached": False,  # OpenAI: the organization's own limit
    "billing_not_active": False,  # OpenAI: no way to pay
    "billing_error": False,  # Anthropic: a problem with the payment
    "credit_balance_too_low": False,  # Anthropic
    "credit_limit": False,  # Together: its 402 and, in front of it, a 429
    "budget_exceeded": False,  # LiteLLM's proxy: the budget of a key, user or team
    "payment_required": False,  # OpenRouter, Together
    "insufficient_credit": False,
    "insufficient_credits": False,
    "insufficient_balance": False,
    "insufficient_funds": False,
    "openrouter_credits": False,  # OpenRouter's `limit_source`: the account has no credit left
    "openrouter_key_limit": False,  # the key's own limit is used up
    "openrouter_in_flight_budget": True,  # too much is being spent at once; its 402 comes with Retry-After
    "exceeded_current_quota_error": False,  # Moonshot: balance or plan
    "arrearage": False,  # Alibaba: an overdue payment
    "quota_exceeded": False,
    "quota_exceeded_error": False,
    "usage_limit_reached": False,
    "spending_limit_reached": False,
    "servicequotaexceededexception": False,  # Bedrock: the account's quota, not a rate
    "accessdeniedexception": False,  # Bedrock: no permission, or the model was never agreed to
    "account_deactivated": False,  # OpenAI
    "organization_deactivated": False,
    "access_terminated": False,  # OpenAI: for a breach of its terms
    "account_suspended": False,
    "billing_disabled": False,  # Google's `reason`
    "consumer_suspended": False,
    "service_disabled": False,
    "1008": False,  # MiniMax: no balance
    "1110": False,  # Z.ai: the account is inactive,
    "1111": False,  # does not exist,
    "1112": False,  # is locked,
    "1113": False,  # has no money,
    "1121": False,  # was locked for a breach of its terms,
    "1309": False,  # its subscription ended
    # Keys and permissions.
    "invalid_api_key": False,
    "incorrect_api_key": False,
    "invalidapikey": False,  # Alibaba
    "expired_api_key": False,
    "api_key_invalid": False,  # Google's `reason`
    "api_key_expired": False,
    "account_invalid": False,
    "authentication_error": False,
    "invalid_authentication_error": False,  # Moonshot
    "unauthenticated": False,
    "unauthorized": False,
    "unrecognizedclientexception": False,  # AWS: an unknown key,
    "expiredtokenexception": False,  # one whose time is over
    "invalidsignatureexception": False,
    "permission_error": False,
    "permission_denied": False,
    "permission_denied_error": False,
    "forbidden": False,
    "mismatched_organization": False,
    "unsupported_country_region_territory": False,
    # Requests that will never do.
    "invalid_request_error": False,
    "invalid_argument": False,
    "invalid_prompt": False,
    "invalid_image": False,
    "bad_request": False,
    "context_length_exceeded": False,
    "string_above_max_length": False,
    "request_too_large": False,
    "failed_precondition": False,
    "out_of_range": False,
    "unimplemented": False,
    "validationexception": False,  # Bedrock
    "resourcenotfoundexception": False,
    "model_not_found": False,
    "model_decommissioned": False,  # Groq
    "not_found": False,
    "not_found_error": False,
    "json_validate_failed": False,  # Groq: it could not write what was asked for
    "tool_use_failed": False,
    "content_filter": False,
    "content_policy_violation": False,
    "data_inspection_failed": False,
    "datainspectionfailed": False,
    "bio_policy": False,
    "misalignment_policy_violation": False,
    "image_content_policy_violation": False,
    # What passes.
    "rate_limit_exceeded": True,
    "rate_limit_error": True,
    "rate_limit_reached_error": True,  # Moonshot
    "rate_limit": True,
    "rate_limited": True,  # Mistral
    "too_many_requests": True,
    "throttlingexception": True,  # Bedrock
    "throttling": True,  # Alibaba
    "throttling.ratequota": True,
    "limit_requests": True,
    "resource_exhausted": True,  # Google: a rate, unless the text names the day's quota
    "overloaded": True,
    "overloaded_error": True,  # Anthropic
    "engine_overloaded": True,
    "engine_overloaded_error": True,  # Moonshot
    "capacity_exceeded": True,
    "slow_down": True,
    "server_error": True,
    "server_is_overloaded": True,
    "api_error": True,  # Anthropic: a fault of theirs
    "internal": True,
    "internal_error": True,
    "internal_server_error": True,
    "internalservererror": True,
    "internalserverexception": True,  # Bedrock
    "modelerrorexception": True,
    "modelnotreadyexception": True,
    "modelstreamerrorexception": True,
    "modeltimeoutexception": True,
    "serviceunavailableexception": True,
    "service_unavailable": True,
    "service_unavailable_error": True,
    "unavailable": True,
    "aborted": True,
    "deadline_exceeded": True,
    "timeout": True,
    "timeout_error": True,
    "vector_store_timeout": True,
    "1302": True,  # Z.ai: too many at once,
    "1303": True,  # too often,
    "1305": True,  # too much,
    "1312": True,  # too many others
}
"""A provider's code, in lower case → whether the same call may succeed later, as it is."""

_SPENT: Final = re.compile(
    r"credit balance is too low"  # Anthropic, with the code of any wrong request
    r"|insufficient (?:account )?(?:balance|credits?|funds|quota)"  # DeepSeek, Z.ai, OpenRouter, Fireworks
    r"|(?:used|use) (?:up )?all (?:of )?(?:your )?(?:available )?credits"  # xAI
    r"|monthly spend(?:ing)? limit"  # xAI; Anthropic, with the code of a rate limit
    r"|billing (?:hard )?limit (?:has been )?reached"
    r"|(?:api )?(?:calls?|requests?) ?/ ?month|monthly (?:usage|included) (?:limit|credits)"  # Cohere, Hugging Face
    r"|account (?:is|has been|was) (?:deactivated|suspended|disabled|terminated)"
    r"|too many tokens per day"  # Bedrock, with the code of a rate limit
    r"|free-models-per-day",  # OpenRouter, with nothing but the status of one
    re.IGNORECASE,
)
"""Words for the same where the code is that of other faults too."""

_QUOTA: Final = re.compile(r"exceeded your current quota, please check your plan and billing", re.IGNORECASE)
"""OpenAI's and Moonshot's words for an empty account; Google has the very same for a rate."""

_GOOGLES_RATE: Final = "resource_exhausted"
_OF_A_DAY: Final = re.compile(r"per_?day", re.IGNORECASE)


def retryable(
    fault: Mapping[str, object],
    code: str | None,
    words: str,
    said: object,
    status: int | None,
    *,
    broke_off: bool = False,
) -> bool | None:
    """Whether the same call may succeed later; None where that is unknown.

    Args:
        fault: What the provider's answer says about the fault.
        code: Its code.
        words: Its message.
        said: What the exception's class says by itself (`is_retryable` of LangChain's typed errors).
        status: The HTTP status of the failure; None where it came in the midst of an answer.
        broke_off: Whether the exception is one of a connection that failed (`is_of_connection`).
    """
    if _SPENT.search(words) or _is_days_quota(fault):
        return False
    if _QUOTA.search(words) and _GOOGLES_RATE not in map(_plain, (code, fault.get("status"))):
        return False
    for word in _words(fault, code):
        known = RETRYABLE.get(_plain(word))
        if known is not None:
            return known
    if isinstance(said, bool):
        return said
    if broke_off and status is None:
        return True
    return None if status is None else status in _AGAIN


_OF_CONNECTION: Final = frozenset(
    {
        "APIConnectionError",  # OpenAI's SDK and its kin: Groq, Perplexity, Together, …
        "TransportError",  # httpx
        "ConnectionError",  # Python's own, and requests
        "TimeoutError",
        "Timeout",  # requests
        "ChunkedEncodingError",
        "ClientConnectionError",  # aiohttp
        "ClientPayloadError",
        "HTTPClientError",  # botocore
        "ProtocolError",  # urllib3
    }
)
"""Classes whose exceptions, and those of subclasses, mean that a connection failed or timed out."""


def is_of_connection(error: BaseException) -> bool:
    """Whether a connection failed, before or within an answer: the call itself may be right."""
    return any(kind.__name__ in _OF_CONNECTION for kind in type(error).__mro__)


def is_known(word: str) -> bool:
    """Whether it is a code of the table."""
    return _plain(word) in RETRYABLE


def _words(fault: Mapping[str, object], code: str | None) -> Iterable[Any]:
    """All keys of a code, the most exact first: `type` and `status` name its class."""
    metadata = fault.get("metadata")
    if isinstance(metadata, Mapping):
        yield from (metadata.get("limit_source"), metadata.get("error_type"))
    for detail in _details(fault):
        yield detail.get("reason")
    yield from (fault.get(name) for name in ("code", "error_code", "error_type", "__type"))
    yield code
    yield from (fault.get("type"), fault.get("status"))


def _details(fault: Mapping[str, object]) -> Iterable[Mapping[str, Any]]:
    details = fault.get("details")
    return (one for one in details[:_FEW] if isinstance(one, Mapping)) if isinstance(details, list) else ()


_FEW: Final = 20
"""Details that are looked at."""


def _plain(word: object) -> str:
    if isinstance(word, int) and not isinstance(word, bool):
        return str(word) if abs(word) < _NUMBERS else ""
    return word.casefold() if isinstance(word, str) else ""


_NUMBERS: Final = 100_000


def _is_days_quota(fault: Mapping[str, object]) -> bool:
    """Google's daily quota: the same code, and at times the same short delay, as of a rate."""
    violations = [one for detail in _details(fault) for one in _listed(detail.get("violations"))]
    names = [str(one.get("quotaId") or one.get("quota_id") or "") for one in violations]
    return any(map(_OF_A_DAY.search, names))


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value[:_FEW] if isinstance(one, Mapping)] if isinstance(value, list) else []
