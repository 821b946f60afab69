"""The page of one run: its record of any shape in groups, and its raw data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from langchain_respmeta.local.page import run_tools
from langchain_respmeta.local.page.run_facts import Column, Group, Table, fact, label_of

# Group heading, the record's key that holds it (empty: the record itself), its fields (empty: all there are).
_GROUPS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (
        "Outcome",
        "",
        (
            "finish_reason",
            "native_finish_reason",
            "stop_sequence",
            "refused",
            "truncated",
            "cancelled",
            "event",
        ),
    ),
    ("Refusal", "refusal", ()),
    ("Error", "error", ()),
    ("Tokens", "usage", ()),
    ("Cost", "cost", ()),
    ("Timing", "timing", ()),
    (
        "Identity",
        "",
        (
            *("provider", "integration", "api", "model", "requested_model", "model_source", "service_tier"),
            *("response_id", "request_id", "system_fingerprint", "role", "streamed", "langchain_cache_hit"),
            *(
                "attempt",
                "superseded",
                "previous_run_id",
                "candidates",
                "candidate_index",
                "created_at",
                "received_at",
            ),
            "schema_version",
        ),
    ),
    ("Routing", "routing", ()),
    ("Reasoning", "reasoning", ()),
    ("Structured output", "structured_output", ()),
    ("Log probabilities", "logprobs", ()),
    ("Rate limits", "rate_limits", ()),
    ("HTTP", "http", ()),
    ("Updated session state", "updated_session_state", ()),
    ("Compression", "compression_stats", ()),
)
_TABLES: Final = {
    "tool_calls": "Tool calls",
    "tool_executions": "Tool executions",
    "citations": "Citations",
    "safety": "Safety",
    "media": "Media",
}
_SINGLE: Final = {"tool_executions": "Tool execution"}
"""Tables that are shown as facts if they have one row, as on a tool's own run."""
_ROLLUP_TABLES: Final = {"tool_executions": "Tool executions", "attempts": "Attempts"}
_FIRST_OF_MODEL: Final = ("llm_calls", "cost_usd", "input_tokens", "output_tokens")
"""Sums of one model that come first: the table may be wider than the page."""
_ROLLUP_GROUPS: Final = {
    "updated_session_state": "Updated session state",
    "compression_stats": "Compression",
}
_TABLES_OF_THEIR_OWN: Final = {
    "tool_executions": run_tools.table,
    "attempts": run_tools.attempts_table,
}
_NOTES: Final = ("warnings", "unmapped")
_ELSEWHERE: Final = ("run_id", "trace_id", "parent_run_id", "provider_data", "rollup")


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw JSON that can be opened."""

    title: str
    value: object
    open: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """The nested record, arranged for the page."""

    groups: Sequence[Group]
    tables: Sequence[Table]
    warnings: Sequence[str]
    unmapped: Sequence[str]
    provider_data: object


@dataclass(frozen=True, slots=True)
class Rollup:
    """A root's sums over the runs below it."""

    sums: Group
    tables: Sequence[Table]
    groups: Sequence[Group]


def record_of(metadata: Mapping[str, Any]) -> Record:
    """The record in groups; fields without a group are under "More"."""
    record = _object(metadata.get("respmeta"))
    if not record.keys() - {"schema_version", "rollup"}:
        return Record([], [], [], [], None)
    groups = [_group(title, record, key, fields) for title, key, fields in _GROUPS]
    tables = [
        _table(title, items, key)
        for key, title in _TABLES.items()
        if (items := _objects(record.get(key))) and not _is_single(key, items)
    ]
    for key, title in _SINGLE.items():
        if (items := _objects(record.get(key))) and _is_single(key, items):
            groups.insert(0, _single(title, key, items[0]))
    warnings, unmapped = ([str(note) for note in _list(record.get(key))] for key in _NOTES)
    groups.append(Group("More", [fact(key, record[key], key) for key in _unplaced(record)]))
    shown = [group for group in groups if [one.label for one in group.facts] not in ([], ["schema version"])]
    return Record(shown, tables, warnings, unmapped, record.get("provider_data") or None)


def rollup_of(metadata: Mapping[str, Any]) -> Rollup | None:
    """The sums over the calls below a root, also by model, with tools and retried calls."""
    rollup = _object(_object(metadata.get("respmeta")).get("rollup"))
    if not rollup:
        return None
    groups = [_group(title, rollup, key, ()) for key, title in _ROLLUP_GROUPS.items() if rollup.get(key)]
    elsewhere = {"by_model", *_ROLLUP_TABLES, *_ROLLUP_GROUPS}
    facts = [
        fact(key, value, key) for key, value in rollup.items() if key not in elsewhere and value is not None
    ]
    by_model = [
        {"model": model, **dict.fromkeys(_FIRST_OF_MODEL), **_object(sums)}
        for model, sums in _object(rollup.get("by_model")).items()
    ]
    tables = [_table("By model", by_model, "by_model")] if by_model else []
    tables += [
        _table(title, items, key)
        for key, title in _ROLLUP_TABLES.items()
        if (items := _objects(rollup.get(key)))
    ]
    return Rollup(Group("Roll-up", facts), tables, groups)


def raw_of(metadata: Mapping[str, object], outputs: object) -> list[Raw]:
    """`response_metadata` and `usage_metadata` of each message, and the tracer's data."""
    found = []
    messages = list(messages_of(outputs))
    for index, message in enumerate(messages):
        which = f" of answer {index + 1}" if len(messages) > 1 else ""
        found += [
            Raw(f"{name}{which}", message[name], open=name == "response_metadata")
            for name in ("response_metadata", "usage_metadata", "additional_kwargs")
            if message.get(name)
        ]
    if metadata.get("usage_metadata"):
        found.append(Raw("usage_metadata as LangSmith reads it", metadata["usage_metadata"]))
    return found


def messages_of(outputs: object) -> Iterable[Mapping[str, object]]:
    """The kwargs of all messages in a model run's outputs, where the shape is known."""
    for generations in _list(_object(outputs).get("generations")):
        for generation in generations if isinstance(generations, list) else [generations]:
            message = _object(_object(generation).get("message"))
            yield _object(message.get("kwargs")) or message


def _group(title: str, record: Mapping[str, object], key: str, fields: tuple[str, ...]) -> Group:
    source = _object(record.get(key)) if key else record
    names = fields or tuple(source)
    prefix = f"{key}." if key else ""
    facts = []
    for name in names:
        value = source.get(name)
        if isinstance(value, dict) and key:
            facts += [
                fact(inner, v, f"{prefix}{name}.{inner}") for inner, v in value.items() if v is not None
            ]
        elif value is not None:
            facts.append(fact(name, value, prefix + name))
    return Group(title, facts)


def _single(title: str, key: str, one: Mapping[str, Any]) -> Group:
    """The only row of a table as facts; an object in it (arguments) item by item."""
    order = [name for name in run_tools.FIELDS if name in one]
    facts = []
    for name in dict.fromkeys((*order, *one)):
        inner = (
            one[name].items() if name == "tool_args" and isinstance(one[name], dict) else [("", one[name])]
        )
        facts += [fact(f"{name} {sub}".strip(), value, f"{key}[].{name}") for sub, value in inner]
    return Group(title, facts)


def _unplaced(record: Mapping[str, object]) -> list[str]:
    """Keys in no group, table or note: from a newer version, or of an unexpected shape."""
    plain = {name for _, key, fields in _GROUPS if not key for name in fields}
    nested = {key for _, key, _ in _GROUPS if key and isinstance(record.get(key), dict)}
    listed = {key for key in _TABLES if _objects(record.get(key))}
    noted = {key for key in _NOTES if _list(record.get(key))}
    shown = plain | nested | listed | noted | set(_ELSEWHERE)
    return [key for key, value in record.items() if key not in shown and value is not None]


def _table(title: str, objects: Sequence[Mapping[str, object]], path: str) -> Table:
    if path in _TABLES_OF_THEIR_OWN:
        return _TABLES_OF_THEIR_OWN[path](title, objects)
    names = list(dict.fromkeys(name for one in objects for name in one if one[name] is not None))
    rows = [
        [fact(name, one[name], f"{path}[].{name}") if one.get(name) is not None else None for name in names]
        for one in objects
    ]
    columns = [
        Column(label_of(name), next(cell.kind for cell in cells if cell is not None))
        for name, cells in zip(names, zip(*rows, strict=True), strict=True)
    ]
    return Table(title, columns, rows)


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _is_single(key: str, items: Sequence[object]) -> bool:
    return key in _SINGLE and len(items) == 1


def _objects(value: object) -> list[dict[str, object]]:
    items = _list(value)
    return items if all(isinstance(one, dict) for one in items) else []


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def parsed(text: str | None) -> object:
    """A stored JSON column."""
    return None if text is None else orjson.loads(text)
