"""What must hold for the record of any answer whatever."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import orjson

from langchain_respmeta import ResponseMetadata, normalize
from langchain_respmeta._normalize import draft_of
from langchain_respmeta.langsmith.metadata import MAX_RECORD_BYTES, flat_keys, nested_record, usage_metadata

MAX_CPU_S = 30.0
"""Of this process, for one answer read four times and shown: a hundred times what the widest costs."""


def check(answer: Any, integration: str) -> None:
    """Raises where a property does not hold."""
    began = process_time()
    start = {"serialized": {"id": ["x", integration]}}
    for include in (True, False):
        record = normalize(answer, start=start, include_content=include)
        plain = record.to_dict()
        json.dumps(plain, allow_nan=False).encode()
        back = ResponseMetadata.from_dict(plain)
        assert back == record, "from_dict(to_dict(record)) is another record"
        assert ResponseMetadata.from_dict(orjson.loads(orjson.dumps(plain))) == record, (
            "JSON changes the record"
        )
    record.describe()
    record._repr_html_()
    repr(record)
    json.dumps(record.to_otel(), allow_nan=False)
    draft = draft_of(answer, start)
    json.dumps(flat_keys(draft, "respmeta"), allow_nan=False).encode()
    json.dumps(usage_metadata(draft, None), allow_nan=False)
    for include in (True, False):
        kept = nested_record(draft, include_content=include)
        assert len(orjson.dumps(kept)) <= MAX_RECORD_BYTES, "the nested record is too large"
    assert process_time() - began < MAX_CPU_S, "it takes too long"
