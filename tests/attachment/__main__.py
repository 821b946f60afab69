"""The attachment matrix as a table: `python -m tests.attachment [--plain | --zstd] [place ...]`.

A row is a way of calling, a column a place for the handler; a number is the model runs that carry their record once,
in their own payload; `!` marks a cell with faults, which are listed below the table. Exit code 1 if there are any.
"""

import argparse
import logging
import sys
import warnings

from rich.console import Console
from rich.table import Table

from tests.attachment.matrix import Bench, Outcome, bench
from tests.attachment.places import PLACES
from tests.attachment.setting import STYLES

Outcomes = dict[tuple[str, str], Outcome]


def main() -> int:
    """Run what was asked for and print it."""
    asked = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 220)
    faulty = 0
    for zstd in asked.zstd:
        outcomes = _run(asked.places, zstd=zstd)
        console.print(_table(asked.places, outcomes, zstd=zstd))
        for (style, place), outcome in outcomes.items():
            for fault in outcome.faults[:5]:
                console.print(f"[red]{style}, {place}[/]: {fault}", highlight=False)
        faulty += _sum_up(console, list(outcomes.values()))
    return 1 if faulty else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.attachment", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--plain", dest="zstd", action="store_const", const=[False], help="only without zstd")
    parser.add_argument("--zstd", dest="zstd", action="store_const", const=[True], help="only with zstd")
    parser.add_argument("places", nargs="*", help=f"of {', '.join(PLACES)}; default: all")
    parser.set_defaults(zstd=[True, False])
    asked = parser.parse_args()
    if unknown := set(asked.places) - set(PLACES):
        parser.error(f"no such place: {', '.join(sorted(unknown))}")
    asked.places = asked.places or list(PLACES)
    return asked


def _run(places: list[str], *, zstd: bool) -> Outcomes:
    warnings.filterwarnings("ignore", message=".*is in beta.*")
    logging.getLogger("langchain_core").setLevel(logging.ERROR)
    with bench(zstd=zstd) as servers:
        return {(style, place): _cell(servers, style, place) for place in places for style in STYLES}


def _cell(servers: Bench, style: str, place: str) -> Outcome:
    try:
        return servers.run(style, place)
    except Exception as fault:  # noqa: BLE001 - one cell that breaks must not hide the others
        return Outcome(faults=(f"{type(fault).__name__}: {fault}",))


def _table(places: list[str], outcomes: Outcomes, *, zstd: bool) -> Table:
    table = Table(title=f"model runs with their record, {'zstd' if zstd else 'no zstd'}")
    table.add_column("way of calling")
    for place in places:
        table.add_column(place.replace("_", "\n"), justify="right")
    for style in STYLES:
        table.add_row(style, *(_shown(outcomes[style, place]) for place in places))
    return table


def _shown(outcome: Outcome) -> str:
    if outcome.skipped:
        return "[dim]-[/]"
    return f"[red]{outcome.calls} ![/]" if outcome.faults else f"[green]{outcome.calls}[/]"


def _sum_up(console: Console, outcomes: list[Outcome]) -> int:
    faulty = sum(bool(outcome.faults) for outcome in outcomes)
    ran = [outcome for outcome in outcomes if not outcome.skipped]
    console.print(
        f"{len(ran)} cells, {sum(o.calls for o in ran)} model runs, {sum(o.roots for o in ran)} roots, {faulty} faulty cells"
    )
    return faulty


if __name__ == "__main__":
    sys.exit(main())
