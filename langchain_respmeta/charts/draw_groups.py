"""Charts of groups below each other: top callers, caches, attempts in vain."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from langchain_respmeta.charts import canvas
from langchain_respmeta.charts.figures import Group, Sums, groups, totals
from langchain_respmeta.charts.keys import TAGS
from langchain_respmeta.charts.labels import (
    DOT,
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
from langchain_respmeta.charts.stacks import scale_of
from langchain_respmeta.charts.theme import ThemeName, theme_of
from langchain_respmeta.record.views.short import count, money, share, short_count

ROWS: Final = 12
"""Groups that have a bar of their own."""


def callers(
    what: Records, by: str | Sequence[str] = "thread_id", *, top: int = ROWS, theme: ThemeName = "light"
) -> canvas.Chart:
    """Draw who costs the most: US dollars of each group, the greatest first.

    Args:
        what: Records; see `source_of`.
        by: See `cost`: `thread_id`, `agent_name`, a key of the runs' own metadata such as `user_id`.
        top: How many groups to show one by one.
        theme: `light` or `dark`.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look, keys = source_of(what), theme_of(theme), keys_of(by)
    whole = totals(source)
    if not whole.cost_usd:
        return canvas.nothing(look, f"Cost by {label_by(keys)}", why_no_cost(whole))
    found = groups(source, keys, top=top)
    rows = [_caller_row(one, whole.cost_usd) for one in found]
    colours = {label(one): look.other if one.is_other else look.series[0] for one in found}
    chart = canvas.bars_of_groups(
        rows,
        "US dollars",
        canvas.colours([*colours], colours),
        canvas.tooltips(
            (label_by(keys), "group:N"),
            ("cost", "cost:N"),
            ("of all", "share:N"),
            ("calls", "calls:N"),
            ("tokens", "tokens:N"),
        ),
        canvas.DOLLARS,
        legend=False,
    )
    return canvas.finished(
        chart,
        look,
        _callers_title(found, keys, whole.cost_usd),
        f"Cost of {plural(whole.calls, 'call')} by {label_by(keys)}, US dollars",
        unpriced_note(whole),
        tags_note(keys),
        height=canvas.height_of(len(rows)),
    )


def _caller_row(group: Group, whole: Decimal) -> canvas.Row:
    sums = group.sums
    return {
        "group": label(group),
        "part": label(group),
        "low": 0,
        "high": float(sums.cost_usd or 0),
        "label": f"{_dollars(sums)}{DOT}{plural(sums.calls, 'call')}",
        "cost": _dollars(sums),
        "calls": count(sums.calls),
        "tokens": short_count(sums.total_tokens),
        "share": share(float((sums.cost_usd or 0) / whole)),
    }


def _callers_title(found: Sequence[Group], keys: Sequence[str], whole: Decimal) -> str:
    shown = [one for one in found if not one.is_other]
    if len(shown) == len(found) or TAGS in keys:  # by tags, groups may add up to more than the whole
        return f"{label(found[0])} cost {_dollars(found[0].sums)} of {money(whole)}"
    known = sum((one.sums.cost_usd or Decimal(0) for one in shown), Decimal(0))
    return f"The first {len(shown)} by {label_by(keys)} cost {money(known)} of {money(whole)}"


def cache(what: Records, by: str | Sequence[str] = "model", *, theme: ThemeName = "light") -> canvas.Chart:
    """Draw how many tokens of the prompts came from the providers' caches, and what that saved.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look, keys = source_of(what), theme_of(theme), keys_of(by)
    whole = totals(source)
    if not whole.cacheable_tokens:
        why = "No call reports what it read from a cache." if whole.calls else "No call was made."
        return canvas.nothing(look, "Tokens of prompts from a cache", why)
    found = [one for one in groups(source, keys, rank="input_tokens") if one.sums.input_tokens]
    rows = [row for one in found for row in _cache_rows(one)]
    parts = {
        str(part): colour
        for part, colour in zip(_PARTS, (*look.cache, look.pale), strict=True)
        if part in {row["part"] for row in rows}
    }
    chart = canvas.bars_of_groups(
        rows,
        "tokens of prompts",
        canvas.colours([*parts], parts),
        canvas.tooltips(
            (label_by(keys), "group:N"),
            ("tokens", "part:N"),
            ("number", "number:N"),
            ("share read", "share:N"),
            ("saved", "saved:N"),
        ),
        "~s",
    )
    saved = whole.cache_discount_usd
    return canvas.finished(
        chart,
        look,
        f"{share(whole.cache_share)} of the prompts\N{RIGHT SINGLE QUOTATION MARK} tokens came from a cache{_saved_clause(saved)}",
        f"Tokens of prompts by {label_by(keys)}; behind each bar the share read from a cache, and what caching saved",
        height=canvas.height_of(len(found)),
    )


_READ, _WRITTEN, _REST = "read from a cache", "written to a cache", "others, or not told"
_PARTS: Final = (_READ, _WRITTEN, _REST)


def _cache_rows(group: Group) -> list[canvas.Row]:
    sums = group.sums
    whole = sums.input_tokens or 0
    read, written = sums.cache_read_tokens or 0, sums.cache_write_tokens or 0
    saved = "" if sums.cache_discount_usd is None else _amount(sums.cache_discount_usd)
    about = {
        "group": label(group),
        "share": share(sums.cache_share),
        "saved": saved or "not known",
    }
    told = DOT.join(
        filter(None, ["not told" if sums.cache_share is None else share(sums.cache_share), saved])
    )
    rows: list[canvas.Row] = []
    low = 0
    for part, tokens in zip(_PARTS, (read, written, max(0, whole - read - written)), strict=True):
        if tokens:
            rows.append({**about, "part": part, "low": low, "high": low + tokens, "number": count(tokens)})
            low += tokens
    return [*rows[:-1], {**rows[-1], "label": told}] if rows else []


def _saved_clause(saved: Decimal | None) -> str:
    if not saved:
        return ""
    return f", which saved {money(saved)}" if saved > 0 else f", but writing caches cost {money(-saved)} more"


def _amount(value: Decimal) -> str:
    return money(value) if value >= 0 else f"\N{MINUS SIGN}{money(-value)}"


def _dollars(sums: Sums) -> str:
    return "cost not known" if sums.cost_usd is None else money(sums.cost_usd)


def retries(what: Records, by: str | Sequence[str] = "model", *, theme: ThemeName = "light") -> canvas.Chart:
    """Draw how many attempts another one had to take the place of, and what those cost.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look, keys = source_of(what), theme_of(theme), keys_of(by)
    whole = totals(source)
    if not whole.superseded:
        why = (
            f"None of {plural(whole.calls, 'call')} was tried again." if whole.calls else "No call was made."
        )
        return canvas.nothing(look, "Attempts in vain", why)
    found = [one for one in groups(source, keys, rank="superseded", top=ROWS) if one.sums.superseded]
    rows = [_retry_row(one) for one in found]
    names = [label(one) for one in found]
    chart = canvas.bars_of_groups(
        rows,
        "superseded attempts",
        scale_of(source, keys, names, look),
        canvas.tooltips(
            (label_by(keys), "group:N"),
            ("superseded", "high:Q"),
            ("their cost", "cost:N"),
            ("calls", "calls:N"),
        ),
        "~s",
        legend=False,
    )
    return canvas.finished(
        chart,
        look,
        f"{plural(whole.superseded, 'attempt')} in vain cost {money(whole.superseded_cost_usd)}"
        if whole.superseded_cost_usd is not None
        else f"{plural(whole.superseded, 'attempt')} {verb(whole.superseded, 'was', 'were')} in vain",
        f"Attempts that a retry or a fallback took the place of, by {label_by(keys)}",
        height=canvas.height_of(len(rows)),
    )


def _retry_row(group: Group) -> canvas.Row:
    sums = group.sums
    return {
        "group": label(group),
        "part": label(group),
        "low": 0,
        "high": sums.superseded,
        "label": f"{count(sums.superseded)} of {plural(sums.calls, 'call')}{DOT}{_vain(sums)}",
        "cost": _vain(sums),
        "calls": count(sums.calls),
    }


def _vain(sums: Sums) -> str:
    return "cost not known" if sums.superseded_cost_usd is None else money(sums.superseded_cost_usd)
