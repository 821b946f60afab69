"""Prints the tables; with `--write`, also into docs/speed.md.

python -m benchmarks                       everything
python -m benchmarks --quick --only plain  a first look, in seconds
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from benchmarks import pages
from benchmarks.figures import Table
from benchmarks.handlers import VARIANTS
from benchmarks.measuring import measure
from benchmarks.scenarios import SCENARIOS

QUICK_ROUNDS = 7


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, help="these tables alone")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds of each")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--calls", type=int, help="of each row in a round")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    logging.getLogger("langsmith").setLevel(logging.ERROR)  # it warns of servers that take no compressed runs
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else None)
    tables: dict[str, Table] = {}
    for name in options.only or SCENARIOS:
        tables[name] = measure(SCENARIOS[name], VARIANTS, rounds, options.calls)
        print(pages.calls_table(name, tables[name], pages.unit_of(tables)), flush=True)
    targets = pages.targets_part(tables)
    print(targets)
    if options.write:
        pages.write({"targets": f"{pages.when_and_where()}\n{targets}", "calls": pages.calls_part(tables)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
