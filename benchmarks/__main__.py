"""Prints the tables; with `--write`, also into docs/speed.md.

python -m benchmarks                       everything
python -m benchmarks --quick --only plain  a first look, in seconds
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import pages, peers, rows
from benchmarks.figures import Table
from benchmarks.handlers import VARIANTS, Make
from benchmarks.measuring import measure
from benchmarks.scenarios import SCENARIOS

QUICK = 4
"""A first look takes this part of the rounds."""
ROWS = "rows"
"""The table of stored rows, which no handler sees."""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", nargs="+", choices=[*SCENARIOS, ROWS], help="these tables alone")
    parser.add_argument("--quick", action="store_true", help=f"1 in {QUICK} of the rounds")
    parser.add_argument(
        "--peers", action="store_true", help="beside other libraries, where they are installed"
    )
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--calls", type=int, help="of each row in a round")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    for name in (
        "langsmith",
        "langfuse",
    ):  # they warn of a server that takes no compressed runs, of a fake model
        logging.getLogger(name).setLevel(logging.ERROR)
    parts = _beside_peers(options) if options.peers else _of_calls(options)
    if options.write:
        pages.write(parts)
    return 0


def _rounds(options: argparse.Namespace, usual: int) -> int:
    return int(options.rounds or (max(1, usual // QUICK) if options.quick else usual))


def _measured(
    options: argparse.Namespace, names: Sequence[str], handlers: Mapping[str, Make], **fields: Any
) -> dict[str, Table]:
    """The tables, each printed as soon as it is there."""
    tables: dict[str, Table] = {}
    for name in [name for name in options.only or names if name != ROWS]:
        rounds = _rounds(options, SCENARIOS[name].rounds)
        tables[name] = measure(SCENARIOS[name], handlers, rounds, options.calls, **fields)
        print(pages.calls_table(name, tables[name], pages.unit_of(tables)), flush=True)
    return tables


def _of_calls(options: argparse.Namespace) -> dict[str, str]:
    tables = _measured(options, [*SCENARIOS], VARIANTS)
    parts: dict[str, str] = {}
    if ROWS in (options.only or [ROWS]):
        parts["rows"] = rows.part(_rounds(options, rows.ROUNDS))
        print(parts["rows"])
    if tables:
        print(targets := pages.targets_part(tables))
        parts["targets"] = f"{pages.when_and_where()}\n{targets}"
        parts["calls"] = f"## Handlers\n\n{pages.calls_part(tables)}"
    return parts


def _beside_peers(options: argparse.Namespace) -> dict[str, str]:
    warnings.simplefilter("ignore")  # to print theirs would be measured, too
    handlers, missing = peers.variants()
    told = "".join(f"{name} is not measured: {reason}.\n" for name, reason in missing.items())
    print(told, flush=True)
    tables = _measured(options, peers.SCENARIOS, handlers, asked="gpt-5-mini")
    head = f"## Beside other libraries\n\n{pages.when_and_where(peers.DISTRIBUTIONS)}\n"
    return {"peers": f"{head}{told}\n{pages.calls_part(tables)}"}


if __name__ == "__main__":
    sys.exit(main())
