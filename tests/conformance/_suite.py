"""The three parts of the suite, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.conformance._outputs import read_dumps, wires
from tests.conformance._raw import RawReport
from tests.conformance._rows import Row, rows
from tests.conformance._run import Report, run

RECORDED: Final = "Recorded answers"
WRITTEN: Final = "Written answers"
DUMPED: Final = "Dumped messages"

ABOUT: Final[Mapping[str, str]] = {
    RECORDED: "Answers of real providers, recorded by open-source projects.",
    WRITTEN: "Answers written after the vendors' documentation, rich in rare fields, for 25 integration packages.",
    DUMPED: "What those packages, in other versions, made of the written answers; read without their chunks and events.",
}

ANSWERS: Final[Mapping[str, Callable[[], Iterator[Row]]]] = {RECORDED: rows, WRITTEN: wires}


def all_reports(workers: int | None = None) -> dict[str, Report]:
    """Every part."""
    replayed = {name: run(answers(), workers=workers) for name, answers in ANSWERS.items()}
    return {**replayed, DUMPED: read_dumps()}


def some(
    chosen: Callable[[Row], bool],
    workers: int | None = None,
    *,
    raw_only: bool = False,
    sample: int | None = None,
) -> dict[str, Report]:
    """Only the chosen answers."""
    return {
        name: run(filter(chosen, answers()), workers=workers, raw_only=raw_only, sample=sample)
        for name, answers in ANSWERS.items()
    }


def raw_of(reports: Mapping[str, Report]) -> RawReport:
    """What all parts found of raw answers."""
    whole = RawReport()
    for report in reports.values():
        whole.merge(report.raw)
    return whole
