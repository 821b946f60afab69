"""Structured output that an API's own answer repeats as asked for."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_respmeta import normalize
from langchain_respmeta.record.parts import StructuredOutput


def answered(text: str, form: Any, **part: Any) -> Any:
    content = [{"type": "output_text", "text": text, "annotations": [], **part}]
    output = [{"type": "message", "role": "assistant", "content": content}]
    return {
        "id": "r",
        "object": "response",
        "status": "completed",
        "output": output,
        "text": {"format": form},
    }


SCHEMA = {"type": "json_schema", "name": "Article", "schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (SCHEMA, '{"a": 1}', StructuredOutput(requested=True, type_name="Article", source="raw_json")),
        (SCHEMA, '{"a": ', StructuredOutput(requested=True, type_name="Article")),
        ({"type": "json_object"}, "{}", StructuredOutput(requested=True, source="raw_json")),
        ({"type": "text"}, '{"a": 1}', None),
        ({"type": ["json_schema"]}, '{"a": 1}', None),
        ({**SCHEMA, "name": 5}, "", StructuredOutput(requested=True)),
        (None, '{"a": 1}', None),
    ],
)
def test_what_was_asked_for_is_told_and_whether_the_text_is_json(form: Any, text: str, expected: Any) -> None:
    record = normalize(answered(text, form))
    assert record.structured_output == expected
    assert record.unmapped == ()


def test_what_the_sdk_parsed_counts_more() -> None:
    record = normalize(answered('{"a": 1}', SCHEMA, parsed={"a": 1}))
    assert record.structured_output is not None
    assert (record.structured_output.parsed, record.structured_output.source) == (True, "parsed")
