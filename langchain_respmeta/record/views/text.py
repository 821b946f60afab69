"""The record as text for people. Our own words are ASCII, so they print on any terminal and in any log."""

from __future__ import annotations

from itertools import count, groupby
from typing import Final

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.views.format import money, one_line
from langchain_respmeta.record.views.html import to_html
from langchain_respmeta.record.views.lines import Entry, Section, analyze

__all__ = ["describe", "short", "to_html"]

TITLE: Final = "Response Analysis"


def describe(record: RecordFields) -> str:
    """The "Response Analysis": alarms first, then the facts, then lists; only what was reported."""
    analysis = analyze(record)
    head = [TITLE, "=" * len(TITLE), *(f"!! {alert}" for alert in analysis.alerts)]
    facts = [f"{label}: {text}" for label, text in analysis.facts]
    blocks = [[*head, *facts]]
    for listed, sections in groupby(analysis.sections, key=lambda section: bool(section.entries)):
        if listed:
            blocks.extend(map(_section, sections))
        else:
            blocks.append([section.heading for section in sections])
    return "\n\n".join("\n".join(block) for block in blocks)


def _section(section: Section) -> list[str]:
    marks = (f"[{number}]" if section.numbered else "-" for number in count(1))
    more = [f"  {section.more}"] if section.more else []
    return [f"{section.heading}:", *map(_entry, section.entries, marks), *more]


def _entry(entry: Entry, mark: str) -> str:
    address = one_line(entry.url or "", 500)
    return f"  {mark} {entry.text}" + (f" - {address}" if address and entry.text != address else "")


def short(record: RecordFields) -> str:
    """One line, for `repr`."""
    words = (
        "ResponseMetadata",
        record.provider,
        record.model or record.requested_model,
        record.finish_reason,
        "REFUSED" if record.refused else None,
        "TRUNCATED" if record.truncated else None,
        record.error.type if record.error else None,
        _tokens(record),
        _cost(record),
        _latency(record),
    )
    return f"<{' '.join(one_line(word, 80) for word in words if word)}>"


def _tokens(record: RecordFields) -> str | None:
    usage = record.usage
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    counts = ("?" if count is None else str(count) for count in (usage.input_tokens, usage.output_tokens))
    return f"{'->'.join(counts)} tok"


def _cost(record: RecordFields) -> str | None:
    cost = record.cost
    return None if cost is None or cost.total is None else money(cost.total, cost.currency, digits=2)


def _latency(record: RecordFields) -> str | None:
    latency = record.timing.latency_s if record.timing else None
    return None if latency is None else f"{latency:.2f}s"
