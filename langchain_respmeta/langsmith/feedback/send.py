"""Hand a finished run's feedback over to the worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta._runs.run import keeper_of
from langchain_respmeta.langsmith.destination import Destination, destination_of
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langsmith import Client
    from langsmith.run_trees import RunTree

    from langchain_respmeta._delivery.service import Delivery
    from langchain_respmeta._runs.run import Watcher
    from langchain_respmeta.langsmith.feedback.rules import Rule, Target
    from langchain_respmeta.record.draft import Draft

logger: Final = logging.getLogger("langchain_respmeta")


def send_feedback(draft: Draft, tree: RunTree, handlers: Sequence[Watcher], *, hides: bool) -> None:
    """Hand one run's feedback over to the worker, which applies the rules on its own thread.

    Several handlers' items with one id are one item.
    """
    try:
        for handler in handlers:
            if rules := keeper_of(handler).rules:
                _send(draft, tree, handler, rules, hides=hides)
    except Exception as fault:  # noqa: BLE001 - a fault in the feedback costs the feedback alone
        report("giving feedback", fault)


def _send(draft: Draft, tree: RunTree, handler: Watcher, rules: Sequence[Rule], *, hides: bool) -> None:
    applies = _may_apply()(rules, draft)
    if not applies and STATE[_RESUMED] and not getattr(tree, "replicas", None):
        return  # most runs: nothing to say, and a destination that nobody has to be warned of
    destination = destination_for(tree, handler.client)
    if destination is None:
        return
    client = destination.client
    _resume_once(client)
    if not applies:
        return
    with loading:
        from langchain_respmeta._delivery import service
        from langchain_respmeta.langsmith.feedback.rules import items_for

    ask = partial(
        items_for,
        rules,
        draft,
        target_at(destination, tree),
        record=partial(record_of, draft, include_content=handler.include_content),
        include_content=handler.include_content,
        hidden=hides,
        extend_trace_retention=handler.extend_trace_retention,
    )
    service.submit(ask, client)


@cache
def _may_apply() -> Callable[[Sequence[Rule], Draft], bool]:
    """Import the rules at the first need."""
    with loading:
        from langchain_respmeta.langsmith.feedback.rules import may_apply

    return may_apply


def destination_for(tree: RunTree, client: Client | None) -> Destination | None:
    """Return where feedback on the run may be written; where there is none, warn once."""
    destination = destination_of(tree, client)
    if destination is None:
        warn_once(logger, _ONLY_COPIES, _ONLY_COPIES)
    return destination


def target_at(destination: Destination, tree: RunTree) -> Target:
    """Return the run as feedback names it."""
    with loading:
        from langchain_respmeta.langsmith.feedback.rules import Target

    return Target(
        run_id=tree.id,
        trace_id=tree.trace_id,
        project=destination.project,
        api_url=destination.client.api_url,
        session_id=tree.session_id,
        start_time=tree.start_time,
        address=destination.address,
    )


_RESUMED: Final = Part[set[str]](set)
"""Not empty once this process has looked for what an earlier one left in the outbox."""


def _resume_once(client: Client) -> None:
    if not STATE[_RESUMED]:
        STATE[_RESUMED].add("outbox")
        with loading:
            from langchain_respmeta._delivery import service

        service.resume(client)


_ONLY_COPIES: Final = (
    "No feedback is sent for runs that are written only to replicas under other ids, or with credentials that are no "
    "API key; the facts are in their metadata, with the original run's ids (copy_of in provider_data). Make one replica the "
    "primary, or pass its client: RespMetaHandler(client=...)"
)


def delivery() -> Delivery:
    """Return the counts of this process's feedback."""
    with loading:
        from langchain_respmeta._delivery import service

    return service.delivery()


def flush(timeout: float) -> bool:
    """Wait for delivery."""
    with loading:
        from langchain_respmeta._delivery import service

    return service.flush(timeout)
