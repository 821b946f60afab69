"""Charts over time: cost, finish reasons, refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from langchain_respmeta.charts import canvas
from langchain_respmeta.charts.figures import Group, groups, over_time, totals
from langchain_respmeta.charts.labels import (
    keys_of,
    label,
    label_by,
    plural,
    tags_note,
    unpriced_note,
    verb,
    why_no_cost,
)
from langchain_respmeta.charts.source import Records, source_of
from langchain_respmeta.charts.stacks import SERIES, drawable, scale_of, stacked
from langchain_respmeta.charts.theme import ThemeName, theme_of
from langchain_respmeta.charts.times import Every
from langchain_respmeta.record.views.short import count, money, share
from langchain_respmeta.record.vocabulary import FINISHES


def cost(
    what: Records, by: str | Sequence[str] = "model", *, every: Every = "auto", theme: ThemeName = "light"
) -> canvas.Chart:
    """Draw what calls cost over time, in US dollars, stacked by a key.

    Args:
        what: Records; see `source_of`.
        by: A name of a fact (`model`, `service_tier`, `agent_name`, `thread_id`, …), `tags`, or a key of the runs' own metadata;
            or several of them.
        every: Length of the stretches of time.
        theme: `light` or `dark`.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look, keys = source_of(what), theme_of(theme), keys_of(by)
    whole = totals(source)
    if not whole.cost_usd:
        return canvas.nothing(look, "What calls cost", why_no_cost(whole))
    each = drawable(source, every)
    found = over_time(source, keys, every=each, top=SERIES)
    rows, names = stacked(found, each, lambda sums: float(sums.cost_usd or 0))
    first = groups(source, keys, top=SERIES)[0]
    tips = canvas.tooltips(
        ("time", "moment:N"), (label_by(keys), "group:N"), ("cost", "cost:N"), ("calls", "calls:N")
    )
    chart = canvas.bars_over_time(
        rows, each, f"US dollars per {each}", scale_of(source, keys, names, look), tips, canvas.DOLLARS
    )
    return canvas.finished(
        chart,
        look,
        f"{label(first)} cost {money(first.sums.cost_usd)} of {money(whole.cost_usd)}",
        f"Cost of {plural(whole.calls, 'call')} by {label_by(keys)}, US dollars per {each} ({source.zone})",
        unpriced_note(whole),
        tags_note(keys),
    )


def finish_reasons(what: Records, *, every: Every = "auto", theme: ThemeName = "light") -> canvas.Chart:
    """Draw how answers ended over time: the share of each finish reason, what needs attention at the bottom.

    Raises:
        SettingsError: `what` holds no records, or `every` is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look = source_of(what), theme_of(theme)
    told: Counter[str] = Counter()
    for one in groups(source, ["finish_reason"], top=None, rank="answers"):
        told[_reason(one)] += one.sums.answers
    answers = told.total()
    if not answers:
        return canvas.nothing(look, "How answers ended", "No call was made.")
    odd = sum(number for reason, number in told.items() if not FINISHES[reason].is_ordinary)
    each = drawable(source, every)
    found = over_time(source, ["finish_reason"], every=each, top=None)
    order = [reason for reason in _WORST_FIRST if told[reason]]
    rows, names = stacked(found, each, lambda sums: sums.answers, named=_reason, order=order, is_share=True)
    chart = canvas.bars_over_time(
        rows,
        each,
        f"share of the answers of a {each}",
        canvas.colours(names, look.reasons),
        canvas.tooltips(
            ("time", "moment:N"), ("finish reason", "group:N"), ("answers", "answers:N"), ("share", "share:N")
        ),
        "%",
    )
    return canvas.finished(
        chart,
        look,
        f"{share(odd / answers)} of {plural(answers, 'answer')} did not end normally",
        f"Finish reasons, share of the answers of each {each} ({source.zone})",
        ", ".join(f"{reason} {count(told[reason])}" for reason in order),
    )


_WORST_FIRST: Final = sorted(FINISHES, key=lambda reason: -FINISHES[reason].severity)


def _reason(group: Group) -> str:
    """Return the finish reason of a group; `unknown` also for a word that a newer version has written."""
    (reason,) = group.keys
    return "unknown" if reason is None or reason not in FINISHES else reason


def refusals(
    what: Records, by: str | Sequence[str] = "model", *, every: Every = "auto", theme: ThemeName = "light"
) -> canvas.Chart:
    """Draw how many answers were declined or withheld over time, stacked by a key.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look, keys = source_of(what), theme_of(theme), keys_of(by)
    whole = totals(source)
    if not whole.refusals:
        why = f"None of {plural(whole.answers, 'answer')} was." if whole.answers else "No call was made."
        return canvas.nothing(look, "Answers that were declined or withheld", why)
    each = drawable(source, every)
    found = over_time(source, keys, every=each, top=SERIES, rank="refusals")
    rows, names = stacked(found, each, lambda sums: sums.refusals)
    chart = canvas.bars_over_time(
        rows,
        each,
        f"refused answers per {each}",
        scale_of(source, keys, names, look),
        canvas.tooltips(
            ("time", "moment:N"),
            (label_by(keys), "group:N"),
            ("refused", "refused:N"),
            ("of answers", "answers:N"),
        ),
        "~s",
    )
    return canvas.finished(
        chart,
        look,
        f"{plural(whole.refusals, 'answer')} of {count(whole.answers)}"
        f" {verb(whole.refusals, 'was', 'were')} declined or withheld ({share(whole.refusal_rate)})",
        f"Refused answers by {label_by(keys)}, per {each} ({source.zone})",
        tags_note(keys),
    )
