"""Records as they stand on stored runs: of a run's metadata, to rows of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from langchain_respmeta.errors import RecordError
from langchain_respmeta.local.store.payloads import metadata_of
from langchain_respmeta.local.store.written import PREFIX
from langchain_respmeta.record.allowed_facts import NO_MORE
from langchain_respmeta.record.build import draft_of
from langchain_respmeta.record.draft import Draft, as_dict, merged
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.own_facts import own_facts
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.table.general import values_of
from langchain_respmeta.table.kinds import CLASSES, classes_of_paths
from langchain_respmeta.table.schema import OF_RUN, PROBLEM

_NESTED: Final = PREFIX.removesuffix("_")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The record on one run, and what the run itself says.

    Attributes:
        draft: The record; of one that cannot be read, the run's ids.
        project_id: The project's id.
        start_us: When the run started, in microseconds.
        end_us: When it ended.
        problem: Why the record cannot be read.
        content: Column → JSON text of the run's inputs and outputs, where they are wanted.
    """

    draft: Draft
    project_id: str | None
    start_us: int | None
    end_us: int | None
    problem: str | None
    content: Mapping[str, str]

    @property
    def of_run(self) -> dict[str, Any]:
        """Columns of the table that are the run's, times as ticks."""
        return {"project_id": self.project_id, "start_time": self.start_us, "end_time": self.end_us}

    def row(self) -> dict[str, Any]:
        """Column of the table → value; what is null is left out."""
        told = self.of_run
        if self.problem is None:
            told |= values_of(self.draft, include_content=True)
        else:
            told |= {PROBLEM.name: self.problem}
        named = {one.name: as_dict(self.draft).get(one.name) for one in OF_RUN}
        return {name: value for name, value in (named | told).items() if value is not None}


def stored_record(row: Mapping[str, Any]) -> StoredRecord:
    """The record of a row of runs with `extra` as text."""
    metadata = metadata_of(row["extra"])
    problem = None
    try:
        draft = _record(metadata)
    except RecordError as fault:
        draft, problem = cast("Draft", {}), f"the record on the run cannot be read: {fault}"
    ids = {name: row[column] for name, column in _IDS.items() if row[column] is not None}
    own = own_facts(row["name"], metadata, None, NO_MORE)
    content = {name: row[name] for name in ("inputs", "outputs") if name in row and row[name] is not None}
    return StoredRecord(
        merged(draft, ids, own), row["session_id"], row["start_us"], row["end_us"], problem, content
    )


_IDS: Final = {"run_id": "id", "trace_id": "trace_id", "parent_run_id": "parent_run_id"}


def _record(metadata: Mapping[str, Any]) -> Draft:
    """The nested record; where a client hides it, what the flat keys beside it tell."""
    nested = metadata.get(_NESTED)
    if isinstance(nested, dict):
        return draft_of(ResponseMetadata.from_dict(nested), _names())
    told: dict[str, Any] = {}
    for name, path in FLAT.items():
        value, kind = metadata.get(PREFIX + name), classes_of_paths()[path]
        if kind is Decimal and type(value) in (int, float):
            value = Decimal(str(value))
        if type(value) in CLASSES[kind] and kind is not list:
            told[path] = value
    return cast("Draft", told)


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name for one in fields(RecordFields))
