"""Drafts as nested plain dicts: the shape in which a record leaves the hot path."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from langchain_respmeta.providers._table import Draft

CONTENT: Final = frozenset({"refusal.reason", "error.message", "reasoning.text"})
"""Texts of the answer, or about it: only with `include_content=True`."""

CONTENT_OF_ITEMS: Final = {
    "citations": frozenset({"text", "quote"}),
    "tool_executions": frozenset({"tool_args", "result"}),
}
"""The same in lists."""

TEXT_KEYS: Final = frozenset({"content", "match", "modelOutput", "output", "text", "transcript"})
"""Keys in `provider_data` whose texts are somebody's words, however short (a guardrail's `match` is a mail address)."""

LONGEST_FACT: Final = 80
"""Ids, words and names are shorter; a longer text, or a sentence, is taken for content."""

_SENTENCE: Final = 4
"""How many words a fact has at the most."""


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
    kept = draft.copy()
    for path in CONTENT:
        kept.pop(path, None)
    for name, hidden in CONTENT_OF_ITEMS.items():
        if name in kept:
            kept[name] = [{key: item for key, item in one.items() if key not in hidden} for one in kept[name]]
    if "updated_session_state" in kept:
        state = kept["updated_session_state"]
        kept["updated_session_state"] = {key: f"<{type(value).__name__}>" for key, value in state.items()}
    if "provider_data" in kept:
        kept["provider_data"] = _facts_of(kept["provider_data"])
    return kept


def _facts_of(value: Any, key: str = "") -> Any:
    """What the provider sent besides, with texts replaced by their length: unknown keys may hold the answer."""
    if isinstance(value, str):
        return value if _is_fact(value, key) else f"<text of {len(value)} characters>"
    if isinstance(value, dict):
        return {name: _facts_of(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_facts_of(item, key) for item in value]
    return value


def _is_fact(text: str, key: str) -> bool:
    return len(text) <= LONGEST_FACT and key not in TEXT_KEYS and len(text.split()) <= _SENTENCE
