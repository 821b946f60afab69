"""Properties of the record of any answer."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import orjson

from langchain_respmeta import ResponseMetadata, UnreadableAnswer, normalize
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.langsmith.metadata import MAX_RECORD_BYTES, nested_record, usage_metadata
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.flat_values import flat_keys
from langchain_respmeta.record.typed import record_of
from tests.fuzz.same import Stamping, check_compiled

MAX_CPU_S = 30.0
"""Of this process, for one answer read twice and shown: a hundred times what the widest costs."""


def check(answer: Any, integration: str) -> None:
    """Raises where a property does not hold."""
    began = process_time()
    start = {"serialized": {"id": ["x", integration]}}
    draft = draft_of(answer, start)
    record = record_of(draft, include_content=True)
    told = _normalized(answer, start)
    if told != record:
        assert told is None or told.event == "error", "an answer has two records"
        assert record.refused is None, "what was not recognized is not judged"
        assert record.warnings
    check_draft(draft)
    assert process_time() - began < MAX_CPU_S, "it takes too long"


def _normalized(answer: Any, start: dict[str, Any]) -> ResponseMetadata | None:
    """The record of an answer, or of an error's body; None where it is neither."""
    try:
        record = normalize(answer, start=start)
    except UnreadableAnswer:
        return None
    check_record(record)
    return record


def check_draft(draft: Draft) -> None:
    """Raises where its record, or what leaves of it, does not have a property."""
    check_record(record_of(draft, include_content=True))
    _check_round_trip(record_of(draft, include_content=False))
    _check_keys(draft)


def check_record(record: ResponseMetadata) -> None:
    """Raises where it cannot be written and read again, or shown."""
    _check_round_trip(record)
    _check_views(record)


def _check_round_trip(record: ResponseMetadata) -> None:
    plain = record.to_dict()
    json.dumps(plain, allow_nan=False)
    assert ResponseMetadata.from_dict(plain) == record, "from_dict(to_dict(record)) is another record"
    through_json = orjson.loads(orjson.dumps(plain))  # which refuses half a surrogate pair and 65 bits
    assert through_json == plain, "JSON changes the record"


def _check_views(record: ResponseMetadata) -> None:
    record.describe()
    record._repr_html_()
    repr(record)
    json.dumps(record.to_otel(), allow_nan=False)


def _check_keys(draft: Draft) -> None:
    orjson.dumps(flat_keys(draft, "respmeta"))
    json.dumps(usage_metadata(draft, None), allow_nan=False)
    check_compiled(draft, Stamping(include_content=len(draft) % 2 == 0))
    for include in (True, False):
        kept = nested_record(draft, include_content=include)
        assert len(orjson.dumps(kept)) <= MAX_RECORD_BYTES, "the nested record is too large"
