"""A provider's answer, and what was known at its start, as one record. Pure: nothing is sent, kept or looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.cost import bill_nothing
from langchain_respmeta._reading.general import has_mark, read_generally
from langchain_respmeta._reading.starts import STARTS
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import unbound_answers_of
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft, drop_scratch
from langchain_respmeta.record.draft import drop_groups
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata


def normalize(
    message_or_result: Any,
    *,
    start: RunStart | Mapping[str, Any] | None = None,
    include_content: bool = True,
) -> ResponseMetadata:
    """Read one answer.

    Args:
        message_or_result: An `AIMessage`, an `LLMResult` (its first generation), or either as a plain dict.
        start: What the start callback got: a `RunStart`, or its keyword arguments `serialized`, `metadata` and
            `invocation_params` as a mapping. Without it the provider is taken from the answer's own words.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the record. Nothing
            leaves the process here, so they do unless told otherwise.

    Returns:
        The record; anything that could not be read is told in its `warnings`, `unmapped` and `provider_data`.
    """
    return record_of(draft_of(message_or_result, start), include_content=include_content)


def draft_of(message_or_result: object, start: RunStart | Mapping[str, object] | None = None) -> ReadDraft:
    """The first generation as a draft; an empty result gives an empty one with a warning."""
    known = start if isinstance(start, RunStart) else STATE[STARTS].of_mapping(start)
    drafts = drafts_of(unbound_answers_of(message_or_result), known) or [read_nothing(known)]
    draft = drafts[0]
    if draft.get("langchain_cache_hit"):
        bill_nothing(draft)
    drop_scratch(draft)
    if STATE[READERS].has_work:  # who reads one after the other has the time
        STATE[READERS].work_off()
    return draft


def read_nothing(start: RunStart) -> ReadDraft:
    """The draft of a result without a generation: the facts of the start, and a warning."""
    draft = read_answer(Answer(metadata={}, content=None, is_message=False), start)
    draft.setdefault("warnings", []).append("the result holds no generation")
    return draft


def drafts_of(answers: list[Answer], start: RunStart) -> list[ReadDraft]:
    """One draft for each generation. With several, the call's usage is repeated on each: it stays on the first."""
    drafts = [read_answer(answer, start) for answer in answers]
    if len(drafts) > 1:
        for index, draft in enumerate(drafts):
            draft["candidates"], draft["candidate_index"] = len(drafts), index
            if index:
                drop_groups(draft, "usage.", "cost.")
                drop_scratch(draft)
    return drafts


def read_answer(answer: Answer, start: RunStart) -> ReadDraft:
    """Read one generation through its provider's tables. Never raises: a fault costs its part and becomes a warning."""
    readers = STATE[READERS]
    draft = readers.read(answer, start)
    if draft is None:
        readers.want(answer, start)
        draft = read_generally(answer, start)
    return draft


def is_repeat(response: Any) -> bool:
    """Whether LangChain's own cache gave this `LLMResult`."""
    try:
        usage = response.generations[0][0].message.usage_metadata
    except Exception:  # noqa: BLE001 - a foreign object may raise anything: then there is no mark
        return False
    return (type(usage) is dict or isinstance(usage, Mapping)) and has_mark(usage)
