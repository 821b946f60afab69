"""Which texts of an answer may leave unasked: words of known vocabularies, ids, numbers, times and addresses.

It is a positive list. What is not on it is somebody's words until a table says otherwise, in any script.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, get_args

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record import vocabulary
from langchain_respmeta.record.secrets import is_secret_name, text_without_secrets

LONGEST_FACT: Final = 256
"""Characters of a word or an id."""

_LONGEST_URL: Final = 2048

ENUMERATED: Final = frozenset(
    [
        "true",
        "false",
        "null",
        "none",
        "yes",
        "no",
        "on",
        "off",
        "unknown",
        "other",
        "default",
        "auto",
        "any",
        "required",
        "enabled",
        "disabled",
        "optional",
        "ok",
        "success",
        "succeeded",
        "successful",
        "failure",
        "failed",
        "error",
        "errored",
        "warning",
        "info",
        "pending",
        "queued",
        "running",
        "in_progress",
        "incomplete",
        "completed",
        "complete",
        "cancelled",
        "canceled",
        "expired",
        "done",
        "finished",
        "active",
        "inactive",
        "ready",
        "searching",
        "generating",
        "interpreting",
        "processing",
        "created",
        "updated",
        "deleted",
        "partial",
        "full",
        "final",
        "allowed",
        "blocked",
        "block",
        "filtered",
        "masked",
        "anonymized",
        "detected",
        "not_detected",
        "passed",
        "pass",
        "intervened",
        "guardrail_intervened",
        "no_action",
        "intervene",
        "redacted",
        "safe",
        "unsafe",
        "flagged",
        "negligible",
        "low",
        "medium",
        "high",
        "very_low",
        "very_high",
        "minimal",
        "xhigh",
        "max",
        "severe",
        "harm_category_unspecified",
        "harm_category_harassment",
        "harm_category_hate_speech",
        "harm_category_sexually_explicit",
        "harm_category_dangerous_content",
        "harm_category_civic_integrity",
        "harm_severity_negligible",
        "harm_severity_low",
        "harm_severity_medium",
        "harm_severity_high",
        "harassment",
        "hate",
        "hate_speech",
        "sexual",
        "sexually_explicit",
        "violence",
        "violence/graphic",
        "hate/threatening",
        "harassment/threatening",
        "illicit",
        "illicit/violent",
        "self-harm/intent",
        "self-harm/instructions",
        "sexual/minors",
        "selfharm",
        "pii",
        "financial",
        "law",
        "health",
        "self_harm",
        "self-harm",
        "jailbreak",
        "prompt_attack",
        "insults",
        "misconduct",
        "profanity",
        "protected_material_code",
        "protected_material_text",
        "indirect_attack",
        "dangerous_content",
        "civic_integrity",
        "dangerous",
        "bio",
        "biological",
        "chemical",
        "nuclear",
        "cyber",
        "csam",
        "spii",
        "pii",
        "selfharm",
        "health",
        "financial",
        "law",
        "safety",
        "blocklist",
        "terrorism",
        "weapons",
        "extremism",
        *[f"s{number}" for number in range(1, 15)],  # Llama Guard's hazards
        "email",
        "phone",
        "name",
        "address",
        "age",
        "username",
        "password",
        "driver_id",
        "license_plate",
        "vehicle_identification_number",
        "url",
        "us_social_security_number",
        "credit_debit_card_number",
        "ip_address",
        "mac_address",
        "user",
        "assistant",
        "system",
        "developer",
        "tool",
        "model",
        "function",
        "human",
        "ai",
        "text",
        "image",
        "audio",
        "video",
        "file",
        "document",
        "json",
        "json_object",
        "json_schema",
        "tokens",
        "token",
        "pdf",
        "multimodal",
        "modality_unspecified",
        "text_unspecified",
        "standard",
        "standard_only",
        "priority",
        "flex",
        "scale",
        "batch",
        "provisioned",
        "on_demand",
        "on-demand",
        "provisioned_throughput",
        "fast",
        "slow",
        "eager",
        "optimized",
        "global",
        "us",
        "eu",
        "dedicated",
        "shared",
        "serverless",
        "message",
        "messages",
        "response",
        "response.completed",
        "completion",
        "completions",
        "text_completion",
        "chat.completion",
        "chat.completion.chunk",
        "list",
        "object",
        "reasoning",
        "thinking",
        "redacted_thinking",
        "refusal",
        "output_text",
        "input_text",
        "summary_text",
        "reasoning_text",
        "concise",
        "detailed",
        "summary",
        "encrypted",
        "content",
        "tool_use",
        "tool_calls",
        "tool_result",
        "function_call",
        "web_search",
        "web_search_call",
        "web_search_preview",
        "file_search",
        "file_search_call",
        "code_interpreter",
        "code_interpreter_call",
        "computer_call",
        "mcp_call",
        "mcp_list_tools",
        "image_generation",
        "image_generation_call",
        "custom_tool_call",
        "server_tool_use",
        "web_search_tool_result",
        "code_execution",
        "code_execution_tool_result",
        "bash_code_execution",
        "text_editor_code_execution",
        "web_fetch",
        "search",
        "find_in_page",
        "open_page",
        "googlesearch",
        "google_search",
        "url_context",
        "url_retrieval_status_success",
        "url_retrieval_status_error",
        "url_retrieval_status_paywall",
        "url_retrieval_status_unsafe",
        "char_location",
        "page_location",
        "content_block_location",
        "search_result_location",
        "web_search_result_location",
        "url_citation",
        "file_citation",
        "container_file_citation",
        "file_path",
        "grounding",
        "recitation",
        "place_answer",
        "stop_reason",
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "pause_turn",
        "model_context_window_exceeded",
        "compaction",
        "server_error",
        "rate_limit_exceeded",
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "not_found_error",
        "overloaded_error",
        "api_error",
        "timeout_error",
        "billing_error",
        "insufficient_quota",
        "invalid_prompt",
        "content_policy_violation",
        "content_filter",
        "responsibleaipolicyviolation",
        "tokens_exceeded",
        "model_not_found",
        "context_length_exceeded",
        "input",
        "output",
        "prompt",
        "prompts",
        "both",
        "none_unspecified",
        "ephemeral",
        "5m",
        "1h",
        "24h",
        "in_memory",
        "persistent",
        "usd",
        "eur",
        "mode",
        "dynamic_retrieval",
        "asynchronous",
        "sync",
        "async",
        "streaming",
        "application/json",
        "text/plain",
        "text/html",
        "text/event-stream",
    ]
)
"""Enumerations that providers document, in lower case. To let one more word leave, add it here."""


@cache
def known_words() -> frozenset[str]:
    """`ENUMERATED`, the record's own closed words, and the words and names that the providers' tables know."""
    with loading:
        from langchain_respmeta.providers.endpoints import VENDORS
        from langchain_respmeta.providers.rows import ROWS

    closed = [
        word for alias in vars(vocabulary).values() for word in get_args(alias) if isinstance(word, str)
    ]
    readers = [row.reader for row in ROWS]
    tables = [word for reader in readers for word in reader.finish]
    names = [name for reader in readers for name in (reader.name, reader.api) if name]
    classes = [name for row in ROWS for name in row.classes]
    return ENUMERATED | {word.lower() for word in (*closed, *tables, *names, *classes, *VENDORS)}


# --- shapes ----------------------------------------------------------------------------------------------------------

_NUMBER: Final = re.compile(r"[+-]?\$?\d{1,30}(?:[.,]\d{1,30})*(?:[eE][+-]?\d{1,4})?(?:%|ns|us|ms|s|m|h|d)?")
_SPAN: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+|\d{1,5}[:/x]\d{1,5}")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?|"
    r"\d\d:\d\d:\d\d(?:\.\d{1,12})?|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d"
    r" (?:GMT|UTC|[+-]\d{4})"
)
_HEX: Final = re.compile(r"(?=.*\d)[0-9a-fA-F]{8,128}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PREFIXED: Final = re.compile(
    r"(?:chatcmpl|cmpl|gen|resp|msg|req|run|call|toolu|srvtoolu|fp|rs|fc|ws|ig|ci|fs|mcp|mcpl|file|vs|cntr|container|"
    r"batch|thread|asst|step|proj|org|trace|ctc|cu|lsh|msgu|tlk|gpr|audio|prompt|ft)[-_](?=[A-Za-z0-9_\-]*\d)"
    r"[A-Za-z0-9_\-]{6,200}"
)
_VERSION: Final = re.compile(r"v?\d{1,6}(?:\.\d{1,6})*(?:[-+_.][a-z]{1,8}\d{0,8})?|v\d{1,4}[a-z]{0,8}")
_MEDIA_TYPE: Final = re.compile(
    r"(?:application|audio|image|text|video|font)/[a-zA-Z0-9.+\-]{1,80}(?:; ?charset=[\w-]{1,20})?"
)
_PLACEHOLDER: Final = re.compile(
    r"<(?:text of \d+ characters|\d+ bytes|\d+ more|(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)>|\[secret removed\]"
)
_FACTS: Final = (_NUMBER, _SPAN, _TIME, _HEX, _PREFIXED, _VERSION, _MEDIA_TYPE, _PLACEHOLDER)
_URL: Final = re.compile(r"(?:https?|gs|s3|wss?)://[!-~]+")

_TOKEN: Final = re.compile(r"(?!.*@[A-Za-z])[!#-&(-;=?-Z\\^_a-z|~]{1,256}")
"""What an id, or a model's name, is made of: printable, no blank, no quotes or brackets, not a mail address."""

_MACHINE_WORD: Final = re.compile(r"_*[A-Za-z][A-Za-z0-9]*(?:[_.:/-][A-Za-z0-9]+)*")
_COMPOUND: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_TOOL: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_.:/$-]{0,127}")
_KEY: Final = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.:$\-]{0,79}|\d{1,9}")
_LONGEST_WORD: Final = 64

_ID_KEYS: Final = frozenset({"id", "uuid", "arn", "fingerprint", "etag", "cf-ray", "request-id", "requestid"})
_ID_ENDS: Final = ("_id", "-id", "Id", "_ids", "Ids", "_fingerprint", "Arn", "-requestid", "-reqid")
_MODEL_ENDS: Final = ("model", "model_name", "model_id", "modelId", "model_version", "modelVersion", "models")
_PERSONS: Final = ("user", "customer", "email", "name", "patient", "session")
"""Ids of people are often their names or addresses."""

_ENUM_KEYS: Final = frozenset(
    {"type", "object", "status", "role", "action", "category", "code", "mode", "tier", "service_tier", "reason",
     "finish_reason", "stop_reason", "severity", "probability", "level", "modality", "event", "source", "format",
     "effort", "cache_type", "verbosity", "trafficType", "traffic_type", "phase", "outcome"}
)  # fmt: skip
"""Keys over enumerations: a word of several parts is one of the provider's, also where no table knows it."""


def _is_model_key(key: str) -> bool:
    return key.endswith(_MODEL_ENDS)


def _is_id_key(key: str) -> bool:
    return (key in _ID_KEYS or key.endswith(_ID_ENDS)) and not any(word in key.lower() for word in _PERSONS)


@lru_cache(maxsize=8192)
def _is_fact(text: str, key: str) -> bool:
    if text.lower() in known_words() or any(shape.fullmatch(text) for shape in _FACTS):
        return True
    if _is_model_key(key):
        return _TOKEN.fullmatch(text) is not None
    if _is_id_key(key):
        return _TOKEN.fullmatch(text) is not None and any(map(str.isdigit, text))
    return key in _ENUM_KEYS and len(text) <= _LONGEST_WORD and _COMPOUND.fullmatch(text) is not None


def length_of(text: str) -> str:
    """What stands in place of a text."""
    return f"<text of {len(text)} characters>"


def fact(text: str, key: str = "") -> str:
    """`text` where it may leave, an address without its secrets, else its length.

    Args:
        text: A text of the answer.
        key: The name that it stands under: `id` and `model` may hold any token, other names only what is known.
    """
    if not text or (len(text) <= LONGEST_FACT and not is_secret_name(key) and _is_fact(text, key)):
        return text
    return url(text)


def url(text: str) -> str:
    """An address without secrets; anything else is a text."""
    if len(text) <= _LONGEST_URL and _URL.fullmatch(text):
        return text_without_secrets(text)
    return length_of(text)


def token(text: str) -> str:
    """An id, or the name of a model, in a field that holds nothing else."""
    return text if _TOKEN.fullmatch(text) else fact(text)


def ident(text: str) -> str:
    """An id that the caller chose: letters or signs with a number. A name alone is a text."""
    return text if _TOKEN.fullmatch(text) and any(map(str.isdigit, text)) else fact(text)


def word(text: str) -> str:
    """A word in a field for one of the provider's own words, be it new; a sentence or another script is a text."""
    return text if len(text) <= _LONGEST_WORD and _MACHINE_WORD.fullmatch(text) else fact(text)


def listed(text: str) -> str:
    """A word in a field over an enumeration: one that is known, or that has parts as enumerations have."""
    return fact(text, "type")


def tool(text: str) -> str:
    """The name of a tool, which the developer chose."""
    return text if _TOOL.fullmatch(text) else fact(text)


def vendor(text: str) -> str:
    """A vendor's name in a router's words, such as `Google AI Studio`; one with blanks must be known."""
    return text if text.lower() in _VENDORS else word(text)


_VENDORS: Final = frozenset(
    {"ai21 labs", "alibaba cloud", "amazon bedrock", "amazon nova", "arcee ai", "atlas cloud", "azure ai",
     "azure ai foundry", "black forest labs", "bytedance seed", "cloudflare workers ai", "fireworks ai", "github models",
     "gmi cloud", "google ai studio", "google vertex", "google vertex (anthropic)", "google vertex (global)",
     "google vertex ai", "hugging face", "io net", "lambda labs", "mistral ai", "moonshot ai", "nebius ai studio",
     "nebius token factory", "novita ai", "open inference", "stealth ai", "together ai", "vertex ai",
     "weights & biases", "x ai", "z ai"}
)  # fmt: skip
"""Vendors whose names hold blanks, in lower case."""


def marker(text: str) -> str:
    """A stop sequence: signs and a word leave, words do not."""
    return text if _MARKER.fullmatch(text) else fact(text)


_MARKER: Final = re.compile(r"[!-/:-?\[-`{-~\s]{0,16}[A-Za-z0-9_]{0,24}[!-/:-?\[-`{-~\s]{0,16}")


def key_name(name: str) -> str:
    """A key of the provider's; what is no identifier is a text too."""
    return name if _KEY.fullmatch(name) or not name else fact(name)


def path(text: str) -> str:
    """Keys with dots between, and perhaps `=word` behind."""
    keys, equals, value = text.partition("=")
    if not all(_KEY.fullmatch(key) for key in keys.split(".")):
        return length_of(text)  # in parts it would give away most of a mail address
    return keys + equals + (word(value) if equals else "")


def warning(text: str) -> str:
    """One of our own sentences, in which the place before the colon is the answer's."""
    place, colon, sentence = text.partition(": ")
    return (
        (
            path(place)
            if colon and " " not in place
            else place
            if colon and _OUR_PLACE.fullmatch(place)
            else length_of(place)
            if colon
            else text
        )
        + colon
        + sentence
    )


_OUR_PLACE: Final = re.compile(
    r"header [a-z0-9-]{1,80}|usage"
    r"|(?:the (?:answer|chunks|record|start)|content blocks|tool executions|error message|error headers|steps' notes"
    r"|what came before the failure|[A-Za-z_]\w{0,63}) could not be (?:read|built)"
)
"""What our own sentences begin with, where that is no path in the answer."""
