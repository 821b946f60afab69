"""Records that this process made as rows of the table: the columns of the run itself are filled from the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta.record import json_codec
from langchain_respmeta.record.build import draft_of
from langchain_respmeta.record.draft import Draft, as_dict
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.table.columns import batch_of
from langchain_respmeta.table.fitting import fitting
from langchain_respmeta.table.general import values_with
from langchain_respmeta.table.schema import OF_RUN
from langchain_respmeta.table.ticks import ticks_of

if TYPE_CHECKING:
    import pyarrow as pa


def row_of(record: RecordFields) -> dict[str, Any]:
    """Column → value of a record, as the table's Python values; what is null is left out, times are `ticks`.

    It needs no Arrow. Texts stand in the row if they stand in the record.
    """
    draft = draft_of(record, _names())
    known = as_dict(draft) | _times(draft)
    of_run = {
        one.name: value for one in OF_RUN if (value := fitting(known.get(one.name), one.kind)) is not None
    }
    return {**of_run, **values_with(draft, json_codec.to_dict(record))}


def batch_of_records(records: Sequence[RecordFields]) -> pa.RecordBatch:
    """Records as one batch of the table's schema. Texts stand in it if they stand in the records.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    return batch_of_live([draft_of(record, _names()) for record in records], include_content=True)


def batch_of_live(drafts: Sequence[Draft], *, include_content: bool) -> pa.RecordBatch:
    """Drafts of this process's runs as one batch of the table's schema.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    times = [*map(_times, drafts)]
    columns: Mapping[str, list[Any]] = {name: [one[name] for one in times] for name in _TIMES}
    return batch_of(drafts, columns, include_content=include_content)


_TIMES: Final = ("start_time", "end_time")
"""Columns of the run that are computed of a record's own times."""


def _times(draft: Draft) -> dict[str, int | None]:
    end = as_dict(draft).get("received_at")
    lasted = as_dict(draft).get("timing.latency_s")
    if not isinstance(end, datetime) or end.tzinfo is None:
        return dict.fromkeys(_TIMES)
    start = end - timedelta(seconds=lasted) if isinstance(lasted, int | float) else None
    return {"start_time": ticks_of(start), "end_time": ticks_of(end)}


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name for one in fields(RecordFields))
