"""All rows through all their integrations, on as many processes as there are cores."""

from __future__ import annotations

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from tests.conformance import expect
from tests.conformance._calls import Caller, Observed, calls_of
from tests.conformance._compare import Finding, compare
from tests.conformance._known import explained
from tests.conformance._raw import RawReport, compare_raw, judge_raw
from tests.conformance._rows import Row
from tests.conformance._server import Server, every_host_is_here
from tests.conformance._targets import targets_of
from tests.leftovers import collected_when_asked

_TRACING: Final = ("LANGSMITH_", "LANGCHAIN_", "RESPMETA_")


@dataclass(slots=True)
class Bad:
    """One finding that is not right, with its place."""

    label: str
    index: int
    mode: str
    finding: Finding

    def __str__(self) -> str:
        found = self.finding
        said = f"expected {found.expected!r:.100}, got {found.got!r:.100}"
        return f"row {self.index} ({self.label}, {self.mode}): {found.name} {found.verdict}: {said}"


@dataclass(slots=True)
class Unread:
    """An answer that the integration itself could not read."""

    label: str
    index: int
    mode: str
    why: str


@dataclass(slots=True)
class Report:
    """What a run over rows found."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often, by (label, field, verdict)."""
    bad: list[Bad] = field(default_factory=list)
    """Wrong, invented and missing values that nothing explains."""
    known: Counter[str] = field(default_factory=Counter)
    """How often a row of `_known` explained one."""
    unread: list[Unread] = field(default_factory=list)
    without: Counter[str] = field(default_factory=Counter)
    """Rows of endpoints that no integration speaks to."""
    absent: Counter[str] = field(default_factory=Counter)
    """Calls of integrations that are not installed here."""
    warned: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    raw: RawReport = field(default_factory=RawReport)
    """The same answers, read as they came."""

    def merge(self, other: Report) -> None:
        """Add another report."""
        for name in ("counts", "known", "without", "absent", "warned", "unmapped", "calls"):
            getattr(self, name).update(getattr(other, name))
        self.bad += other.bad
        self.unread += other.unread
        self.raw.merge(other.raw)


def run(
    answers: Iterable[Row], *, workers: int | None = None, raw_only: bool = False, sample: int | None = None
) -> Report:
    """Replay answers.

    Args:
        answers: Those to be read.
        workers: Processes; as many as cores by default.
        raw_only: Judge raw answers alone, and replay what they are held against.
        sample: How many answers of each endpoint are replayed; all by default.
    """
    picked = list(answers)
    count = min(workers or os.cpu_count() or 1, len(picked) or 1)
    report = Report()
    if count == 1:
        report.merge(_work(picked, raw_only=raw_only, sample=sample))
        return report
    # Neighbours in the file are of one provider: one after the other to each process, all finish together.
    parts = [picked[start::count] for start in range(count)]
    with ProcessPoolExecutor(count) as pool:
        for part in pool.map(partial(_work, raw_only=raw_only, sample=sample), parts):
            report.merge(part)
    return report


def _work(picked: list[Row], *, raw_only: bool = False, sample: int | None = None) -> Report:
    report = Report()
    replayed: Counter[str] = Counter()
    with _apart(), collected_when_asked(), Server() as server, every_host_is_here():
        caller = Caller(server)
        for count, row in enumerate(picked):
            judge_raw(row, report.raw)
            endpoint = f"{row.provider} {row.kind} {row.framing}"
            replayed[endpoint] += 1
            if sample is None or replayed[endpoint] <= sample:
                _row(row, caller, report, raw_only=raw_only)
            if count % 25 == 0:
                # What is given up is young, and to look through all the models takes long.
                gc.collect(2 if count % 500 == 0 else 1)
    return report


@contextmanager
def _apart() -> Iterator[None]:
    """Without the surroundings' tracing, and without logs: integrations log what they cannot read."""
    kept, before = dict(os.environ), logging.root.manager.disable
    for name in [name for name in os.environ if name.startswith(_TRACING)]:
        del os.environ[name]
    os.environ["LANGSMITH_TRACING"] = "false"
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
        os.environ.clear()
        os.environ.update(kept)


def _row(row: Row, caller: Caller, report: Report, *, raw_only: bool = False) -> None:
    targets = targets_of(row)
    if not targets:
        report.without[f"{row.provider} {row.kind}"] += 1
    for call in calls_of(row, targets):
        if not call.target.installed:
            report.absent[call.label] += 1
            continue
        if raw_only and (call.mode == "v3" or call.with_headers or row.failed):
            continue
        report.calls[call.label] += 1
        seen = caller.make(call)
        if not raw_only:
            judge(seen, report)
        if seen.error is None and not call.with_headers:
            compare_raw(row, call.target, call.mode, seen.requested, seen.records, report.raw)


def judge(seen: Observed, report: Report) -> None:
    """Hold the records of one call against what the raw answer says."""
    call = seen.call
    if seen.error is not None and not call.row.failed:
        why = f"{type(seen.error).__name__}: {seen.error}"
        report.unread.append(Unread(call.label, call.row.index, call.way, why))
        return
    expected = expect.expectations(call.row, call.target, seen)
    for number in range(len(seen.records), len(expected)):
        _count(Finding("record", "missing", f"the record of answer {number}", None), seen, report)
    for one, record in zip(expected, seen.records, strict=False):
        report.warned.update(f"{call.label}: {text}" for text in record.warnings)
        report.unmapped.update(f"{call.label}: {text}" for text in record.unmapped)
        for finding in compare(one, record, seen.probe):
            _count(finding, seen, report)


def _count(finding: Finding, seen: Observed, report: Report) -> None:
    call = seen.call
    if finding.verdict in ("wrong", "invented", "missing"):
        reason = explained(call, finding)
        if reason is not None:
            report.known[reason] += 1
            report.counts[call.label, finding.name, "known"] += 1
            return
        report.bad.append(Bad(call.label, call.row.index, call.way, finding))
    report.counts[call.label, finding.name, finding.verdict] += 1
