"""The parts of a batch become rows: each run is read once and written once, whatever its parts' order."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import payloads, rows, run_parts
from langchain_respmeta.local.store.connection import Connection
from langchain_respmeta.local.store.run_parts import Packed, RunPart, Sent
from langchain_respmeta.local.store.sessions import Destinations
from langchain_respmeta.local.store.usage import usage_columns
from langchain_respmeta.local.store.written import PREFIX, Written

_GUESSABLE: Final = ("name", "run_type", "start_us", "trace_id", "dotted_order")
_READ: Final = (
    f"SELECT runs.*, {', '.join(f'payloads.{column}' for column in payloads.COLUMNS)}"
    " FROM json_each(?) ids JOIN runs ON runs.id = ids.value LEFT JOIN payloads ON payloads.no = runs.no"
)


@dataclass(slots=True)
class Attachment:
    """A file that belongs to a run."""

    run_id: str
    name: str
    mime_type: str
    data: bytes


@dataclass(slots=True)
class _Run:
    """What is known of a run: what is stored, with the parts of the batch so far."""

    run_id: str
    stored: Mapping[str, Any]
    sent: dict[str, Any]
    counts: dict[str, int] = field(default_factory=dict)
    is_changed: bool = False

    def take(self, destinations: Destinations, part: RunPart) -> str | None:
        """Merge a part; when LangSmith would refuse it as a duplicate, return the reason instead."""
        refusal = self._refusal(part)
        self.counts[part.kind] = self.counts.get(part.kind, 0) + 1
        if refusal is not None:
            return refusal
        self.sent = run_parts.merge(part.kind, run_parts.sent_columns(destinations, part), self.sent)
        self.counts[f"{part.kind}ed"] = 1
        self.is_changed = True
        return None

    def _refusal(self, part: RunPart) -> str | None:
        if part.kind == "post" and self._has("posted"):
            return f"run {part.run_id}: payloads already received (it was created before)"
        if part.kind == "patch" and self.sent.get("end_us") is not None:
            return f"run {part.run_id}: payloads already received (it is finished and cannot be changed)"
        return None

    def _has(self, mark: str) -> bool:
        return bool(self.stored.get(mark) or self.counts.get(mark))

    def counted(self) -> dict[str, int]:
        """The columns that count what was received."""
        return {
            "posted": int(self._has("posted")),
            "patched": int(self._has("patched")),
            "posts": self.stored.get("posts", 0) + self.counts.get("post", 0),
            "patches": self.stored.get("patches", 0) + self.counts.get("patch", 0),
            "received_us": self.stored.get("received_us") or times.now(),
        }


def write_runs(connection: Connection, parts: Sequence[RunPart]) -> list[str]:
    """Store parts, in their order; return why some were refused."""
    runs = _known(connection, dict.fromkeys(part.run_id for part in parts))
    destinations = Destinations(connection)
    refused = [runs[part.run_id].take(destinations, part) for part in parts]
    rows.write_rows(connection, _written_of(connection, [run for run in runs.values() if run.is_changed]))
    connection.executemany(
        "UPDATE runs SET posts = ?, patches = ? WHERE id = ?",
        [
            (run.counted()["posts"], run.counted()["patches"], run.run_id)
            for run in runs.values()
            if not run.is_changed
        ],
    )
    return [reason for reason in refused if reason is not None]


def write_attachments(connection: Connection, attachments: Iterable[Attachment]) -> None:
    """Store files; an existing name is replaced."""
    connection.executemany(
        "INSERT OR REPLACE INTO attachments (run_id, name, mime_type, data) VALUES (?, ?, ?, ?)",
        [(a.run_id, a.name, a.mime_type, a.data) for a in attachments],
    )


def _known(connection: Connection, ids: Iterable[str]) -> dict[str, _Run]:
    """All runs of a batch, in one query."""
    runs = {run_id: _Run(run_id, {}, {}) for run_id in ids}
    for row in connection.execute(_READ, (json_text.dumps(list(runs)),)):
        guessed = row["guessed"].split()
        sent = {name: row[name] for name in run_parts.SENT if name not in guessed}
        sent |= {name: _packed(connection, row[name]) for name in payloads.COLUMNS}
        runs[row["id"]] = _Run(row["id"], dict(row), sent)
    return runs


def _packed(connection: Connection, value: str | bytes | None) -> Packed | None:
    return None if value is None else Packed(value, connection.packer)


def _written_of(connection: Connection, runs: Sequence[_Run]) -> list[Written]:
    fresh = iter(rows.new_numbers(connection, sum(not run.stored for run in runs)))
    derived: dict[str, dict[str, Any]] = {}
    return [
        _written(connection, run, run.stored["no"] if run.stored else next(fresh), derived) for run in runs
    ]


def _written(connection: Connection, run: _Run, no: int, derived: dict[str, dict[str, Any]]) -> Written:
    """The run with its derived columns; `derived` has those of the batch's runs before it."""
    extra = run_parts.as_dict(run.sent["extra"])
    metadata = extra.get("metadata")
    values: dict[str, object] = {}
    packed: dict[str, str | bytes | None] = {}
    for name in payloads.COLUMNS:
        value = run.sent[name]
        if isinstance(value, Packed):
            packed[name] = value.value
        elif isinstance(value, Sent):
            values[name] = value.value
            packed[name] = connection.packer.pack(value.text)
        elif value:
            values[name] = value
            packed[name] = connection.packer.pack(json_text.dumps(value))
    one = Written(
        no=no,
        is_new=not run.stored,
        row={
            "no": no,
            "id": run.run_id,
            **{name: run.sent[name] for name in run_parts.SENT},
            **run.counted(),
        },
        metadata=metadata if isinstance(metadata, dict) else {},
        changed=frozenset(values),
        packed=packed,
        packer=connection.packer,
        values=values,
    )
    _derive(connection, one, run.stored, derived)
    derived[run.run_id] = one.row
    return one


def _derive(
    connection: Connection, one: Written, stored: Mapping[str, Any], derived: Mapping[str, Mapping[str, Any]]
) -> None:
    """Fill missing columns (and mark them as guessed), then those derived from others."""
    run = one.row
    run["guessed"] = " ".join(column for column in _GUESSABLE if run[column] is None)
    if run["start_us"] is None:
        stamp = times.of_dotted_order(run["dotted_order"]) if run["dotted_order"] else None
        run["start_us"] = stamp if stamp is not None else times.now()
    if run["trace_id"] is None or run["dotted_order"] is None:
        _place_in_trace(connection, run, derived)
    run["name"] = run["name"] or "unnamed"
    run["run_type"] = run["run_type"] or "chain"
    run["status"] = "error" if run["error"] else "success" if run["end_us"] is not None else "pending"
    run["first_token_us"] = (
        _first_token(one.values["events"]) if "events" in one.changed else stored.get("first_token_us")
    )
    run["is_call"] = int(f"{PREFIX}provider" in one.metadata)
    # A model call that is its own trace has no sums: its own keys are the sums.
    is_alone = run["is_call"] and run["parent_run_id"] is None
    run["is_rollup"] = int(bool(is_alone) or f"{PREFIX}llm_calls" in one.metadata)
    run.update(usage_columns(one.metadata, lambda: one.value("outputs")))


def _place_in_trace(
    connection: Connection, run: dict[str, Any], derived: Mapping[str, Mapping[str, Any]]
) -> None:
    parent_id = run["parent_run_id"]
    parent = (
        derived.get(parent_id)
        or connection.execute("SELECT trace_id, dotted_order FROM runs WHERE id = ?", (parent_id,)).fetchone()
    )
    own = times.dotted_segment(run["start_us"], run["id"])
    if run["dotted_order"] is None:
        run["dotted_order"] = f"{parent['dotted_order']}.{own}" if parent else own
    if run["trace_id"] is None:
        run["trace_id"] = parent["trace_id"] if parent else run["id"]


def _first_token(events: object) -> int | None:
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("name") == "new_token":
            return json_text.optional_time(event.get("time"), "events: time")
    return None
