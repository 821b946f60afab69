"""What to tell the user of an application whose request was declined: one table of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from langchain_respmeta.record.fields import RecordFields

ANY: Final = "refused"
"""Key of the text for whatever no other key fits."""

_DECLINED: Final = "I can't help with this request. Please put it another way, or ask me something else."
_PERSONAL: Final = (
    "My answer contained personal data, so it was held back. Please ask without details about people."
)
_PROTECTED: Final = "My answer came too close to a protected text, so it was held back. A summary may work."
_HARM: Final = (
    "I can't help with this. If you are not safe or think of hurting yourself, please call your local emergency number, "
    "or talk to someone you trust."
)

MESSAGES: Final[Mapping[str, str]] = {
    "message": _DECLINED,
    "stop_reason": _DECLINED,
    "content_filter": "My answer was held back by a safety filter. Please put your request another way.",
    "prompt_block": "A safety filter did not let this request through. Please put it another way.",
    "guardrail": "This request is outside of what I may be used for here. Please ask me something else.",
    "copyright": _PROTECTED,
    "image_recitation": _PROTECTED,
    "protected_material_code": _PROTECTED,
    "protected_material_text": _PROTECTED,
    "recitation": _PROTECTED,
    "pii": _PERSONAL,
    "spii": _PERSONAL,
    "self_harm": _HARM,
    "self-harm": _HARM,
    ANY: _DECLINED,
}
"""Category, finish word (both in lower case) or source of a refusal → text."""


def message_for(record: RecordFields, messages: Mapping[str, str] | str | None = None) -> str:
    """The text for a refused record: the caller's own, where that has one.

    Args:
        record: A record that was refused.
        messages: One text for all, or texts under the keys of `MESSAGES` and any further categories.
    """
    own = {ANY: messages} if isinstance(messages, str) else _folded(messages or {})
    refusal = record.refusal
    words = (
        refusal.category if refusal else None,
        record.native_finish_reason,
        refusal.source if refusal else None,
        ANY,
    )
    keys = [word.lower().removeprefix("harm_category_") for word in words if word]
    return next(table[key] for table in (own, MESSAGES) for key in keys if key in table)


def _folded(messages: Mapping[str, str]) -> dict[str, str]:
    return {key.lower(): text for key, text in messages.items()}
