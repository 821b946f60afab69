"""From a live run and its end to finished drafts: the one place where reading, timing and pricing meet.

A handler at `on_llm_end` and the seam at the run's patch both come here, whichever is first; the result is the same.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta.answer import RunStart, answers_of
from langchain_respmeta.normalize import drafts_of
from langchain_respmeta.providers._table import Draft

if TYPE_CHECKING:
    from langchain_respmeta._runs import Run

_ZERO: Final = Decimal(0)


def drafts_at_end(run: Run, response: Any) -> list[Draft]:
    """The drafts of a call that ended well."""
    start = run.start()
    drafts = drafts_of(answers_of(response), start) or [
        {"provider": "unknown", "warnings": ["the result holds no generation"]}
    ]
    return _finish(run, drafts, start)


def drafts_at_failure(run: Run, error: BaseException, response: Any) -> list[Draft]:
    """The draft of a call that failed or was abandoned."""
    from langchain_respmeta._failures import draft_of_failure

    start = run.start()
    return _finish(run, [draft_of_failure(error, response, start)], start)


def drafts_at_seam(run: Run, outputs: Any, error: str | None) -> list[Draft]:
    """The drafts from what the tracer wrote on the run: the handler has not heard of the end yet."""
    if error is None:
        return drafts_at_end(run, outputs or {"generations": []})
    from langchain_respmeta._failures import draft_of_traced_failure

    start = run.start()
    return _finish(run, [draft_of_traced_failure(error, sys.exc_info()[1], outputs, start)], start)


def _finish(run: Run, drafts: list[Draft], start: RunStart) -> list[Draft]:
    ended = perf_counter()
    received = datetime.now(UTC)
    for draft in drafts:
        draft["run_id"] = str(run.id)
        if run.parent_id is not None:
            draft["parent_run_id"] = str(run.parent_id)
        draft["received_at"] = received
        draft["streamed"] = run.streamed
        draft["timing.latency_s"] = round(ended - run.started, 6)
    first = drafts[0]
    _time(run, first, ended)
    _recover(run, first)
    _price(first, run, start)
    return drafts


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


def _recover(run: Run, draft: Draft) -> None:
    """A refusal that only stream events showed: LangChain drops it from the final message."""
    if run.refusal is not None and not draft.get("refused"):
        draft["refused"] = True
        draft["refusal.source"] = "message"
        draft["refusal.reason"] = run.refusal


def _price(draft: Draft, run: Run, start: RunStart) -> None:
    if draft.get("langchain_cache_hit"):
        draft.update({"cost.total": _ZERO, "cost.currency": "USD", "cost.source": "computed"})
    elif "cost.total" in draft:
        draft.setdefault("cost.currency", "USD")
        draft.setdefault("cost.source", "provider")
    elif any(handler.prices for handler in run.handlers) and draft.get("finish_reason") != "error":
        from langchain_respmeta._costs import price_draft

        draft.update(price_draft(draft, start))
