"""What was looked up after a run was sent, as feedback on it: the run itself cannot be changed any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._delivery.item import Config, FeedbackItem
from langchain_respmeta._process.faults import guarded
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._runs.run import keeper_of
from langchain_respmeta.langsmith.feedback.rule import Draft, Seen, Target
from langchain_respmeta.langsmith.feedback.send import destination_for, target_at

if TYPE_CHECKING:
    from langsmith import Client
    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import LookUp, Watcher
    from langchain_respmeta.enrich.enricher import Facts

MAX_VALUE_BYTES: Final = 8_192

_NUMBERS: Final = ("usage.", "cost.", "timing.")
_WORDS: Final = frozenset(
    {
        "api",
        "cancelled",
        "finish_reason",
        "model",
        "native_finish_reason",
        "provider",
        "refused",
        "response_id",
        "routing.attempts",
        "routing.is_byok",
        "routing.upstream_provider",
        "service_tier",
        "streamed",
        "truncated",
    }
)
"""All that leaves, beside numbers, where the client hides anything."""


@guarded("giving feedback")
def send_when_found(
    laters: Sequence[LookUp], tree: RunTree, handlers: Sequence[Watcher], *, hides: bool
) -> None:
    """Have each look-up's facts sent as soon as they are there, to every handler that gives feedback at all.

    Nothing of the run is kept until then but where it is.
    """
    for handler in handlers:
        mine = [
            later
            for later in laters
            if keeper_of(handler).rules and any(one is later.enricher for one in handler.enrichers)
        ]
        destination = destination_for(tree, handler.client) if mine else None
        if destination is None:
            continue
        target = target_at(destination, tree)
        for later in mine:
            key = f"{handler.prefix}_{later.enricher.name}"
            later.when_found(
                partial(_send, key, target, destination.client, content=handler.include_content, hidden=hides)
            )


@guarded("giving feedback")
def _send(key: str, target: Target, client: Client, facts: Facts, *, content: bool, hidden: bool) -> None:
    with loading:
        from langchain_respmeta._delivery import service

    service.submit(partial(items_of, key, target, facts, include_content=content, hidden=hidden), client)


def items_of(
    key: str, target: Target, facts: Facts, *, include_content: bool, hidden: bool
) -> list[FeedbackItem]:
    """One feedback with the facts as value, in the record's form. It never extends the trace's retention.

    Args:
        key: Of the feedback.
        target: The run.
        facts: What was found, by path.
        include_content: Whether texts may leave.
        hidden: The client hides something: numbers, and words from a fixed list.
    """
    with loading:
        from langchain_respmeta.langsmith.feedback.rules import items_for
        from langchain_respmeta.langsmith.metadata import nested_record
        from langchain_respmeta.record.draft import merged

    told = {path: value for path, value in facts.items() if value is not None}
    if hidden:
        told = {path: value for path, value in told.items() if path in _WORDS or path.startswith(_NUMBERS)}
    value = nested_record(merged(told), include_content=include_content and not hidden, limit=MAX_VALUE_BYTES)
    return items_for([_Found(key, value)], told, target, record=_no_record)


@dataclass(frozen=True, slots=True)
class _Found:
    """A rule that says what was found."""

    key: str
    value: dict[str, Any]
    config: Config | None = None

    def draft(self, seen: Seen) -> Draft:  # noqa: ARG002 - rules are shown the record; this one knows
        return Draft(value=self.value, routine=True)


def _no_record() -> Any:
    raise AssertionError
