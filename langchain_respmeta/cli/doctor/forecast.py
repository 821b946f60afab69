"""What will happen to a model run, by all findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from langchain_respmeta.cli.doctor.finding import Case, Finding

_Rule = tuple[Callable[[Case], object], Callable[[Case], str]]

_NO_METADATA: Final[tuple[_Rule, ...]] = (
    (lambda case: case.seam, lambda case: f"nothing is put on the run: {case.seam}"),
    (
        lambda case: not case.settings["metadata"],
        lambda _: "nothing is put on the run: RESPMETA_METADATA is off",
    ),
    (lambda case: not case.traces, lambda _: "goes nowhere: LangSmith's tracing is off"),
    (lambda case: case.no_client, lambda _: "goes nowhere: LangSmith's client cannot be made"),
    (
        lambda case: "HIDE_METADATA" in case.hidden,
        lambda _: "the SDK takes it off again: LANGSMITH_HIDE_METADATA removes all metadata, ours too",
    ),
)
"""The first that applies is why a run has no metadata."""

_NO_FEEDBACK: Final[tuple[_Rule, ...]] = (
    (lambda case: case.settings["feedback"] is False, lambda _: "none: RESPMETA_FEEDBACK is off"),
    (lambda case: case.seam, lambda case: f"none: {case.seam}"),
    (lambda case: not case.traces, lambda _: "none: there is no run in LangSmith to give it on"),
    (lambda case: case.no_client, lambda _: "none: LangSmith's client cannot be made"),
    (
        lambda case: case.mode == "otel",
        lambda _: "none: a span does not carry the run's id, so there is nothing to give it on",
    ),
    (lambda case: case.no_feedback, lambda case: f"none: {case.no_feedback}"),
)


def forecast(case: Case) -> Iterator[Finding]:
    """Forecast where record, metadata and feedback will be, or why not."""
    every = "each model call" if case.enabled else "each watched model call"
    yield Finding("ok", "→ record", f"{every} has one, in handler.records and handler.summary()")
    yield _metadata(case)
    yield _feedback(case)


def _first(rules: tuple[_Rule, ...], case: Case) -> str | None:
    return next((say(case) for holds, say in rules if holds(case)), None)


def _metadata(case: Case) -> Finding:
    if (why := _first(_NO_METADATA, case)) is not None:
        return Finding("note", "→ metadata", why)
    prefix = case.settings["prefix"]
    if case.mode == "otel":
        return Finding(
            "ok", "→ metadata", f"{prefix}_* leave as span attributes langsmith.metadata.{prefix}_*"
        )
    record = "" if case.hidden else f" and the record under {prefix!r}"
    return Finding(
        "ok",
        "→ metadata",
        f"{prefix}_*{record} ride the run to project {case.project!r} at {case.endpoint}, its sums the root run",
    )


def _feedback(case: Case) -> Finding:
    if (why := _first(_NO_FEEDBACK, case)) is not None:
        return Finding("note", "→ feedback", why)
    what = {
        "exceptions": "for what is exceptional, one request each, usually under 5 % of the calls",
        "all": "up to twelve for each call, one request each",
    }[case.settings["feedback"]]
    retention = (
        "and moves those traces to extended retention, as RESPMETA_EXTEND_TRACE_RETENTION asks"
        if case.settings["extend_trace_retention"]
        else "and leaves the traces' retention alone"
    )
    kept = "memory (see outbox)" if case.outbox else "the outbox"
    if case.server:
        return Finding(
            "note", "→ feedback", f"{what}; it waits in {kept} until {case.endpoint} takes it: {case.server}"
        )
    return Finding("ok", "→ feedback", f"{what}, by way of {kept}; {retention}")


def verdict(found: list[Finding], case: Case) -> Finding:
    """Return the verdict; its level decides the command's exit code."""
    problems = dict.fromkeys(finding.subject for finding in found if finding.level == "problem")
    if problems:
        return Finding("problem", "verdict", f"something will be missing; see {', '.join(problems)}")
    if not case.traces:
        return Finding("note", "verdict", "nothing is wrong; records stay in this process")
    return Finding("ok", "verdict", "nothing is wrong")
