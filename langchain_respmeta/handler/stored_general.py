"""The general reading of a stored run, of any form: what `stored_rows` is measured by, and leaves to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.normalize import with_provider
from langchain_respmeta._runs.ids import id_of
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta._runs.traced_fields import TracedFields, traced_fields_of
from langchain_respmeta._runs.traced_run import MODEL_TYPES, TracedRun, is_models
from langchain_respmeta.handler.pipeline import (
    RunDrafts,
    Step,
    add_price_if,
    add_times,
    drop_price_facts,
    read_by,
    read_run,
)
from langchain_respmeta.providers.engine.run_start import NAMED
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.record.allowed_facts import NO_MORE, Allowed
from langchain_respmeta.record.own_facts import own_facts

if TYPE_CHECKING:
    from langchain_respmeta.record.draft import Draft


class StoredDrafts(NamedTuple):
    """A stored run, as read."""

    drafts: list[Draft]
    """One for each candidate, at least one; with a problem, one that holds its ids and says it in a warning."""
    problem: str | None = None
    """Why nothing of its answer could be read."""
    metadata: Mapping[str, Any] | None = None
    """The run's metadata, where a live record may be."""


def read_generally(
    run: Any, *, provider: str | None = None, prices: bool = True, more: Allowed = NO_MORE
) -> StoredDrafts:
    """Read a stored run step by step.

    Raises:
        ProviderError: Nobody is known by the name of `provider`.
    """
    fields = TracedFields()
    try:
        fields = traced_fields_of(run)
        problem = _problem(run, fields)
    except Exception as fault:  # noqa: BLE001 - a foreign object may raise when it is read
        report("looking at a stored run", fault)
        problem = f"the run could not be looked at ({type(fault).__name__})"
    if problem is not None:
        stored = StoredDrafts([_unread(fields, problem)], problem, fields.metadata)
    else:
        stored = _read(fields, provider, prices=prices)
    try:
        tell_own_facts(stored.drafts, fields.name, fields.metadata, fields.tags, more)
    except Exception as fault:  # noqa: BLE001 - a foreign mapping may raise when it is read: the record is without them
        report("reading a run's own facts", fault)
    return stored


def tell_own_facts(
    drafts: Sequence[Draft], name: Any, metadata: Mapping[str, Any] | None, tags: Any, more: Allowed
) -> None:
    """Add what the run says of itself, in the end: some runs have more of it than others."""
    facts = cast("Draft", own_facts(name, metadata, tags, more))
    for draft in drafts:
        draft.update(facts)


def _problem(run: object, fields: TracedFields) -> str | None:
    """Why this is no run to be read."""
    if not fields.is_run:
        return f"expected a stored run, got {type(run).__name__} without the fields of one"
    if not is_models(fields):
        known = " or ".join(sorted(MODEL_TYPES))
        return f"a run of type {fields.run_type!r} holds no model's answer: expected {known}"
    if not fields.has_ended:
        return "the run has not ended, or neither its outputs nor its error were selected"
    if not fields.outputs and fields.error is None:
        return "; ".join(fields.faults) or "the run's outputs are empty, hidden, or were not selected"
    return None


def _unread(fields: TracedFields, problem: str) -> Draft:
    draft: Draft = {"provider": "unknown", "warnings": [problem]}
    _identify(draft, fields)
    return draft


def _read(fields: TracedFields, provider: str | None, *, prices: bool) -> StoredDrafts:
    put = _name_put_on(fields)
    stored = _read_as(fields, provider, prices=prices)
    if (
        provider is None
        and put is not None
        and stored.problem is None
        and stored.drafts[0].get("provider") != put
    ):
        stored = _read_as(fields, put, prices=prices)  # the live one knew better: its caller named it
    return stored


def _name_put_on(fields: TracedFields) -> str | None:
    """The provider that a handler put on the run, taken off it: under that key a caller names the provider of a call."""
    if NAMED not in fields.metadata or f"{_PREFIX}schema_version" not in fields.metadata:
        return None
    fields.metadata = {**fields.metadata}
    name = fields.metadata.pop(NAMED)
    return REGISTRY.name_of(name) if isinstance(name, str) else None


_PREFIX: Final = NAMED.removesuffix("provider")


def _read_as(fields: TracedFields, provider: str | None, *, prices: bool) -> StoredDrafts:
    run = TracedRun(fields, read_run)
    run.note_end()
    start = start_of(run, is_stored=True)
    if provider is not None:
        start = with_provider(start, provider)
    if prices:
        load_prices()
    drafts = read_by(_PRICED if prices else _UNPRICED, run, start, run.ended or 0.0)
    if STATE[READERS].has_work:  # who reads one after the other has the time
        STATE[READERS].work_off()
    first = drafts[0]
    if run.is_unread:
        return StoredDrafts(drafts, "; ".join(first.get("warnings", ())), fields.metadata)
    if fields.faults:
        first.setdefault("warnings", []).extend(fields.faults)
    return StoredDrafts(drafts, metadata=fields.metadata)


@cache
def load_prices() -> None:
    """Wait for the price data, once: who reads what is stored has the time."""
    with loading:
        from langchain_respmeta.enrich.prices.price import preload
    preload(wait=True)


def _identify(draft: Draft, fields: TracedFields) -> None:
    """Add ids, and when and after how long the end came."""
    if fields.id is not None:
        draft["run_id"] = text_of_id(fields.id)
    if fields.parent_run_id is not None:
        draft["parent_run_id"] = text_of_id(fields.parent_run_id)
    if fields.trace_id is not None:
        draft["trace_id"] = text_of_id(fields.trace_id)
    if fields.end_time is not None:
        draft["received_at"] = fields.end_time
        if fields.start_time is not None:
            draft["timing.latency_s"] = round((fields.end_time - fields.start_time).total_seconds(), 6)


def text_of_id(given: Any) -> str:
    """An id as text; a UUID's usual text is that already."""
    return given if given.__class__ is str and len(given) == UUIDS_LENGTH else str(id_of(given))


UUIDS_LENGTH: Final = 36


def _add_ids(one: RunDrafts) -> None:
    run = cast("TracedRun", one.run)
    run.is_unread = one.is_unread
    for draft in one.drafts:
        _identify(draft, run.fields)


def _add_times(one: RunDrafts) -> None:
    if one.run.ended is not None:
        add_times(one)


def _add_list_price(one: RunDrafts) -> None:
    """Price a call by the lists of its own time; without the time of its end, of its start."""
    draft, started = one.draft, cast("TracedRun", one.run).fields.start_time
    if "received_at" in draft or started is None:
        add_price_if(one, wanted=True)
        return
    draft["received_at"] = started
    add_price_if(one, wanted=True)
    del draft["received_at"]


def _add_no_list_price(one: RunDrafts) -> None:
    add_price_if(one, wanted=False)


def _steps(price: Step) -> tuple[tuple[str, Step], ...]:
    return (
        ("naming a run", _add_ids),
        ("measuring a call's times", _add_times),
        ("pricing a call", price),
        ("pricing a call", drop_price_facts),
    )


_PRICED: Final = _steps(_add_list_price)
_UNPRICED: Final = _steps(_add_no_list_price)
"""What happens to a stored run once its outcome is read: nothing of this process's calls, tools or look-ups."""
