"""What happens to an ended run: `PIPELINE`, from its end to finished drafts.

The handler's end and the run's patch both lead here, in any order, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from langchain_respmeta._agents.call_notes import join_answer
from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.cost import bill_nothing
from langchain_respmeta._runs.lookups import lookups_of
from langchain_respmeta._runs.read_outcome import is_whole, read_outcome
from langchain_respmeta._runs.run import allowed_of
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta.providers.engine.scratch import ReadDraft, drop_scratch
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.own_facts import own_facts

if TYPE_CHECKING:
    from langchain_respmeta._reading.compiled.table import CompiledReader
    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.enrich.prices.plan import Plan
    from langchain_respmeta.enrich.prices.price import UnpricedReason
    from langchain_respmeta.providers.engine.run_start import RunStart


@dataclass(slots=True)
class RunDrafts:
    """An ended run on its way through the pipeline."""

    run: Run
    start: RunStart
    ended: float
    """`perf_counter` at its end."""
    drafts: list[ReadDraft]
    """One for each candidate."""
    compiled: CompiledReader | None
    """What read the first one, if that was a compiled reader."""
    is_unread: bool
    """Whether no reader recognized what came back."""

    @property
    def draft(self) -> ReadDraft:
        """The first draft, which alone has usage, cost and times."""
        return self.drafts[0]


def read_run(run: Run) -> list[Draft]:
    """Read an ended run into its drafts.

    Raises:
        Exception: whatever reading the outcome raises. A fault in a later step costs that step alone.
    """
    if run.stream is not None:
        run.stream.look()
    return read_by(PIPELINE, run, start_of(run), perf_counter() if run.ended is None else run.ended)


def read_by(steps: Sequence[tuple[str, Step]], run: Run, start: RunStart, ended: float) -> list[Draft]:
    """Read an ended run, and take its drafts through these steps."""
    one = RunDrafts(run, start, ended, *read_outcome(run, start))
    for doing, step in steps:
        try:
            step(one)
        except Exception as fault:  # noqa: BLE001 - a fault in one step costs that step alone
            report(doing, fault)
    drafts: list[Draft] = [*one.drafts]
    return drafts


def add_ids(one: RunDrafts) -> None:
    """Add ids, and when and after how long the end came."""
    run = one.run
    run_id, latency = str(run.id), round(one.ended - run.started, 6)
    parent_id = None if run.parent_id is None else str(run.parent_id)
    for draft in one.drafts:
        draft["run_id"] = run_id
        if parent_id is not None:
            draft["parent_run_id"] = parent_id
        if run.received_at is not None:
            draft["received_at"] = run.received_at
        draft["timing.latency_s"] = latency


def add_own_facts(one: RunDrafts) -> None:
    """Add what the run says of itself: its name, thread, agent, node and step, and what its handlers allow besides."""
    run = one.run
    name = run.name or class_of(run.serialized)
    facts = cast("ReadDraft", own_facts(name, run.metadata, run.tags, allowed_of(run)))
    for draft in one.drafts:
        draft.update(facts)


def class_of(serialized: Any) -> Any:
    """What tracers call a run without a name."""
    if serialized.__class__ is not dict and not isinstance(serialized, Mapping):  # the second check is slow
        return None
    path = serialized.get("id")
    return serialized.get("name") or (path[-1] if isinstance(path, list) and path else None)


def add_times(one: RunDrafts) -> None:
    """Add the times of the first chunk and token, and the speed if the provider does not report it."""
    tell_times_of(one.run, one.drafts[0], one.ended)


def tell_times_of(run: Run, draft: ReadDraft, ended: float) -> None:
    """The same for a draft."""
    started = run.started
    tell_times(
        draft,
        ended - started,
        None if run.first_chunk is None else run.first_chunk - started,
        None if run.first_token is None else run.first_token - started,
    )


def tell_times(draft: ReadDraft, lasted: float, first_chunk: float | None, first_token: float | None) -> None:
    """The same of seconds since the start."""
    if first_chunk is not None:
        draft["timing.time_to_first_chunk_s"] = round(first_chunk, 6)
    if first_token is not None:
        draft["timing.time_to_first_token_s"] = round(first_token, 6)
    if "timing.tokens_per_second" in draft:
        return
    spent = draft.get("timing.completion_s") or draft.get("timing.generation_s")
    if spent is None and first_token is not None:
        spent = lasted - first_token
    tokens = draft.get("usage.output_tokens")
    if spent and tokens:
        draft["timing.tokens_per_second"] = round(tokens / spent, 3)


def add_price(one: RunDrafts) -> None:
    """Add the list price, if the provider did not report what it charged; else why there is none."""
    add_price_if(one, wanted=any([handler.prices for handler in one.run.handlers]))  # noqa: C419 - faster


def add_price_if(one: RunDrafts, *, wanted: bool) -> None:
    """Add the price of a call; the list price only where it is wanted."""
    draft = one.drafts[0]
    if draft.get("langchain_cache_hit"):
        bill_nothing(draft)
    elif wanted and "cost.total" not in draft:
        if is_whole(draft, one.run):
            draft.update(cast("ReadDraft", price_of(draft, one.start, one.compiled)))
        else:
            tell_unpriced(draft)


def tell_unpriced(draft: ReadDraft) -> None:
    """Tell why an answer that is not whole has no price."""
    if any(key.startswith("usage.") for key in draft):
        draft["cost.unpriced_reason"] = _PARTIAL
    elif draft.get("event") != "error":
        draft["cost.unpriced_reason"] = _NOTHING_TOLD


def price_of(draft: ReadDraft, start: RunStart, compiled: CompiledReader | None) -> Mapping[str, object]:
    """The cost of a whole answer, by the compiled reader's price plan if it has one that fits."""
    price_draft, plan_for = _pricing()
    if compiled is None:
        return price_draft(draft, start)
    streamed, plans = bool(draft.get("streamed")), compiled.plans
    plan = plans.get(streamed)
    cost = None if plan is None else plan(draft)
    if cost is not None:
        return cost
    cost = price_draft(draft, start)
    if streamed not in plans and cost.get("cost.unpriced_reason") != _NOT_READY:
        plans[streamed] = None
        copy = cast("Draft", dict(draft))

        def make() -> None:
            plans[streamed] = plan_for(copy, start)

        STATE[READERS].do_later(make)
    return cost


_NOT_READY: Final = "prices_loading"


@cache
def _pricing() -> tuple[
    Callable[[Draft, RunStart], dict[str, object]], Callable[[Draft, RunStart], Plan | None]
]:
    """Import what prices at the first call: it takes longer than a call may wait."""
    with loading:
        from langchain_respmeta.enrich.prices.price_draft import plan_for, price_draft

    return price_draft, plan_for


_PARTIAL: Final[UnpricedReason] = "usage_incomplete"
"""Why a call that was not answered to its end has no price: its counts are those of the part that came."""

_NOTHING_TOLD: Final[UnpricedReason] = "no_usage"
"""The same without counts: a cancelled call may have to be paid, too."""


def drop_price_facts(one: RunDrafts) -> None:
    """Drop what only the price needed, whatever became of it."""
    drop_scratch(one.draft)


def begin_lookups(one: RunDrafts) -> None:
    """Make the look-ups that enrichers want; they start when the drafts are kept."""
    for handler in one.run.handlers:
        if handler.enrichers:
            one.run.lookups = lookups_of(one.run, one.draft, one.start, one.ended)
            return


def join_tools(one: RunDrafts) -> None:
    """Join the answer's tool calls and attempts to what agents know."""
    first = one.drafts[0]
    if one.run.notes is not None or "tool_calls" in first or first.get("event") == "error":
        join_answer(one.run, one.drafts)


Step: TypeAlias = Callable[[RunDrafts], None]

JOIN: Final = ("joining an answer to its tools", join_tools)
PIPELINE: Final[tuple[tuple[str, Step], ...]] = (
    ("naming a run", add_ids),
    ("reading a run's own facts", add_own_facts),
    ("measuring a call's times", add_times),
    ("pricing a call", add_price),
    ("pricing a call", drop_price_facts),
    ("asking the enrichers", begin_lookups),
    JOIN,
)
"""What happens to an ended run once its outcome is read, in this order: a word for a fault's report, and the step.

Each step adds to the drafts; none knows the next.
"""
