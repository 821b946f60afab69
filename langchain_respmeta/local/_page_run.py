"""One run for its page: the record in groups, whatever shape it has, and the raw data it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from langchain_respmeta.local import _json, _present
from langchain_respmeta.local._page_filter import PageQuery, as_text

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
"""Tables that are facts where they have one row, as on a tool's own run."""
_ROLLUP_TABLES: Final = {"tool_executions": "Tool executions", "attempts": "Attempts"}
_RUN_IDS: Final = frozenset({"child_run_id", "previous_run_id", "run_id"})
_NOTES: Final = ("warnings", "unmapped")
_ELSEWHERE: Final = ("run_id", "trace_id", "parent_run_id", "provider_data", "rollup")

# Where the same value is a flat key to filter by, under another name than in the record.
_FLAT_NAMES: Final = {
    "langchain_cache_hit": "cache_hit",
    "cost.total": "cost_usd",
    "cost.source": "cost_source",
    "cost.unpriced_reason": "unpriced_reason",
    "routing.upstream_provider": "upstream_provider",
    "error.type": "error_type",
    "error.status_code": "error_status",
    "timing.time_to_first_token_s": "time_to_first_token_s",
}
_UNIT: Final = re.compile(r"_(s|bytes|usd)$")
"""The value itself shows its unit."""
_MONEY: Final = ("total", "input", "output", "cache_discount", "upstream_inference", "cost_usd", "cost")


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a group."""

    label: str
    text: str
    kind: str
    """number, word, flag or long: how it is set."""
    href: str | None = None
    """The list filtered by this value."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects; cells are facts, None where the object lacks the field."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Fact | None]]


@dataclass(frozen=True, slots=True)
class Raw:
    """A piece of raw JSON that can be opened."""

    title: str
    value: Any
    open: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """The nested record, made ready for the page."""

    groups: Sequence[Group]
    tables: Sequence[Table]
    warnings: Sequence[str]
    unmapped: Sequence[str]
    provider_data: Any


def record_of(metadata: Mapping[str, Any]) -> Record:
    """The record in groups; what has no group of its own stands under "More"."""
    record = _object(metadata.get("respmeta"))
    if not record.keys() - {"schema_version", "rollup"}:
        return Record([], [], [], [], None)
    groups = [_group(title, record, key, fields) for title, key, fields in _GROUPS]
    tables = [
        _table(title, record[key], key)
        for key, title in _TABLES.items()
        if _objects(record.get(key)) and not _is_single(key, record[key])
    ]
    for key, title in _SINGLE.items():
        if _objects(record.get(key)) and _is_single(key, record[key]):
            facts = [_fact(name, value, f"{key}[].{name}") for name, value in record[key][0].items()]
            groups.insert(0, Group(title, facts))
    warnings, unmapped = (
        [str(n) for n in record[key]] if _is_list(record.get(key)) else [] for key in _NOTES
    )
    groups.append(Group("More", [_fact(key, record[key], key) for key in _unplaced(record)]))
    shown = [group for group in groups if group.facts]
    return Record(shown, tables, warnings, unmapped, record.get("provider_data") or None)


def rollup_of(metadata: Mapping[str, Any]) -> tuple[Group, Sequence[Table]] | None:
    """The sums over the calls below a root; the same by model, what tools were run, which calls were tried again."""
    rollup = _object(_object(metadata.get("respmeta")).get("rollup"))
    if not rollup:
        return None
    facts = [
        _fact(key, value, key)
        for key, value in rollup.items()
        if key != "by_model" and key not in _ROLLUP_TABLES and value is not None
    ]
    by_model = [{"model": model, **_object(sums)} for model, sums in _object(rollup.get("by_model")).items()]
    tables = [_table("By model", by_model, "by_model")] if by_model else []
    tables += [
        _table(title, rollup[key], key) for key, title in _ROLLUP_TABLES.items() if _objects(rollup.get(key))
    ]
    return Group("Roll-up", facts), tables


def raw_of(metadata: Mapping[str, Any], outputs: Any) -> list[Raw]:
    """`response_metadata` and `usage_metadata` of each message, and what the tracer wrote."""
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


def messages_of(outputs: Any) -> Iterable[Mapping[str, Any]]:
    """The kwargs of all messages in a model run's outputs, wherever the shape is the known one."""
    for generations in _objects_or_lists(_object(outputs).get("generations")):
        for generation in generations if isinstance(generations, list) else [generations]:
            message = _object(_object(generation).get("message"))
            yield _object(message.get("kwargs")) or message


def _group(title: str, record: Mapping[str, Any], key: str, fields: tuple[str, ...]) -> Group:
    source = _object(record.get(key)) if key else record
    names = fields or tuple(source)
    prefix = f"{key}." if key else ""
    facts = []
    for name in names:
        value = source.get(name)
        if isinstance(value, dict) and key:
            facts += [
                _fact(inner, v, f"{prefix}{name}.{inner}") for inner, v in value.items() if v is not None
            ]
        elif value is not None:
            facts.append(_fact(name, value, prefix + name))
    return Group(title, facts)


def _unplaced(record: Mapping[str, Any]) -> list[str]:
    """Keys whose value no group, table or note has shown: from a newer version, or of an unexpected shape."""
    plain = {name for _, key, fields in _GROUPS if not key for name in fields}
    nested = {key for _, key, _ in _GROUPS if key and isinstance(record.get(key), dict)}
    listed = {key for key in _TABLES if _objects(record.get(key))}
    noted = {key for key in _NOTES if _is_list(record.get(key))}
    shown = plain | nested | listed | noted | set(_ELSEWHERE)
    return [key for key, value in record.items() if key not in shown and value is not None]


def _table(title: str, objects: Sequence[Mapping[str, Any]], path: str) -> Table:
    columns = list(dict.fromkeys(name for one in objects for name in one))
    rows = [
        [
            _fact(name, one[name], f"{path}[].{name}") if one.get(name) is not None else None
            for name in columns
        ]
        for one in objects
    ]
    return Table(title, columns, rows)


def _fact(label: str, value: Any, path: str) -> Fact:
    name = path.rsplit(".", 1)[-1]
    text, kind = _shown(name, value, in_money=path.startswith(("cost.", "cost_")) or name == "cost_usd")
    return Fact(_UNIT.sub("", label).replace("_", " "), text, kind, _filter_href(path, value))


def _shown(name: str, value: Any, *, in_money: bool) -> tuple[str, str]:
    if isinstance(value, bool):
        return ("yes" if value else "no"), "flag"
    if in_money and name in _MONEY:
        return _present.money(value), "number"
    if _present.is_number(value):
        return _NUMBERS.get(_suffix(name), _plain_number)(value), "number"
    if isinstance(value, str) and name.endswith("_at"):
        return _present.written_moment(value), "word"
    if isinstance(value, str):
        return value, "long" if len(value) > 60 or "\n" in value else "word"
    return _json.dumps(value), "long"


def _suffix(name: str) -> str:
    return name.rsplit("_", 1)[-1]


def _plain_number(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"


_NUMBERS: Final[dict[str, Callable[[object], str]]] = {
    "s": _present.seconds,
    "tokens": _present.count,
    "bytes": _present.size,
    "share": _present.share,
}


def _filter_href(path: str, value: Any) -> str | None:
    """The list filtered by this value, where the record's flat values have it; another run's page, where it names one."""
    if not isinstance(value, (str, bool)) or (isinstance(value, str) and len(value) > 100):
        return None
    if path.rsplit(".", 1)[-1] in _RUN_IDS:
        return f"/run/{value}"
    key = _FLAT_NAMES.get(path)
    if key is None and path in _PLAIN_FLAT:
        key = path
    return PageQuery().with_where(key, as_text(value)) if key else None


_PLAIN_FLAT: Final = frozenset(
    {"provider", "integration", "api", "model", "requested_model", "service_tier", "finish_reason"}
    | {"native_finish_reason", "refused", "truncated", "streamed", "cancelled", "response_id", "superseded"}
    | {"schema_version"}
)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_single(key: str, items: Sequence[Any]) -> bool:
    return key in _SINGLE and len(items) == 1


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _objects_or_lists(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def parsed(text: str | None) -> Any:
    """A stored JSON column."""
    return None if text is None else orjson.loads(text)
