"""The figures of raw answers: what was right, what was not LangChain's, and what they give more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tests.conformance._raw import LIKENESSES, Mistake, RawReport
from tests.conformance._raw_known import reason_of

VERDICTS: Final = ("right", "wrong", "invented", "missing")

BEGIN: Final = "<!-- raw answers: python -m tests.conformance --raw --write -->"
END: Final = "<!-- end of raw answers -->"

INTRO: Final = """## Raw answers

The same answers, given to `normalize` and `normalize_stream` as they came: the JSON, the events, the text of the stream (which has to
give the same record as its events), and each whole answer once more as an HTTP response with its headers. First each record
is held against what the answer says, which no integration stands between: nothing counts as lost. Then it is held against the
record of LangChain's message, field by field:

- **equal**: both say the same, or neither says anything (not counted).
- **more**: LangChain's integration hands nothing over, the raw answer has it.
- **mended**: LangChain's message says something else than the answer does, the raw record says what it does.
- **less**, **differs**: LangChain's record has something, the raw one has nothing, or another thing; each with its reason.

Not compared are the run's own facts: ids, times by our clock, prices by list, `structured_output`.
"""


def section(report: RawReport) -> str:
    """The section of docs/fidelity.md, between its marks."""
    return "\n".join([BEGIN, "", *_lines(report), "", END])


def text(report: RawReport) -> str:
    """For a terminal: the figures, and each fault with its first example."""
    lines = [*_lines(report), "", "Not right:", *_grouped(map(_of_mistake, report.mistakes))]
    unexplained = [
        one for one in report.differences if one.likeness in ("less", "differs") and not reason_of(one)
    ]
    lines += ["", "Not LangChain's, without a reason:"]
    lines += _grouped(((one.label, one.name, one.likeness), str(one)) for one in unexplained)
    return "\n".join(lines)


def with_section(page: str, report: RawReport) -> str:
    """The page with its section written anew, at its end where it has none."""
    before, found, rest = page.partition(BEGIN)
    after = rest.partition(END)[2] if found else ""
    return f"{before.rstrip()}\n\n{section(report)}{after.rstrip()}\n"


def section_of(page: str) -> str:
    """The section as it stands on the page; empty where there is none."""
    _, found, rest = page.partition(BEGIN)
    return f"{found}{rest.partition(END)[0]}{END}" if found else ""


def sums(report: RawReport) -> Counter[str]:
    """How often each verdict was given."""
    counted: Counter[str] = Counter()
    for (_, _, verdict), count in report.counts.items():
        counted[verdict] += count
    return counted


def _of_mistake(one: Mistake) -> tuple[tuple[str, ...], str]:
    return (one.label, one.finding.name, one.finding.verdict), str(one)


def _grouped(told: Iterable[tuple[tuple[str, ...], str]]) -> list[str]:
    groups: Counter[tuple[str, ...]] = Counter()
    example: dict[tuple[str, ...], str] = {}
    for key, said in told:
        groups[key] += 1
        example.setdefault(key, said)
    return [f"{count:5} x {example[key]}" for key, count in groups.most_common()]


def _lines(report: RawReport) -> Iterator[str]:
    counted = sums(report)
    yield INTRO
    yield (
        f"{sum(report.read.values()):,} answers read, {counted['right']:,} values right, {counted['wrong']} wrong, "
        f"{counted['invented']} invented, {counted['missing']} missing."
    )
    yield from ("", "### By dialect", "")
    yield from _by_dialect(report)
    yield from ("", f"### Beside LangChain: {sum(report.compared.values()):,} pairs of records", "")
    yield from _beside(report)
    yield from ("", "### What raw answers give more", "")
    yield from _more(report)
    yield from ("", "### Why a field is not LangChain's", "")
    yield from _reasons(report)
    yield from ("", "### Answers that nobody reads", "")
    yield from (f"- {count} x {what}" for what, count in sorted(_unread(report).items()))


def _unread(report: RawReport) -> Counter[str]:
    counted: Counter[str] = Counter()
    for told, count in report.unread.items():
        counted[told.partition(":")[0]] += count
    return counted


def _by_dialect(report: RawReport) -> Iterator[str]:
    yield from _head("dialect", "answers", *VERDICTS)
    for dialect in sorted(report.read):
        counted: Counter[str] = Counter()
        for (name, _, verdict), count in report.counts.items():
            if name == dialect:
                counted[verdict] += count
        yield _row(dialect, report.read[dialect], *(counted[verdict] for verdict in VERDICTS))


def _beside(report: RawReport) -> Iterator[str]:
    yield from _head("dialect", "pairs", *LIKENESSES)
    for dialect in sorted(report.compared):
        counted: Counter[str] = Counter()
        for (name, _, likeness), count in report.alike.items():
            if name == dialect:
                counted[likeness] += count
        yield _row(dialect, report.compared[dialect], *(counted[one] for one in LIKENESSES))


def _more(report: RawReport) -> Iterator[str]:
    """By dialect and field, in how many records the raw answer has what LangChain's has not, or has not right."""
    cells: Mapping[tuple[str, str], int] = _gains(report)
    dialects = sorted({dialect for dialect, _ in cells})
    yield from _head("field", *dialects)
    for name in sorted({name for _, name in cells}):
        yield _row(f"`{name}`", *(cells.get((dialect, name), 0) for dialect in dialects))


def _gains(report: RawReport) -> Counter[tuple[str, str]]:
    cells: Counter[tuple[str, str]] = Counter()
    for (dialect, name, likeness), count in report.alike.items():
        if likeness in ("more", "mended"):
            cells[dialect.partition(",")[0], name] += count
    return cells


def _reasons(report: RawReport) -> Iterator[str]:
    counted: Counter[tuple[str, str]] = Counter()
    for one in report.differences:
        if one.likeness in ("less", "differs"):
            counted[reason_of(one) or "**no reason is known**", one.name.partition(".")[0]] += 1
    yield from _head("reason", "field", "values")
    for (why, name), count in sorted(counted.items()):
        yield _row(why, f"`{name}`", count)


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield "|" + "---|" * len(names)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell or "") for cell in cells) + " |"
