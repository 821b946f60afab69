"""Judge stored runs by the live handler's rules, and count what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._runs.read_outcome import ALONE
from langchain_respmeta._runs.traced_fields import time_of
from langchain_respmeta.handler.live_facts import live_record, with_live_facts
from langchain_respmeta.handler.stored import StoredDrafts, read_stored
from langchain_respmeta.langsmith.feedback.rule import FlatRecord, Rule, Target
from langchain_respmeta.langsmith.feedback.rules import items_for, may_apply
from langchain_respmeta.record.draft import as_dict
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langchain_respmeta._delivery.item import FeedbackItem
    from langchain_respmeta.history.feedback.place import Place
    from langchain_respmeta.history.feedback.run_files import Part
    from langchain_respmeta.record.record import ResponseMetadata

BASE_RETENTION: Final = timedelta(days=14)
"""How long LangSmith keeps a trace that nothing extended."""


@dataclass(slots=True)
class Judged:
    """Counts of runs, by what could be made of them, and of the feedback that they get."""

    read: int = 0
    """All rows."""
    of_other_projects: int = 0
    out_of_range: int = 0
    of_other_types: int = 0
    """Runs of chains, tools, retrievers."""
    unfinished: int = 0
    unreadable: int = 0
    """Calls of models without an answer that can be read: hidden, empty, or in no known form."""
    beyond_retention: int = 0
    """Calls of models that began before LangSmith's base retention."""
    by_key: Counter[str] = field(default_factory=Counter)
    """Feedback by key."""

    @property
    def calls(self) -> int:
        """Calls of models that were judged."""
        left_out = self.of_other_projects + self.out_of_range + self.of_other_types
        return self.read - left_out - self.unfinished - self.unreadable

    def add(self, part: Part) -> None:
        """Count the rows of a part that are not judged."""
        self.read += part.rows
        self.of_other_projects += part.of_other_projects
        self.out_of_range += part.out_of_range
        self.of_other_types += part.of_other_types


@dataclass(frozen=True, slots=True)
class Judge:
    """Makes the feedback of runs."""

    rules: Sequence[Rule]
    place: Place
    include_content: bool
    extend_retention: bool
    now: datetime

    def items(self, part: Part, counts: Judged) -> list[FeedbackItem]:
        """Return the feedback on a part's runs, and count it and them."""
        counts.add(part)
        found = [item for run in part.runs for item in self._of_run(run, counts)]
        counts.by_key.update(item.key for item in found)
        return found

    def _of_run(self, run: Mapping[str, Any], counts: Judged) -> list[FeedbackItem]:
        started = time_of(run["start_time"])
        counts.beyond_retention += started is not None and self.now - started > BASE_RETENTION
        stored = read_stored(run)
        if stored.problem is not None:
            ended = run.get("end_time") is not None or run.get("error") is not None
            counts.unreadable += ended
            counts.unfinished += not ended
            return []
        view, record = self._seen(stored)
        if not may_apply(self.rules, view):
            return []
        return items_for(
            self.rules,
            view,
            Target(
                run_id=str(run["id"]),
                trace_id=str(run.get("trace_id") or run["id"]),
                project=self.place.project,
                api_url=self.place.api_url,
                session_id=self.place.session_id,
                start_time=started,
            ),
            record=record,
            include_content=self.include_content,
            hidden=self.place.hides,
            extend_trace_retention=self.extend_retention,
        )

    def _seen(self, stored: StoredDrafts) -> tuple[FlatRecord, Callable[[], ResponseMetadata]]:
        """What the rules read: the first candidate's draft, which stands for all, with what its handler knew beyond it."""
        draft = stored.drafts[0]
        live = None
        if stored.metadata and (may_apply(self.rules, draft) or ALONE in draft.get("warnings", ())):
            live = live_record(stored.metadata)
        if live is None:
            return as_dict(draft), partial(record_of, draft, include_content=self.include_content)

        def record(*, include_content: bool) -> ResponseMetadata:
            own = record_of(draft, include_content=include_content)
            return with_live_facts(own, live, include_content=include_content, prices=True)

        return flat_view(record(include_content=True)), partial(record, include_content=self.include_content)


def flat_view(record: ResponseMetadata) -> dict[str, Any]:
    """The record as rules read it: a flat mapping with dotted keys, without what was not reported."""
    found: dict[str, Any] = {}
    for each in fields(record):
        value = getattr(record, each.name)
        if is_dataclass(value):
            found |= {f"{each.name}.{name}": part for name, part in _values(value).items()}
        elif isinstance(value, tuple):
            found[each.name] = [_values(one) if is_dataclass(one) else one for one in value]
        else:
            found[each.name] = value
    return {path: value for path, value in found.items() if value is not None and value != []}


def _values(part: Any) -> dict[str, Any]:
    """A part of the record as a dict."""
    return {each.name: getattr(part, each.name) for each in fields(part)}
