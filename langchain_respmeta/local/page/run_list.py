"""The list of runs: its rows, the sums above it, and the values to filter by."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from langchain_respmeta.local import json_text
from langchain_respmeta.local.page.run_filter import PAGE_SIZE, PageQuery
from langchain_respmeta.local.store.selection import as_text
from langchain_respmeta.local.store.written import PREFIX
from langchain_respmeta.local.weight import weight
from langchain_respmeta.record.usage_names import SUMMED
from langchain_respmeta.record.views import short

FACETS: Final = {
    "provider": "Provider",
    "model": "Model",
    "finish_reason": "Finish reason",
    "service_tier": "Service tier",
    "integration": "Integration",
    "upstream_provider": "Upstream",
    "error_type": "Error",
    "unpriced_reason": "Unpriced",
}
"""Keys whose values are listed next to the runs, by heading."""
TRACE_FACETS: Final = {
    "finish_reason": "Worst finish reason",
    "models": "Models",
    "model": "Model of the only call",
    "providers": "Providers",
    "provider": "Provider of the only call",
}
"""The same for traces: a model call that is its own root has no sums, so its own keys count."""
_FACET_VALUES: Final = 8
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
_BEGUN: Final = ("cost_usd", "input_tokens", "output_tokens", "total_tokens", "time_to_first_token_s")
"""Keys that a failed call has only if the model began to answer."""
_SUMMED: Final = (*SUMMED, "cost_usd")


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


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums over all runs that meet the page's conditions."""

    runs: int
    summed: int
    """Runs that sums and shares cover: of all runs only the model calls, as roots repeat them."""
    sums: Mapping[str, float]
    refused: int
    truncated: int
    errors: int
    billable: int
    """Runs that may cost anything: summed runs without the calls that failed before any token."""
    priced: int

    def share_of(self, part: int) -> float | None:
        """A share of the summed runs, None without any."""
        return part / self.summed if self.summed else None

    @property
    def cache_share(self) -> float | None:
        """Cached input tokens of all input tokens."""
        total = self.sums.get("input_tokens")
        return self.sums.get("cache_read_tokens", 0.0) / total if total else None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to filter by."""

    text: str
    runs: int
    href: str
    active: bool


def rows_of(connection: sqlite3.Connection, query: PageQuery, take: Callable[[int], None]) -> list[Row]:
    """The rows of one page, newest first, after their memory was taken."""
    condition = query.selection().condition()
    found = connection.execute(
        "SELECT r.id, r.name, r.run_type, r.status, r.start_us, r.end_us, r.extra FROM run_view r"
        f" WHERE {condition.sql} ORDER BY r.start_us DESC, r.id DESC LIMIT ? OFFSET ?",
        (*condition.parameters, PAGE_SIZE, (query.page - 1) * PAGE_SIZE),
    ).fetchall()
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


def metadata_of(extra: str | None) -> dict[str, object]:
    """A run's metadata from its stored `extra`."""
    metadata = orjson.loads(extra).get("metadata") if extra else None
    return metadata if isinstance(metadata, dict) else {}


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


def summary_of(connection: sqlite3.Connection, query: PageQuery) -> Summary:
    """Count and sum the runs that meet the conditions."""
    condition = query.selection().condition()
    ids = f"SELECT r.no FROM runs r WHERE {condition.sql}"
    # In "all runs" a roll-up and the calls below it must not both be summed.
    summed = ids if query.view != "all" else f"{ids} AND r.is_call = 1"
    sums, known = dict[str, float](), dict[str, int]()
    for row in connection.execute(
        "SELECT m.key, SUM(m.number) AS total, COUNT(m.number) AS known FROM run_metadata m"
        f" WHERE m.key IN ({_keys(_SUMMED)}) AND m.number IS NOT NULL AND m.run_no IN ({summed}) GROUP BY m.key",
        condition.parameters,
    ):
        sums[row["key"].removeprefix(PREFIX)] = row["total"]
        known[row["key"].removeprefix(PREFIX)] = row["known"]
    flagged = {
        row["key"].removeprefix(PREFIX): row["runs"]
        for row in connection.execute(
            "SELECT m.key, COUNT(*) AS runs FROM run_metadata m"
            f" WHERE m.key IN ({_keys(('refused', 'truncated'))}) AND m.text = 'true'"
            f" AND m.run_no IN ({summed}) GROUP BY m.key",
            condition.parameters,
        )
    }
    (failed,) = connection.execute(
        f"SELECT COUNT(*) FROM runs r WHERE r.no IN ({summed}) AND r.is_call = 1"
        f" AND r.no IN (SELECT m.run_no FROM run_metadata m WHERE m.key = '{PREFIX}finish_reason' AND m.text = 'error')"
        f" AND r.no NOT IN (SELECT m.run_no FROM run_metadata m WHERE m.key IN ({_keys(_BEGUN)}) AND m.number IS NOT NULL)",
        condition.parameters,
    ).fetchone()
    counted = connection.execute(
        f"SELECT COUNT(*), SUM(r.status = 'error'), SUM(r.is_call) FROM runs r WHERE {condition.sql}",
        condition.parameters,
    ).fetchone()
    of_sums = (counted[2] or 0) if query.view == "all" else counted[0]
    return Summary(
        runs=counted[0],
        summed=of_sums,
        sums=sums,
        refused=flagged.get("refused", 0),
        truncated=flagged.get("truncated", 0),
        errors=counted[1] or 0,
        billable=of_sums - failed,
        priced=known.get("cost_usd", 0),
    )


def facets_of(connection: sqlite3.Connection, query: PageQuery) -> dict[str, list[FacetValue]]:
    """For each heading the most frequent values among runs that meet the conditions."""
    headings = TRACE_FACETS if query.view == "traces" else FACETS
    condition = query.selection().condition()
    found: defaultdict[str, list[FacetValue]] = defaultdict(list)
    active = {(where.key, where.value) for where in query.where if where.operator == "="}
    for row in connection.execute(
        f"SELECT m.key, m.text, COUNT(*) AS runs FROM run_metadata m WHERE m.key IN ({_keys(headings)})"
        f" AND m.text IS NOT NULL AND m.run_no IN (SELECT r.no FROM runs r WHERE {condition.sql})"
        " GROUP BY m.key, m.text ORDER BY runs DESC, m.text",
        condition.parameters,
    ):
        key = row["key"].removeprefix(PREFIX)
        if len(found[key]) < _FACET_VALUES:
            href = query.with_where(key, row["text"])
            found[key].append(FacetValue(row["text"], row["runs"], href, (key, row["text"]) in active))
    return {heading: found[key] for key, heading in headings.items() if found[key]}


def known_keys(connection: sqlite3.Connection) -> list[str]:
    """All keys in metadata of runs, for the form: the record's without prefix, then others."""
    found = {key for column in ("text", "number") for key in _indexed_keys(connection, column)}
    own = sorted(key for key in found if not key.startswith(PREFIX))
    return [*sorted(key.removeprefix(PREFIX) for key in found if key.startswith(PREFIX)), *own]


def other_prefixes(connection: sqlite3.Connection) -> list[str]:
    """Prefixes other than the page's that handlers use for records."""
    found = {
        key.removesuffix(_EVERYWHERE)
        for key in _indexed_keys(connection, "text")
        if key.endswith(_EVERYWHERE) and not key.startswith(PREFIX)
    }
    return sorted(found)


def _indexed_keys(connection: sqlite3.Connection, column: str) -> Iterator[str]:
    """The keys of one index, skipping from key to key: each may have as many entries as there are runs."""
    next_key = f"SELECT MIN(key) FROM run_metadata WHERE {column} IS NOT NULL AND key > ?"
    key = ""
    for _ in range(_MOST_KEYS):
        (key,) = connection.execute(next_key, (key,)).fetchone()
        if key is None:
            return
        yield key


def project_names(connection: sqlite3.Connection) -> list[str]:
    """All projects by name."""
    return [row["name"] for row in connection.execute("SELECT name FROM sessions ORDER BY name")]


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(f"'{PREFIX}{key}'" for key in keys)


def _shown_feedback(row: sqlite3.Row) -> str:
    if row["score"] is not None:
        return f"{row['score']:g}"
    value = orjson.loads(row["value"]) if row["value"] else None
    return as_text(value) if value is not None else ""
