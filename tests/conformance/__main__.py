"""Replay everything and print the table: `python -m tests.conformance [--write] [--only provider/kind …]`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.conformance import _table
from tests.conformance._rows import RECORDED, Row
from tests.conformance._run import Report, run


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of provider/endpoint kind")
    parser.add_argument("--rows", nargs="*", type=int, default=[], help="numbers of rows")
    parser.add_argument("--workers", type=int, help="processes; as many as cores by default")
    parser.add_argument("--write", action="store_true", help="write docs/fidelity.md")
    parser.add_argument("--drift", action="store_true", help="also list warnings and unmapped paths")
    arguments = parser.parse_args()
    if not RECORDED.exists():
        print(f"no recorded answers: {RECORDED} is not there", file=sys.stderr)
        return 2

    def chosen(row: Row) -> bool:
        name = f"{row.provider}/{row.kind}"
        listed = not arguments.only or any(name.startswith(start) for start in arguments.only)
        return listed and (not arguments.rows or row.index in arguments.rows)

    report = run(chosen, workers=arguments.workers)
    print(_table.text(report))
    print("\n".join(_faults(report)))
    if arguments.drift:
        for counter in (report.warned, report.unmapped):
            print("\n".join(f"{count:6} {what}" for what, count in counter.most_common(60)))
    if arguments.write:
        _table.DOCS.write_text(_table.markdown(report))
    return 1 if report.bad else 0


def _faults(report: Report) -> list[str]:
    """What is not right, grouped, each with its first example."""
    groups: Counter[tuple[str, ...]] = Counter()
    example: dict[tuple[str, ...], str] = {}
    for bad in report.bad:
        key = (bad.label, bad.mode, bad.finding.name, bad.finding.verdict)
        groups[key] += 1
        example.setdefault(key, str(bad))
    return [f"{count:5} x {example[key]}" for key, count in groups.most_common()]


if __name__ == "__main__":
    sys.exit(main())
