"""Send what was looked up after a run was sent as feedback: a sent run cannot be changed."""

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
"""All that is sent, beside numbers, where the client hides anything."""


@guarded("giving feedback")
def send_when_found(
    lookups: Sequence[LookUp], tree: RunTree, handlers: Sequence[Watcher], *, hides: bool
) -> None:
    """Send each look-up's facts as soon as they are found, for every handler that sends feedback.

    Of the run only its ids and destination are kept until then.
    """
    for handler in handlers:
        mine = [
            lookup
            for lookup in lookups
            if keeper_of(handler).rules and any(one is lookup.enricher for one in handler.enrichers)
        ]
        destination = destination_for(tree, handler.client) if mine else None
        if destination is None:
            continue
        target = target_at(destination, tree)
        for lookup in mine:
            key = f"{handler.prefix}_{lookup.enricher.name}"
            lookup.when_found(
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
    """Return one feedback with the facts as value, in the record's form. It never extends the trace's retention.

    Args:
        key: Of the feedback.
        target: The run.
        facts: What was found, by path.
        include_content: Whether texts may be sent.
        hidden: The client hides something: send numbers, and words from a fixed list.
    """
    with loading:
        from langchain_respmeta.langsmith.feedback.rules import items_for
        from langchain_respmeta.langsmith.metadata import nested_record
        from langchain_respmeta.record.draft import merged

    found = {path: value for path, value in facts.items() if value is not None}
    if hidden:
        found = {path: value for path, value in found.items() if path in _WORDS or path.startswith(_NUMBERS)}
    value = nested_record(
        merged(found), include_content=include_content and not hidden, limit=MAX_VALUE_BYTES
    )
    return items_for([_Found(key, value)], found, target, record=_no_record)


@dataclass(frozen=True, slots=True)
class _Found:
    """A rule whose result is what was found."""

    key: str
    value: dict[str, Any]
    config: Config | None = None

    def draft(self, seen: Seen) -> Draft:  # noqa: ARG002 - rules get the run; this one has its facts
        return Draft(value=self.value, routine=True)


def _no_record() -> Any:
    raise AssertionError
