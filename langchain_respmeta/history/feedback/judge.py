"""Judge stored runs by the live handler's rules, and count what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._runs.read_outcome import ALONE
from langchain_respmeta._runs.traced_fields import time_of
from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.history.live_drafts import with_live_facts_of
from langchain_respmeta.history.rows import has_ended
from langchain_respmeta.langsmith.feedback.rule import Rule, Target
from langchain_respmeta.langsmith.feedback.rules import items_for, may_apply
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langchain_respmeta._delivery.item import FeedbackItem
    from langchain_respmeta.history.feedback.place import Place
    from langchain_respmeta.history.feedback.run_files import Part

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
        started = time_of(run.get("start_time"))
        counts.beyond_retention += started is not None and self.now - started > BASE_RETENTION
        stored = read_stored(run)
        if stored.problem is not None:
            ended = has_ended(run)
            counts.unreadable += ended
            counts.unfinished += not ended
            return []
        draft = stored.drafts[0]
        if not (may_apply(self.rules, draft) or ALONE in draft.get("warnings", ())):
            return []  # what its handler knew beyond it makes no call exceptional
        draft = with_live_facts_of(stored, include_content=True, prices=True)
        return items_for(
            self.rules,
            draft,
            Target(
                run_id=str(run["id"]),
                trace_id=str(run.get("trace_id") or run["id"]),
                project=self.place.project,
                api_url=self.place.api_url,
                session_id=self.place.session_id,
                start_time=started,
            ),
            record=partial(record_of, draft, include_content=self.include_content),
            include_content=self.include_content,
            hidden=self.place.hides,
            extend_trace_retention=self.extend_retention,
        )
