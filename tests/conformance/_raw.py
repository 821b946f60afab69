"""Recorded answers read as they came: judged by what they say, and held against what LangChain's integrations make of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

import httpx

from langchain_respmeta import normalize, normalize_stream
from langchain_respmeta.errors import UnreadableAnswer
from tests.conformance._compare import OWN, Finding, compare, equal, flat, mates_of
from tests.conformance._facts import LISTS, Expected
from tests.conformance._probe import Probe
from tests.conformance._rows import Row
from tests.conformance._targets import WRITTEN, Target, targets_of
from tests.conformance.expect._beyond import add_beyond, add_beyond_headers, expect_raw
from tests.conformance.expect._headers import add_headers

Likeness = Literal["equal", "more", "mended", "less", "differs"]
LIKENESSES: Final[tuple[Likeness, ...]] = ("equal", "more", "mended", "less", "differs")
"""The raw record beside LangChain's: the same; something where LangChain's has nothing; what the answer says where LangChain's
says another thing; nothing where LangChain's has something; another thing."""

KINDS: Final[Mapping[str, str]] = {
    "bedrock_converse": "converse",
    "bedrock_invoke": "invoke_model",
    "chat_completions": "chat_completions",
    "cohere_chat": "cohere",
    "cohere_generate": "cohere_generate",
    "completions": "completions",
    "generate_content": "generate_content",
    "messages": "messages",
    "ollama_chat": "ollama",
    "ollama_generate": "ollama_generate",
    "responses": "responses",
    "vertex_rawpredict": "messages",
}
"""Kind of endpoint → how an answer of it is read independently."""

_NO_HOSTS: Final = ("", "localhost", "127.0.0.1")
_ASKED: Final = frozenset({"requested_model", "role", "streamed", "event", "model_source"})
NOT_COMPARED: Final = frozenset(OWN) - _ASKED
"""The run's own facts: ids, clocks, prices. What no reader knew (`unmapped`, `provider_data`) is kept apart, too."""


class _Everything(Probe):
    """Of a raw answer nothing is lost on the way."""

    def reaches(self, name: str, value: Any) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the raw record is not LangChain's."""

    label: str
    index: int
    mode: str
    name: str
    likeness: Likeness
    langchain: Any
    raw: Any

    def __str__(self) -> str:
        said = f"LangChain {self.langchain!r:.100}, raw {self.raw!r:.100}"
        return f"row {self.index} ({self.label}, {self.mode}): {self.name} {self.likeness}: {said}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One field of a raw record that is not what the answer says."""

    label: str
    index: int
    finding: Finding

    def __str__(self) -> str:
        found = self.finding
        said = f"expected {found.expected!r:.100}, got {found.got!r:.100}"
        return f"row {self.index} ({self.label}): {found.name} {found.verdict}: {said}"


@dataclass(slots=True)
class RawReport:
    """What reading answers as they came found."""

    read: Counter[str] = field(default_factory=Counter)
    """Answers by dialect and framing."""
    unread: Counter[str] = field(default_factory=Counter)
    """Answers that no reader recognizes, each by what was told."""
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often, by (dialect, field, verdict)."""
    mistakes: list[Mistake] = field(default_factory=list)
    alike: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often, by (dialect, field, likeness)."""
    differences: list[Difference] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    """Pairs of records by dialect."""
    unmapped: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)

    def merge(self, other: RawReport) -> None:
        """Add another report."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            else:
                mine += theirs


def dialect_of(row: Row) -> str | None:
    """How an answer is read independently; None where that is not written."""
    targets = targets_of(row)
    return targets[0].dialect if targets else KINDS.get(row.kind)


def address_of(row: Row) -> str | None:
    """The address that was called; None where it was nobody's."""
    return f"https://{row.host}{row.path}" if row.host not in _NO_HOSTS else None


def read_raw(row: Row, provider: str | None, requested: str | None = None) -> Any:
    """The record of an answer as it came.

    Raises:
        UnreadableAnswer: No reader recognizes it.
    """
    start = {"invocation_params": {"model": requested}} if requested else None
    given = as_given(row)
    if row.framing in ("json", "text"):
        return normalize(given, provider, start=start)
    record = normalize_stream(given or [], provider, start=start)
    if (
        row.framing in ("sse", "ndjson", "json_array")
        and normalize_stream(row.body, provider, start=start) != record
    ):
        raise AssertionError(f"row {row.index}: the stream's text gives another record than its events")
    return record


def as_given(row: Row) -> Any:
    """What a program has in its hands: the JSON, or what boto3 makes of it."""
    payload = row.payload()
    if not is_botos(row):
        return payload
    if isinstance(payload, list):
        invoked = row.framing == "aws_eventstream_b64" and dialect_of(row) == "invoke_model"
        return [_chunk(one) for one in payload] if invoked else payload
    around = {"ResponseMetadata": {"HTTPStatusCode": row.status, "HTTPHeaders": dict(row.headers)}}
    if dialect_of(row) == "converse":
        return {**around, **payload}
    return {**around, "contentType": "application/json", "body": row.body.encode()}


def _chunk(event: Any) -> Any:
    return {"chunk": {"bytes": json.dumps(event).encode()}}


def is_botos(row: Row) -> bool:
    """Whether AWS's SDK makes the call."""
    return dialect_of(row) in ("converse", "invoke_model")


def judge_raw(row: Row, report: RawReport) -> None:
    """Hold the raw record of one answer against what the answer says."""
    label = f"{row.provider} {row.kind} {row.framing}"
    dialect = dialect_of(row)
    if row.failed:
        return
    if row.payload() is None:
        report.unread[f"{label}: its body is cut"] += 1
        return
    try:
        record = read_raw(row, _asked(row))
    except UnreadableAnswer as fault:
        report.unread[f"{label}: {fault}"[:200]] += 1
        return
    report.read[_dialect(row)] += 1
    report.warned.update(f"{label}: {text}" for text in record.warnings)
    report.unmapped.update(f"{label}: {text}" for text in record.unmapped)
    if dialect is None or (record.event == "error" and "error" in row.payload()):
        return  # a failure that was answered with status 200
    found = findings(row, dialect, record, has_headers=is_botos(row) and row.framing == "json")
    if row.framing == "json" and row.headers and not is_botos(row):
        response = httpx.Response(row.status, headers=_decoded(row), content=row.body.encode())
        found += [one for one in findings_of(row, dialect, response) if one not in found]
    for finding in found:
        report.counts[_dialect(row), finding.name, finding.verdict] += 1
        if finding.verdict != "right":
            report.mistakes.append(Mistake(label, row.index, finding))


def findings_of(row: Row, dialect: str, response: httpx.Response) -> list[Finding]:
    """The same of the whole HTTP response."""
    try:
        return findings(row, dialect, normalize(response, _asked(row)), has_headers=True)
    except UnreadableAnswer as fault:
        return [Finding("record", "missing", "the record of the HTTP response", str(fault))]


def _decoded(row: Row) -> dict[str, str]:
    """The headers, without what tells how the bytes were packed."""
    return {
        name: value
        for name, value in row.headers.items()
        if name not in ("content-encoding", "content-length")
    }


def findings(row: Row, dialect: str, record: Any, *, has_headers: bool = False) -> list[Finding]:
    """What is right and wrong in a raw record."""
    expected = _expected(row, dialect)
    if expected is not None and has_headers:
        add_headers(expected, row)
        add_beyond_headers(expected, row.headers)
        expected.leave("http.headers")
    return [] if expected is None else compare(expected, record, _Everything())


def _asked(row: Row) -> str | None:
    """Whom a user would name: who is at the address, or the vendor whose class the answer was written for."""
    targets = targets_of(row)
    return address_of(row) or (_called(row, targets[0]) if row.kind.startswith(WRITTEN) and targets else None)


def _expected(row: Row, dialect: str) -> Expected | None:
    candidates = expect_raw(row, dialect)
    if not candidates:
        return None
    expected = candidates[0]
    add_beyond(expected, dialect, row.payload())
    expected.say("streamed", value=True if row.streaming and row.framing != "json" else None)
    targets = targets_of(row)
    provider = targets[0].provider if targets else None
    if _asked(row) is None or provider is None:
        expected.leave("provider")
    else:
        expected.say("provider", provider)
    return expected


def _dialect(row: Row) -> str:
    whole = "whole" if row.framing in ("json", "text") else "streamed"
    return f"{dialect_of(row) or row.kind}, {whole}"


# --- beside LangChain ------------------------------------------------------------------------------------------------


def compare_raw(
    row: Row, target: Target, mode: str, requested: str | None, records: list[Any], report: RawReport
) -> None:
    """Hold the raw record of an answer against what LangChain's integration made of it."""
    if row.failed or not records or mode == "v3":
        return
    try:
        raw = read_raw(row, _called(row, target), requested)
    except UnreadableAnswer:
        return  # told by `judge_raw`
    dialect = _dialect(row)
    report.compared[dialect] += 1
    right = {one.name for one in findings(row, target.dialect, raw) if one.verdict == "right"}
    for name, likeness, theirs, ours in differences(records[0], raw, right):
        report.alike[dialect, name, likeness] += 1
        if likeness != "equal":
            report.differences.append(
                Difference(
                    f"{row.provider} {row.kind} {target.name}", row.index, mode, name, likeness, theirs, ours
                )
            )


def _called(row: Row, target: Target) -> str | None:
    """Whom LangChain's class asks: its vendor, or whoever is at the address."""
    is_anybodys = target.provider is None or target.name in ("ChatOpenAI", "OpenAI")
    return (address_of(row) or "http://localhost:8000/v1") if is_anybodys else target.provider


def differences(theirs: Any, ours: Any, right: set[str]) -> list[tuple[str, Likeness, Any, Any]]:
    """Each field of either record: its name, how they are alike, and both values.

    Args:
        theirs: The record of LangChain's message.
        ours: The record of the raw answer.
        right: Fields of which the raw answer says what `ours` does.
    """
    langchain, raw = _told(theirs), _told(ours)
    found = [
        (name, _likeness(name, langchain.get(name), raw.get(name), right), langchain.get(name), raw.get(name))
        for name in sorted({*langchain, *raw} - NOT_COMPARED)
    ]
    if theirs.model_source == "request" and ours.model_source == "response":
        found = [_served(one) if one[0] in ("model", "model_source") else one for one in found]
    for name in LISTS:
        found += _of_list(name, getattr(theirs, name), getattr(ours, name), right)
    return found


def _served(one: tuple[str, Likeness, Any, Any]) -> tuple[str, Likeness, Any, Any]:
    """LangChain's has the asked name only, and says so."""
    name, likeness, theirs, ours = one
    return name, "more" if likeness == "differs" else likeness, theirs, ours


def _told(record: Any) -> dict[str, Any]:
    """A record's scalars; of the cost what the provider itself says."""
    found = flat(record)
    if record.cost is not None and record.cost.source != "provider":
        found = {name: value for name, value in found.items() if not name.startswith("cost.")}
    return found


def _likeness(name: str, theirs: Any, ours: Any, right: set[str]) -> Likeness:
    if equal(theirs, ours) or theirs == ours:
        return "equal"
    if theirs is None:
        return "more"
    if ours is None:
        return "less"
    return "mended" if name in right else "differs"


def _of_list(
    name: str, theirs: tuple[Any, ...], ours: tuple[Any, ...], right: set[str]
) -> list[tuple[str, Likeness, Any, Any]]:
    """Entries of a list, each beside the one that is most like it."""
    langchain, raw = [_attributes(one) for one in theirs], [_attributes(one) for one in ours]
    mates = mates_of(langchain, raw)
    found: list[tuple[str, Likeness, Any, Any]] = []
    for here, one in enumerate(langchain):
        if here not in mates:
            found.append((name, "less", one, None))
            continue
        other = raw[mates[here]]
        found.append((name, "equal", None, None))
        found += [
            (
                f"{name}.{key}",
                _likeness(f"{name}.{key}", one.get(key), other.get(key), right),
                one.get(key),
                other.get(key),
            )
            for key in sorted({*one, *other})
        ]
    found += [(name, "more", None, other) for there, other in enumerate(raw) if there not in mates.values()]
    return found


def _attributes(item: Any) -> dict[str, Any]:
    return {one.name: value for one in fields(item) if (value := getattr(item, one.name)) is not None}
