"""Answers, and what was known at their start, as drafts. Pure: nothing is sent, kept or looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.row import MESSAGES, RESULTS
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.cost import bill_nothing
from langchain_respmeta._reading.general import has_mark, read_generally
from langchain_respmeta._reading.starts import STARTS, KnownStart
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft, drop_scratch
from langchain_respmeta.providers.raw.recognize import any_answers_of
from langchain_respmeta.record.draft import drop_groups

EMPTY: Final = "the result holds no generation"


def draft_of(
    response: object,
    start: RunStart | Mapping[str, object] | None = None,
) -> ReadDraft:
    """The first generation as a draft; an empty result gives an empty one with a warning."""
    known = start if isinstance(start, RunStart) else STATE[STARTS].of_mapping(start)
    if response.__class__ is dict and isinstance(known, KnownStart):
        draft = _draft_of_stored(cast("dict[str, Any]", response), known)
        if draft is not None:
            return _priced_by_nobody(draft)
    return draft_of_answers(any_answers_of(response), known)


def _draft_of_stored(stored: dict[str, Any], start: KnownStart) -> ReadDraft | None:
    """The draft of a dumped result or message of a usual shape, without an answer between; None where no reader fits."""
    form = RESULTS if "generations" in stored else MESSAGES
    try:
        found = STATE[READERS].read_stored(stored, start, form)
    except Exception:  # noqa: BLE001 - a foreign key or value may raise when it is compared: then no reader fits
        return None
    return None if found is None else found[1]


def draft_of_answers(answers: list[Answer], start: RunStart) -> ReadDraft:
    """The draft of the first of a call's answers."""
    drafts = drafts_of(answers, start) or [read_nothing(start)]
    draft = _priced_by_nobody(drafts[0])
    if STATE[READERS].has_work:  # who reads one after the other has the time
        STATE[READERS].work_off()
    return draft


def _priced_by_nobody(draft: ReadDraft) -> ReadDraft:
    if draft.get("langchain_cache_hit"):
        bill_nothing(draft)
    drop_scratch(draft)
    return draft


def read_nothing(start: RunStart) -> ReadDraft:
    """The draft of a result without a generation: the facts of the start, and a warning."""
    draft = read_answer(Answer(metadata={}, content=None, is_message=False, is_unread=True), start)
    draft.setdefault("warnings", []).append(EMPTY)
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
    if answer.api is not None:
        if answer.url is not None and start.base_url is None:
            start = replace(start, base_url=answer.url)
        return read_generally(answer, start)
    if answer.unsaid:  # a compiled reader knows the shape of an answer only
        return read_generally(answer, start)
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
