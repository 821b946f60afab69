"""What feedback on old runs will take: requests, time and cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta.history.feedback.judge import BASE_RETENTION, Judged

if TYPE_CHECKING:
    from langchain_respmeta.history.feedback.judge import Judge
    from langchain_respmeta.history.feedback.run_files import Part

UPGRADE_USD: Final = 0.0045
"""List price of one trace's way from base to extended retention, by LangSmith's page on usage and billing."""
PRICED_IN: Final = "September 2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What will be sent, how long that takes, and what it costs."""

    project: str
    counts: Judged
    """Of the runs that no earlier run of the same feedback has done."""
    given_before: int
    """Feedback that an earlier run stored: it was sent, is refused, or waits."""
    waiting: int
    """Of that: what waits to be sent."""
    per_minute: int
    traces: int | None
    """Traces that get the dearer retention; None where none does."""
    usd: float = 0.0
    """Cost in US dollars, by list prices."""

    @property
    def requests(self) -> int:
        """Requests that will be sent; each item of feedback is one."""
        return self.counts.by_key.total() + self.waiting

    @property
    def minutes(self) -> float:
        """Least time, at the rate limit."""
        return self.requests / self.per_minute

    def to_dict(self) -> dict[str, Any]:
        """The estimate as plain data."""
        counts = {each.name: getattr(self.counts, each.name) for each in fields(self.counts)}
        by_key = dict(sorted(counts.pop("by_key").items()))
        return {
            "project": self.project,
            "runs": {**counts, "calls": self.counts.calls},
            "requests": self.requests,
            "requests_by_key": by_key,
            "given_before": self.given_before,
            "waiting": self.waiting,
            "per_minute": self.per_minute,
            "minutes": round(self.minutes, 3),
            "extended_traces": self.traces,
            "usd": self.usd,
        }

    def lines(self) -> Iterator[str]:
        """The estimate for people."""
        counts = self.counts
        yield f"runs read         {counts.read:,} of project {self.project!r}: {counts.calls:,} calls of models to judge"
        for number, words in (
            (counts.of_other_types, "of other types (chains, tools)"),
            (counts.of_other_projects, "of other projects"),
            (counts.out_of_range, "outside of the asked time"),
            (counts.unfinished, "not ended"),
            (counts.unreadable, "without an answer that can be read (hidden, empty or unknown)"),
        ):
            if number:
                yield f"                  {number:,} {words}: left out"
        if self.given_before:
            yield f"given before      {self.given_before - self.waiting:,} by an earlier run, which are not sent again"
        yield f"requests          {self.requests:,}"
        for key, number in sorted(counts.by_key.items()):
            yield f"                  {number:,} of {key}"
        if self.waiting:
            yield f"                  {self.waiting:,} left over from an earlier run"
        yield f"time              at least {_span(self.minutes * 60)}, at {self.per_minute:,} requests a minute"
        yield from self._cost()

    def _cost(self) -> Iterator[str]:
        if self.traces is None:
            yield "cost              none: no trace's retention is extended"
        else:
            yield (
                f"cost              about ${self.usd:,.2f}: {self.traces:,} traces move to extended retention, at"
                f" ${UPGRADE_USD} each (LangSmith's list price of {PRICED_IN}; your contract counts)."
            )
            yield "                  LangSmith extends all traces of a thread with them: there may be more"
        if self.counts.beyond_retention:
            yield (
                f"note              {self.counts.beyond_retention:,} calls are older than {BASE_RETENTION.days} days,"
                " LangSmith's base retention. Runs that it has deleted get"
            )
            yield "                  no feedback: those requests are refused, and counted as such"


def estimated(parts: Iterable[Part], judge: Judge, **told: Any) -> Estimate:
    """Judge all runs, and count."""
    counts, traces = Judged(), set[int]()
    for part in parts:
        items = judge.items(part, counts)
        if judge.extend_retention:
            traces.update(hash(item.trace_id) for item in items)
    if not judge.extend_retention:
        return Estimate(counts=counts, traces=None, **told)
    return Estimate(counts=counts, traces=len(traces), usd=round(len(traces) * UPGRADE_USD, 2), **told)


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{max(1, round(seconds))} s" if seconds else "0 s"
