"""From a live run and its end to finished drafts: the one place where reading, timing and pricing meet.

The handler's end and the run's patch both lead here; which of them was first makes no difference to the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final

from langchain_respmeta._agents.call_notes import settled
from langchain_respmeta._process.faults import guarded
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._reading.failures import draft_of_failure, draft_of_traced_failure
from langchain_respmeta._reading.read import bill_nothing, drafts_of, read_nothing
from langchain_respmeta._reading.stream_repair import SILENT, recover
from langchain_respmeta._runs.lookups import begin
from langchain_respmeta._runs.outcome import Failed, TracedFailure
from langchain_respmeta.providers.engine.answer import Answer, RunStart, answers_of
from langchain_respmeta.providers.engine.table import IS_CUT, UNTIL_PRICED
from langchain_respmeta.record.draft import Draft

if TYPE_CHECKING:
    from uuid import UUID

    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.enrich.prices.price import UnpricedReason


def read_run(run: Run) -> list[Draft]:
    """The drafts of a run whose end was noted: at least one, whatever came back."""
    start = run.start()
    outcome = run.outcome
    streamed = run.streamed
    if isinstance(outcome, Failed):
        drafts = [draft_of_failure(outcome.error, outcome.response, start, run.passing)]
    elif isinstance(outcome, TracedFailure):
        drafts = [draft_of_traced_failure(outcome.error, outcome.live, outcome.outputs, start, run.passing)]
    else:
        response = outcome.response if outcome is not None else None
        answers = answers_of(response)
        streamed = streamed or (start.integration in SILENT and any(one.is_chunk for one in answers))
        _recover(run, answers, start)
        drafts = drafts_of(answers, start) or [read_nothing(start)]
        if (outcome is not None and outcome.is_repeat is False) or _named_after(run, answers):
            for draft in drafts:
                draft.pop("langchain_cache_hit", None)
        if streamed and start.integration not in _WITHOUT_WORDS and _is_cut(drafts[0]):
            drafts[0][IS_CUT] = True
            drafts[0].setdefault("warnings", []).append(CUT)
    for draft in drafts:
        draft["streamed"] = streamed
    return _finish(run, drafts, start)


CUT: Final = "the stream ended without the provider's last word: no finish reason came"
"""The warning of a stream that broke off without an exception: its counts, if any came, are not the call's."""


def _is_cut(draft: Draft) -> bool:
    """Whether a stream's answer lacks its end. Of a plain model's text nobody can tell."""
    return (
        draft.get("role") is not None
        and "finish_reason" not in draft
        and "native_finish_reason" not in draft
        and not draft.get("langchain_cache_hit")
    )


_WITHOUT_WORDS: Final = frozenset({"ChatDatabricks", "ChatLiteLLM", "ChatLiteLLMRouter"})
"""Classes that hand over no finish word in a stream (ChatDatabricks through the Responses API, ChatLiteLLM ever)."""


def _is_whole(draft: Draft, run: Run) -> bool:
    """Whether an answer was read to its end, with counts that are those of all of it: then it is billed, and priced.

    A call that failed, or was given up, may have been answered whole; one that was not may still tell counts, of what
    had come.
    """
    if isinstance(run.outcome, Failed | TracedFailure):
        return "native_finish_reason" in draft and (run.passing is None or run.passing.tells_all())
    return not draft.get(IS_CUT) or (run.passing is not None and run.passing.tells_whole())


@guarded("putting together what a stream said in passing")
def _recover(run: Run, answers: Sequence[Answer], start: RunStart) -> None:
    if len(answers) == 1 and run.passing is not None:
        recover(answers[0], run.passing, start.integration)


def _named_after(run: Run, answers: Sequence[Answer]) -> bool:
    """Whether core named the message after this very run: then this call made it, whatever marks it carries.

    Of calls at the same time another one may be given the message by the cache, and mark it, before this one's end is
    told.
    """
    return any(answer.message_id is not None and _names(answer.message_id, run.id) for answer in answers)


def _names(message_id: str, run_id: UUID) -> bool:
    """The id's text stands there as the caller gave it: in capitals, perhaps, or without its hyphens."""
    return str(run_id) in message_id or run_id.hex in message_id.replace("-", "").lower()


def _finish(run: Run, drafts: list[Draft], start: RunStart) -> list[Draft]:
    ended = run.ended if run.ended is not None else perf_counter()
    for draft in drafts:
        draft["run_id"] = str(run.id)
        if run.parent_id is not None:
            draft["parent_run_id"] = str(run.parent_id)
        draft["received_at"] = run.received_at
        draft["timing.latency_s"] = round(ended - run.started, 6)
    first = drafts[0]
    _time(run, first, ended)
    _price(first, run, start)
    for key in UNTIL_PRICED:
        first.pop(key, None)
    _enrich(first, run, start, ended)
    settled(run, drafts)
    return drafts


@guarded("asking the enrichers")
def _enrich(draft: Draft, run: Run, start: RunStart, ended: float) -> None:
    for handler in run.handlers:
        if handler.enrichers:
            run.later = begin(run, draft, start, ended)
            break


@guarded("measuring a call's times")
def _time(run: Run, draft: Draft, ended: float) -> None:
    if run.first_chunk is not None:
        draft["timing.time_to_first_chunk_s"] = round(run.first_chunk - run.started, 6)
    if run.first_token is not None:
        draft["timing.time_to_first_token_s"] = round(run.first_token - run.started, 6)
    if "timing.tokens_per_second" in draft:
        return
    spent = draft.get("timing.completion_s") or draft.get("timing.generation_s")
    if spent is None and run.first_token is not None:
        spent = ended - run.first_token
    tokens = draft.get("usage.output_tokens")
    if spent and tokens:
        draft["timing.tokens_per_second"] = round(tokens / spent, 3)


@guarded("pricing a call")
def _price(draft: Draft, run: Run, start: RunStart) -> None:
    if draft.get("langchain_cache_hit"):
        bill_nothing(draft)
    elif "cost.total" not in draft and any(handler.prices for handler in run.handlers):
        if _is_whole(draft, run):
            with loading:
                from langchain_respmeta.enrich.prices.price_draft import price_draft

            draft.update(price_draft(draft, start))
        elif any(key.startswith("usage.") for key in draft):
            draft["cost.unpriced_reason"] = _PARTIAL
        elif draft.get("event") != "error":
            draft["cost.unpriced_reason"] = _NOTHING_TOLD


_PARTIAL: Final[UnpricedReason] = "usage_incomplete"
"""Why a call that was not answered to its end has no price: its counts are those of what had come."""

_NOTHING_TOLD: Final[UnpricedReason] = "no_usage"
"""The same of one that told none: whoever gave it up may have to pay for it."""
