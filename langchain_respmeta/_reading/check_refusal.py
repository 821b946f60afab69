"""`check_refusal`: whether an answer was declined, and what to tell the user, of whatever holds an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._reading.answer_text import text_of
from langchain_respmeta._reading.normalize import known_start, normalize
from langchain_respmeta.errors import UnreadableAnswer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.record.refusal_messages import message_for

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata
    from langchain_respmeta.record.vocabulary import RefusalSource


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCheck:
    """Whether an answer was declined or withheld."""

    refused: bool
    """Whether it was."""
    message: str | None
    """A text for the user of the application; None where nothing was refused."""
    reason: str | None
    """The provider's own words for it, for people who run the application."""
    category: str | None
    """The provider's category, such as `cyber` or `PROHIBITED_CONTENT`."""
    source: RefusalSource | None
    """Who declined: the model (`message`, `stop_reason`), a filter (`content_filter`, `prompt_block`), or a `guardrail`."""
    content: str | None
    """The answer's text, if any: what came before a filter cut it, too. None of a record, which does not hold it."""
    record: ResponseMetadata
    """All that is known of the answer."""


def check_refusal(
    response: Any,
    provider: str | None = None,
    *,
    messages: Mapping[str, str] | str | None = None,
    start: RunStart | Mapping[str, Any] | None = None,
) -> RefusalCheck:
    """Tell whether an answer was declined or withheld, why, and what to say to the user.

    Args:
        response: An `AIMessage`, an API's own answer in any form that `normalize` takes, or a record.
        provider: As for `normalize`.
        messages: Your texts for users: one for all, or by the refusal's category, the provider's finish word, the refusal's
            source, or `refused` for all others. What yours do not name is taken from
            `langchain_respmeta.record.refusal_messages.MESSAGES`.
        start: As for `normalize`.

    Raises:
        UnreadableAnswer: No reader recognizes the answer, or it does not say how it ended: nobody knows whether it was refused.
        ProviderError: Nobody is known by the name of `provider`.
    """
    with loading:
        from langchain_respmeta.record.record import ResponseMetadata

    if isinstance(response, ResponseMetadata):
        record, content = response, None
    else:
        known = known_start(start, provider)
        record, content = normalize(response, start=known), text_of(response, known) or None
    if record.refused is None:
        raise UnreadableAnswer(
            "nothing says whether it was refused: no reader recognized the answer (see the record's warnings), or it is a "
            "message without what ended it; give the whole answer, or name its provider"
        )
    refusal = record.refusal if record.refused else None
    return RefusalCheck(
        refused=record.refused,
        message=message_for(record, messages) if record.refused else None,
        reason=refusal.reason if refusal else None,
        category=refusal.category if refusal else None,
        source=refusal.source if refusal else None,
        content=content,
        record=record,
    )
