"""Replay everything and print the tables: `python -m tests.conformance [--write] [--only provider/kind …]`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.conformance import _raw_table, _rows, _suite, _table
from tests.conformance._rows import Row
from tests.conformance._run import Report


def main() -> int:
    """The command."""
    arguments = _parsed()
    if not _rows.RECORDED.exists():
        print(f"no recorded answers: {_rows.RECORDED} is not there", file=sys.stderr)
        return 2
    if arguments.raw:
        return _raw(arguments)
    if arguments.only or arguments.rows:
        reports = _suite.some(lambda row: _chosen(row, arguments), arguments.workers)
    else:
        reports = _suite.all_reports(arguments.workers)
    print(_table.text(reports))
    for name, report in reports.items():
        print("\n".join([f"== Not right: {name}", *faults(report)]))
        if arguments.drift:
            print("\n".join(_drift(report)))
    if arguments.write:
        page = _raw_table.with_section(_table.markdown(reports), _suite.raw_of(reports))
        _table.DOCS.write_text(page)
    return 1 if any(report.bad for report in reports.values()) else 0


def _raw(arguments: argparse.Namespace) -> int:
    """Raw answers alone: their tables, what is wrong, and their section of the page."""
    reports = _suite.some(
        lambda row: _chosen(row, arguments), arguments.workers, raw_only=True, sample=arguments.sample
    )
    raw = _suite.raw_of(reports)
    print(_raw_table.text(raw))
    if arguments.write:
        _table.DOCS.write_text(_raw_table.with_section(_table.DOCS.read_text(), raw))
    return 1 if raw.mistakes else 0


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of provider/endpoint kind")
    parser.add_argument("--rows", nargs="*", type=int, default=[], help="numbers of rows")
    parser.add_argument("--workers", type=int, help="processes; as many as cores by default")
    parser.add_argument("--write", action="store_true", help="write docs/fidelity.md")
    parser.add_argument(
        "--raw", action="store_true", help="raw answers alone, and beside LangChain's records"
    )
    parser.add_argument("--sample", type=int, help="replay so many answers of each endpoint, with --raw")
    parser.add_argument("--drift", action="store_true", help="also list warnings and unmapped paths")
    return parser.parse_args()


def _chosen(row: Row, arguments: argparse.Namespace) -> bool:
    name = f"{row.provider}/{row.kind}"
    listed = not arguments.only or any(name.startswith(start) for start in arguments.only)
    return listed and (not arguments.rows or row.index in arguments.rows)


def faults(report: Report) -> list[str]:
    """What is not right, grouped, each with its first example."""
    groups: Counter[tuple[str, ...]] = Counter()
    example: dict[tuple[str, ...], str] = {}
    for bad in report.bad:
        key = (bad.label, bad.mode, bad.finding.name, bad.finding.verdict)
        groups[key] += 1
        example.setdefault(key, str(bad))
    return [f"{count:5} x {example[key]}" for key, count in groups.most_common()]


def _drift(report: Report) -> list[str]:
    both = (
        (name, counter.most_common(60))
        for name, counter in (("warned", report.warned), ("unmapped", report.unmapped))
    )
    return [f"{name} {count:6} {what}" for name, counted in both for what, count in counted]


if __name__ == "__main__":
    sys.exit(main())
