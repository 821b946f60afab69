"""Read how a run ended into its drafts: an answer, a failure, or a tracer's copy of either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from langchain_respmeta._process.faults import report
from langchain_respmeta._reading.failures import draft_of_failure, draft_of_traced_failure
from langchain_respmeta._reading.read import drafts_of, read_nothing
from langchain_respmeta._reading.stream_repair import SILENT, recover
from langchain_respmeta._runs.outcome import Answered, Failed, TracedFailure
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import IS_CUT, ReadDraft
from langchain_respmeta.providers.raw.recognize import any_answers_of

if TYPE_CHECKING:
    from uuid import UUID

    from langchain_respmeta._reading.compiled.table import CompiledReader
    from langchain_respmeta._runs.run import Run


class ReadOutcome(NamedTuple):
    """How a run ended, as read."""

    drafts: list[ReadDraft]
    """One for each candidate, at least one, whatever came back."""
    compiled: CompiledReader | None = None
    """What read the first one, if that was a compiled reader."""
    is_unread: bool = False
    """Whether no reader recognized what came back."""


def read_outcome(run: Run, start: RunStart) -> ReadOutcome:
    """Read how a run ended."""
    outcome, seen = run.outcome, run.is_streamed
    streamed, compiled, is_unread = bool(seen), None, False
    if isinstance(outcome, Failed):
        drafts = [draft_of_failure(outcome.error, outcome.response, start, run.stream)]
    elif isinstance(outcome, TracedFailure):
        drafts = [draft_of_traced_failure(outcome.error, outcome.live, outcome.outputs, start, run.stream)]
    else:
        answers = any_answers_of(outcome.response if outcome is not None else None)
        chunks_tell = seen is None or start.integration in SILENT
        streamed = streamed or any([one.is_protocol or (chunks_tell and one.is_chunk) for one in answers])  # noqa: C419 - faster
        drafts = _read_answers(run, answers, start, outcome, streamed=streamed)
        compiled = answers[0].compiled if answers else None
        is_unread = not answers or answers[0].is_unread
    for draft in drafts:
        draft["streamed"] = streamed
    return ReadOutcome(drafts, compiled, is_unread)


def _read_answers(
    run: Run, answers: list[Answer], start: RunStart, outcome: Answered | None, *, streamed: bool
) -> list[ReadDraft]:
    if len(answers) == 1 and run.stream is not None:
        try:
            answers[0].bind()
            recover(answers[0], run.stream, start.integration)
        except Exception as fault:  # noqa: BLE001 - a fault in the repair costs the repair alone
            report("putting together what a stream said in passing", fault)
    is_alone = run.stream is None and bool(answers) and answers[0].is_protocol
    if is_alone and not _shows_output(answers[0]):
        answers[0].unsaid |= {"refused"}
    drafts = drafts_of(answers, start) or [read_nothing(start)]
    if is_alone:
        tell_alone(drafts[0])
    if any("langchain_cache_hit" in draft for draft in drafts) and not _is_repeat(run, answers, outcome):
        for draft in drafts:
            draft.pop("langchain_cache_hit", None)
    is_told = start.integration not in TELL_NO_END and not (answers and "truncated" in answers[0].unsaid)
    if streamed and is_told and is_cut(drafts[0]):
        drafts[0][IS_CUT] = True
        drafts[0].setdefault("warnings", []).append(CUT)
    return drafts


CUT: Final = "the stream ended without the provider's last word: no finish reason came"
"""The warning of a stream that broke off without an exception: its counts, if any, are not those of the whole call."""


ALONE: Final = "a protocol stream (v3) without its events: its message may lack details of usage, citations, logprobs and a refusal"
"""The warning of a message of which the events were not seen, as in a stored run: what it costs is not known for sure."""


def tell_alone(draft: ReadDraft) -> None:
    """Tell of a protocol stream's message whose events were not seen."""
    draft[IS_CUT] = True
    draft.setdefault("warnings", []).append(ALONE)


def _shows_output(answer: Answer) -> bool:
    """Whether a message has anything in it: an OpenAI model's refusal is in the events alone."""
    return bool(answer.content or answer.tool_calls or answer.invalid_tool_calls)


def is_cut(draft: ReadDraft) -> bool:
    """Whether a stream's answer lacks its end. A plain model's text does not show it."""
    return (
        draft.get("role") is not None
        and "finish_reason" not in draft
        and "native_finish_reason" not in draft
        and not draft.get("langchain_cache_hit")
    )


TELL_NO_END: Final = frozenset({"ChatDatabricks", "ChatLiteLLM", "ChatLiteLLMRouter"})
"""Classes whose streams have no finish reason (ChatDatabricks through the Responses API, ChatLiteLLM always)."""


def is_whole(draft: ReadDraft, run: Run) -> bool:
    """Whether an answer was read to its end, with the counts of all of it: then it is billed, and priced.

    A call that failed or was cancelled may have been answered whole; otherwise its counts are those of the part that came.
    """
    if isinstance(run.outcome, Failed | TracedFailure):
        return "native_finish_reason" in draft and (run.stream is None or run.stream.counts_are_last())
    return not draft.get(IS_CUT)


def _is_repeat(run: Run, answers: Sequence[Answer], outcome: Answered | None) -> bool:
    """Whether a marked answer came out of a cache."""
    return (outcome is None or outcome.is_repeat is not False) and not _named_after(run, answers)


def _named_after(run: Run, answers: Sequence[Answer]) -> bool:
    """Whether core named the message after this run: then this call made it, whatever marks it has.

    The cache may give the message to a concurrent call, and mark it, before this call's end is reported.
    """
    return any(answer.message_id is not None and _names(answer.message_id, run.id) for answer in answers)


def _names(message_id: str, run_id: UUID) -> bool:
    """Whether the message's id contains the run's, in capitals perhaps, or without its hyphens."""
    return str(run_id) in message_id or run_id.hex in message_id.replace("-", "").lower()
