"""The list of runs: its rows, and what is known of all runs."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from langchain_respmeta.local import json_text
from langchain_respmeta.local.page.run_filter import PAGE_SIZE, PageQuery
from langchain_respmeta.local.store import listing
from langchain_respmeta.local.store.payloads import metadata_of
from langchain_respmeta.local.store.selection import Selection, as_text
from langchain_respmeta.local.store.written import PREFIX
from langchain_respmeta.local.weight import weight
from langchain_respmeta.record.views import short

_MOST_KEYS: Final = 1000
_EVERYWHERE: Final = "_schema_version"
"""The suffix of a key that every record has."""

# Key, label (with its plural when the value is a count that is shown), tone.
_CALL_FLAGS: Final[tuple[tuple[str, str, str | None, str], ...]] = (
    ("refused", "refused", None, "red"),
    ("truncated", "truncated", None, "amber"),
    ("safety_blocked", "blocked", None, "magenta"),
    ("cancelled", "cancelled", None, "grey"),
    ("superseded", "superseded", None, "grey"),
    ("tool_calls", "tool call", "tool calls", "blue"),
    ("invalid_tool_calls", "invalid call", "invalid calls", "alarm"),
    ("citations", "citation", "citations", "teal"),
    ("streamed", "streamed", None, "plain"),
    ("cache_hit", "cached answer", None, "violet"),
    ("warnings", "warning", "warnings", "amber"),
    ("unmapped", "unmapped", "unmapped", "plain"),
)
_TRACE_FLAGS: Final[tuple[tuple[str, str, str | None, str], ...]] = (
    ("refused_calls", "refused", "refused", "red"),
    ("truncated_calls", "truncated", "truncated", "amber"),
    ("error_calls", "error", "errors", "alarm"),
    ("tool_calls", "tool call", "tool calls", "blue"),
    ("tool_errors", "tool error", "tool errors", "alarm"),
    ("waiting_calls", "waits for a person", "wait for a person", "amber"),
    ("rejected_calls", "rejected", "rejected", "red"),
    ("external_calls", "handed back", "handed back", "indigo"),
    ("superseded_calls", "superseded", "superseded", "grey"),
    ("unpriced_calls", "unpriced", "unpriced", "plain"),
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A small badge that filters when it is clicked."""

    label: str
    tone: str
    href: str


@dataclass(frozen=True, slots=True)
class FeedbackChip:
    """One feedback of a run."""

    key: str
    shown: str
    """Its score, else its value."""
    comment: str | None

    @property
    def label(self) -> str:
        """The key without the prefix that all of this package's feedback has."""
        return self.key.removeprefix(PREFIX)


@dataclass(frozen=True, slots=True)
class Row:
    """One run of the list; `flat` has the record's flat keys without prefix."""

    run_id: str
    name: str
    run_type: str
    status: str
    start_us: int
    latency_s: float | None
    flat: Mapping[str, object]
    flags: Sequence[Flag]
    feedback: Sequence[FeedbackChip]

    @property
    def enriched(self) -> bool:
        """Whether the run carries a record or a roll-up."""
        return bool(self.flat)

    @property
    def cache_share(self) -> float | None:
        """Cached input tokens of all input tokens; None when nothing was read from a cache."""
        given = self.flat.get("cache_read_share")
        if short.is_number(given):
            return given or None
        read, total = self.flat.get("cache_read_tokens"), self.flat.get("input_tokens")
        return read / total if short.is_number(read) and short.is_number(total) and read and total else None


def rows_of(
    connection: sqlite3.Connection, query: PageQuery, selection: Selection, take: Callable[[int], None]
) -> list[Row]:
    """The rows of one page, after their memory was taken."""
    found = listing.rows_of(
        connection,
        selection,
        sort=query.sort,
        least_first=query.least_first,
        limit=PAGE_SIZE,
        offset=(query.page - 1) * PAGE_SIZE,
    )
    take(sum(weight(row["extra"]) for row in found))
    feedback = feedback_chips(connection, [row["id"] for row in found])
    return [make_row(row, feedback.get(row["id"], ()), query) for row in found]


def make_row(row: sqlite3.Row, feedback: Sequence[FeedbackChip], query: PageQuery) -> Row:
    """One row from the columns of a run."""
    flat = flat_values(metadata_of(row["extra"]))
    return Row(
        run_id=row["id"],
        name=row["name"],
        run_type=row["run_type"],
        status=row["status"],
        start_us=row["start_us"],
        latency_s=None if row["end_us"] is None else (row["end_us"] - row["start_us"]) / 1e6,
        flat=flat,
        flags=flags_of(flat, query),
        feedback=feedback,
    )


def flat_values(metadata: Mapping[str, object]) -> dict[str, object]:
    """The record's flat keys, without prefix."""
    return {key.removeprefix(PREFIX): value for key, value in metadata.items() if key.startswith(PREFIX)}


def flags_of(flat: Mapping[str, object], query: PageQuery) -> list[Flag]:
    """Badges, in order of importance."""
    flags = []
    # A model call, also one that is its own root; other roots have sums.
    for key, one, many, tone in _CALL_FLAGS if "provider" in flat else _TRACE_FLAGS:
        value = flat.get(key)
        if not value:
            continue
        text = one if many is None else f"{short.count(value)} {one if value == 1 else many}"
        href = query.with_where(key, as_text(value)) if many is None else query.with_where(key, 1, ">=")
        flags.append(Flag(text, tone, href))
    if "error_type" in flat:
        href = query.with_where("error_type", flat["error_type"])
        flags.insert(0, Flag(str(flat["error_type"]), "alarm", href))
    return flags


def feedback_chips(connection: sqlite3.Connection, run_ids: Sequence[str]) -> dict[str, list[FeedbackChip]]:
    """The feedback of many runs."""
    chips: defaultdict[str, list[FeedbackChip]] = defaultdict(list)
    for row in connection.execute(
        "SELECT run_id, key, score, value, comment FROM feedback"
        " WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY key",
        (json_text.dumps(run_ids),),
    ):
        chips[row["run_id"]].append(FeedbackChip(row["key"], _shown_feedback(row), row["comment"]))
    return chips


def known_keys(connection: sqlite3.Connection) -> list[str]:
    """All keys in metadata of runs, for the form: the record's without prefix, then others."""
    found = {row["name"] for row in connection.execute("SELECT name FROM keys LIMIT ?", (_MOST_KEYS,))}
    own = sorted(key for key in found if not key.startswith(PREFIX))
    return [*sorted(key.removeprefix(PREFIX) for key in found if key.startswith(PREFIX)), *own]


def other_prefixes(connection: sqlite3.Connection) -> list[str]:
    """Prefixes other than the page's that handlers use for records."""
    return sorted(
        key.removesuffix(_EVERYWHERE)
        for (key,) in connection.execute("SELECT name FROM keys")
        if key.endswith(_EVERYWHERE) and not key.startswith(PREFIX)
    )


def project_names(connection: sqlite3.Connection) -> list[str]:
    """All projects by name."""
    return [row["name"] for row in connection.execute("SELECT name FROM sessions ORDER BY name")]


def _shown_feedback(row: sqlite3.Row) -> str:
    if row["score"] is not None:
        return f"{row['score']:g}"
    value = orjson.loads(row["value"]) if row["value"] else None
    return as_text(value) if value is not None else ""
