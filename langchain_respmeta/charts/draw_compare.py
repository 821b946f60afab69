"""Two periods, or two files, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Final

from langchain_respmeta.charts import canvas
from langchain_respmeta.charts.figures import Sums, groups, totals
from langchain_respmeta.charts.labels import OTHERS, keys_of, label, label_by, plural, unpriced_note
from langchain_respmeta.charts.source import Records, Source, source_of
from langchain_respmeta.charts.theme import ThemeName, theme_of
from langchain_respmeta.record.views.short import count, money, share

ROWS: Final = 9
"""Groups that are compared one by one."""


def compare(
    before: Records,
    after: Records,
    by: str | Sequence[str] = "model",
    *,
    names: tuple[str, str] = ("before", "after"),
    theme: ThemeName = "light",
) -> canvas.Chart:
    """Draw what two periods, or two files, cost side by side, by a key.

    Args:
        before: Records; see `source_of`.
        after: The same.
        by: See `cost`.
        names: What the two are called.
        theme: `light` or `dark`.

    Raises:
        SettingsError: One of them holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    sources, look, keys = (source_of(before), source_of(after)), theme_of(theme), keys_of(by)
    wholes = [totals(source) for source in sources]
    if not any(whole.cost_usd for whole in wholes):
        return canvas.nothing(
            look, f"Cost by {label_by(keys)}, compared", "No call of either has a known cost."
        )
    sides = [_by_name(source, keys) for source in sources]
    rows = _rows(sides, names)
    (first, second) = wholes
    colours = dict(zip(names, (look.other, look.series[0]), strict=True))
    chart = canvas.pairs_of_groups(
        rows,
        "US dollars",
        canvas.colours(names, colours),
        canvas.tooltips(
            (label_by(keys), "group:N"), ("period", "part:N"), ("cost", "label:N"), ("calls", "calls:N")
        ),
        canvas.DOLLARS,
    )
    return canvas.finished(
        chart,
        look,
        f"Cost went from {_dollars(first)} to {_dollars(second)}{change(first.cost_usd, second.cost_usd)}",
        f"US dollars by {label_by(keys)}: {names[0]} with {plural(first.calls, 'call')}, {names[1]} with {plural(second.calls, 'call')}",
        *(
            f"{name}: {note}"
            for name, whole in zip(names, wholes, strict=True)
            if (note := unpriced_note(whole))
        ),
        height=2 * canvas.height_of(len({row["group"] for row in rows})),
    )


def change(before: Decimal | None, after: Decimal | None) -> str:
    """Return by how much an amount rose or fell: ` (+12%)`; empty where that cannot be told."""
    if not before or after is None:
        return ""
    ratio = float(after / before - 1)
    sign = "+" if ratio >= 0 else "\N{MINUS SIGN}"
    return f" ({sign}{share(abs(ratio))})"


def _by_name(source: Source, keys: Sequence[str]) -> dict[str, Sums]:
    """Return the sums of each name; several groups may have one."""
    found: dict[str, Sums] = {}
    for one in groups(source, keys, top=None):
        name = label(one)
        found[name] = found[name] + one.sums if name in found else one.sums
    return found


def _rows(sides: Sequence[Mapping[str, Sums]], names: tuple[str, str]) -> list[canvas.Row]:
    """Return two rows for each group, those with the greatest cost first."""
    greatest: dict[str, Decimal] = {}
    for side in sides:
        for name, sums in side.items():
            greatest[name] = max(greatest.get(name, Decimal(0)), sums.cost_usd or Decimal(0))
    order = sorted(greatest, key=lambda name: -greatest[name])
    first, rest = order[:ROWS], order[ROWS:]
    rows: list[canvas.Row] = []
    for name in [*first, *([OTHERS] if rest else [])]:
        members = rest if name == OTHERS and name not in first else [name]
        pair: list[Sums | None] = [_sum([side[one] for one in members if one in side]) for side in sides]
        costs = [None if sums is None else sums.cost_usd for sums in pair]
        for which, (part, told, cost) in enumerate(zip(names, pair, costs, strict=True)):
            rows.append(
                {
                    "group": name,
                    "part": part,
                    "low": 0,
                    "high": float(cost or 0),
                    "label": _dollars(told) + (change(*costs) if which else ""),
                    "calls": count(0 if told is None else told.calls),
                }
            )
    return rows


def _sum(parts: Sequence[Sums]) -> Sums | None:
    return reduce(add, parts) if parts else None


def _dollars(sums: Sums | None) -> str:
    if sums is None:
        return "no call"
    return "cost not known" if sums.cost_usd is None else money(sums.cost_usd)
