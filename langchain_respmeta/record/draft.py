"""Drafts as nested plain dicts: the shape in which a record leaves the hot path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, cast

from langchain_respmeta.record import words
from langchain_respmeta.record.draft_keys import CountKey, Draft, Item

__all__ = [
    "CONTENT",
    "CONTENT_OF_ITEMS",
    "TEXT_KEYS",
    "CountKey",
    "Draft",
    "Item",
    "as_dict",
    "drop_groups",
    "merged",
    "nested",
    "shown",
    "without_content",
]

CONTENT: Final = frozenset({"refusal.reason", "error.message", "reasoning.text"})
"""Texts of the answer, or about it: only with `include_content=True`."""

CONTENT_OF_ITEMS: Final = {
    "citations": frozenset({"text", "quote"}),
    "tool_executions": frozenset({"tool_args", "result"}),
}
"""The same in lists."""

TEXT_KEYS: Final = frozenset({"content", "match", "modelOutput", "output", "text", "transcript"})
"""Keys in `provider_data` whose texts are somebody's words, whatever they look like (a guardrail's `match` is a number)."""

_FIELDS: Final[Mapping[str, Callable[[str], str]]] = {
    "response_id": words.token,
    "request_id": words.token,
    "model": words.token,
    "requested_model": words.token,
    "system_fingerprint": words.token,
    "routing.upstream_id": words.token,
    "routing.upstream_provider": words.vendor,
    "routing.origin": words.url,
    "routing.external_user": words.ident,
    "service_tier": words.word,
    "native_finish_reason": words.word,
    "role": words.listed,
    "refusal.category": words.listed,
    "error.type": words.word,
    "error.code": words.word,
    "structured_output.type_name": words.tool,
    "structured_output.error": words.word,
    "stop_sequence": words.marker,
}
"""Texts of the answer that have a field: what may stand in it."""

_ITEMS: Final[Mapping[str, Mapping[str, Callable[[str], str]]]] = {
    "safety": {
        "category": words.listed,
        "probability": words.listed,
        "severity": words.listed,
        "source": words.listed,
    },
    "tool_calls": {"id": words.token, "name": words.tool},
    "tool_executions": {"tool_call_id": words.token, "tool_name": words.tool},
    "citations": {
        "type": words.listed,
        "url": words.url,
        "title": words.fact,
        "filename": words.fact,
        "file_id": words.token,
        "source": words.listed,
    },
    "media": {"mime_type": words.fact, "id": words.token, "url": words.url},
}
"""The same in lists."""


def as_dict(draft: Draft) -> dict[str, Any]:
    """The same draft for keys that only data name: a table's destinations, the fields of a summary."""
    return cast("dict[str, Any]", draft)


def merged(*parts: Mapping[str, Any]) -> Draft:
    """A new draft of other drafts and of facts by their paths; of several values the last counts."""
    found: dict[str, Any] = {}
    for part in parts:
        found.update(part)
    return cast("Draft", found)


def drop_groups(draft: Draft, *groups: str) -> None:
    """Take out all keys that begin so (`"cost."`)."""
    fields = as_dict(draft)
    for path in [path for path in fields if path.startswith(groups)]:
        del fields[path]


def nested(draft: Draft) -> dict[str, Any]:
    """`{"usage.input_tokens": 1}` → `{"usage": {"input_tokens": 1}}`."""
    fields: dict[str, Any] = {}
    for path, value in draft.items():
        group, name = _split(path)
        if name is None:
            fields[group] = value
        elif group in fields:
            fields[group][name] = value
        else:
            fields[group] = {name: value}
    return fields


@cache
def _split(path: str) -> tuple[str, str | None]:
    """Paths come from tables, so there are a few hundred at most."""
    group, dot, name = path.partition(".")
    return group, name if dot else None


def without_content(draft: Draft) -> Draft:
    """A copy that holds facts and counts, no texts."""
    kept = {
        path: shown(path, value) if isinstance(value, str) else value
        for path, value in as_dict(draft).items()
    }
    for path in CONTENT:
        kept.pop(path, None)
    for name in kept.keys() & _LISTS.keys():
        kept[name] = [_LISTS[name](one) for one in kept[name]]
    for name in kept.keys() & _MAPPINGS:
        kept[name] = _facts_of(kept[name])
    if "updated_session_state" in kept:
        state = draft["updated_session_state"]
        kept["updated_session_state"] = {
            words.key_name(key): f"<{type(value).__name__}>" for key, value in state.items()
        }
    return merged(kept)


_MAPPINGS: Final = frozenset({"http.headers", "provider_data", "compression_stats"})


def shown(path: str, text: str) -> str:
    """The text of one field as it may stand where no text is to stand."""
    may = _FIELDS.get(path)
    return text if may is None else may(text)


def _item(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    hidden, fields = CONTENT_OF_ITEMS.get(name, frozenset()), _ITEMS[name]

    def facts(one: dict[str, Any]) -> dict[str, Any]:
        return {
            key: fields[key](value) if key in fields and isinstance(value, str) else value
            for key, value in one.items()
            if key not in hidden
        }

    return facts


_LISTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **{name: _item(name) for name in _ITEMS},
    "warnings": words.warning,
    "unmapped": words.path,
}
"""Lists of the record: what may stand in one item."""


def _facts_of(value: Any, key: str = "") -> Any:
    """What the provider sent besides, with texts replaced by their length: unknown keys may hold the answer."""
    if isinstance(value, str):
        return words.length_of(value) if key in TEXT_KEYS else words.fact(value, key)
    if isinstance(value, dict):
        return {words.key_name(name): _facts_of(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_facts_of(item, key) for item in value]
    return value
