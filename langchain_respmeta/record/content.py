"""What of a record may leave unasked: facts and counts; the texts of the answer, and those about it, do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.words import KEY, LONGEST_WORD, MACHINE_WORD, TOKEN, TOOL, fact, length_of, url

CONTENT: Final = frozenset({"refusal.reason", "error.message", "reasoning.text"})
"""Texts of the answer, or about it: only with `include_content=True`."""

CONTENT_OF_ITEMS: Final = {
    "citations": frozenset({"text", "quote"}),
    "tool_executions": frozenset({"tool_args", "result"}),
}
"""The same in lists."""

TEXT_KEYS: Final = frozenset({"content", "match", "modelOutput", "output", "text", "transcript"})
"""Keys in `provider_data` whose texts are somebody's words, whatever they look like (a guardrail's `match` is a number)."""

# --- one field -------------------------------------------------------------------------------------------------------


def token(text: str) -> str:
    """An id, or the name of a model, in a field that holds nothing else."""
    return text if TOKEN.fullmatch(text) else fact(text)


def ident(text: str) -> str:
    """An id that the caller chose: letters or signs with a number. A name alone is a text."""
    return text if TOKEN.fullmatch(text) and any(map(str.isdigit, text)) else fact(text)


def word(text: str) -> str:
    """A word in a field for one of the provider's own words, be it new; a sentence or another script is a text."""
    return text if len(text) <= LONGEST_WORD and MACHINE_WORD.fullmatch(text) else fact(text)


def listed(text: str) -> str:
    """A word in a field over an enumeration: one that is known, or that has parts as enumerations have."""
    return fact(text, "type")


def tool(text: str) -> str:
    """The name of a tool, which the developer chose."""
    return text if TOOL.fullmatch(text) else fact(text)


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
    return name if KEY.fullmatch(name) or not name else fact(name)


def path(text: str) -> str:
    """Keys with dots between, and perhaps `=word` behind."""
    keys, equals, value = text.partition("=")
    if not all(KEY.fullmatch(key) for key in keys.split(".")):
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
    r"header [a-z0-9-]{1,80}|usage|the stream ended without the provider's last word"
    r"|a protocol stream \(v3\) without its events"
    r"|(?:the (?:answer|chunks|record|start)|content blocks|tool executions|error message|error headers|steps' notes"
    r"|what came before the failure|[A-Za-z_]\w{0,63}) could not be (?:read|built)"
)
"""What our own sentences begin with, where that is no path in the answer."""

# --- the tables ------------------------------------------------------------------------------------------------------

FIELDS: Final[Mapping[str, Callable[[str], str]]] = {
    "response_id": token,
    "request_id": token,
    "model": token,
    "requested_model": token,
    "system_fingerprint": token,
    "routing.upstream_id": token,
    "routing.upstream_provider": vendor,
    "routing.origin": url,
    "routing.external_user": ident,
    "service_tier": word,
    "native_finish_reason": word,
    "role": listed,
    "refusal.category": listed,
    "error.type": word,
    "error.code": word,
    "structured_output.type_name": tool,
    "structured_output.error": word,
    "stop_sequence": marker,
}
"""Texts of the answer that have a field: what may stand in it."""

ITEMS: Final[Mapping[str, Mapping[str, Callable[[str], str]]]] = {
    "safety": {
        "category": listed,
        "probability": listed,
        "severity": listed,
        "source": listed,
    },
    "tool_calls": {"id": token, "name": tool},
    "tool_executions": {"tool_call_id": token, "tool_name": tool},
    "citations": {
        "type": listed,
        "url": url,
        "title": fact,
        "filename": fact,
        "file_id": token,
        "source": listed,
    },
    "media": {"mime_type": fact, "id": token, "url": url},
}
"""The same in lists."""


def without_content(draft: Draft) -> Draft:
    """A copy that holds facts and counts, no texts."""
    kept: dict[str, Any] = {
        path: FIELDS[path](value) if path in FIELDS and isinstance(value, str) else value
        for path, value in draft.items()
    }
    for path in CONTENT:
        kept.pop(path, None)
    for name in kept.keys() & LISTS.keys():
        kept[name] = [LISTS[name](one) for one in kept[name]]
    for name in kept.keys() & MAPPINGS:
        kept[name] = facts_of(kept[name])
    if (state := draft.get("updated_session_state")) is not None:
        kept["updated_session_state"] = state_facts(state)
    return cast("Draft", kept)


def state_facts(state: Mapping[str, Any]) -> dict[str, str]:
    """Which keys of an agent's state changed, and to what types."""
    return {key_name(key): f"<{type(value).__name__}>" for key, value in state.items()}


MAPPINGS: Final = frozenset({"http.headers", "provider_data", "compression_stats"})


def shown(path: str, text: str) -> str:
    """The text of one field as it may stand where no text is to stand."""
    may = FIELDS.get(path)
    return text if may is None else may(text)


def _item(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    hidden, fields = CONTENT_OF_ITEMS.get(name, frozenset()), ITEMS[name]

    def facts(one: dict[str, Any]) -> dict[str, Any]:
        return {
            key: fields[key](value) if key in fields and isinstance(value, str) else value
            for key, value in one.items()
            if key not in hidden
        }

    return facts


LISTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **{name: _item(name) for name in ITEMS},
    "warnings": warning,
    "unmapped": path,
}
"""Lists of the record: what may stand in one item."""


def facts_of(value: Any, key: str = "") -> Any:
    """What the provider sent besides, with texts replaced by their length: unknown keys may hold the answer."""
    if isinstance(value, str):
        return length_of(value) if key in TEXT_KEYS else fact(value, key)
    if isinstance(value, dict):
        return {key_name(name): facts_of(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [facts_of(item, key) for item in value]
    return value
