"""Every provider and every field that it hands over, on fixtures of its own: none may be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta import ResponseMetadata, normalize
from langchain_respmeta.providers import Provider, Reader
from langchain_respmeta.providers.rows import ROWS
from tests.providers.field_samples import (
    CLASS,
    COHERE_CITATIONS,
    KWARGS,
    METADATA,
    TOKENS,
    WORDS,
    Sample,
    nested,
)

CLAUDE = "claude-opus-5"
SHOUTING = ("cohere", "gcp.gemini", "gcp.vertex_ai")
"""Whose words are in capitals."""


def paths_of(reader: Reader, table: str) -> list[str]:
    """Paths whose values come into the record."""
    return [path for path, cell in getattr(reader, table).items() if cell.mode in {"set", "extend"}]


def found(record: Any, path: str) -> Any:
    """A dotted path through attributes and lists, as plain data."""
    for step in path.split("."):
        record = record[int(step)] if step.isdecimal() else getattr(record, step, None)
    if isinstance(record, Decimal):
        return str(record)
    return record.isoformat() if isinstance(record, datetime) else record


def sample_of(row: Provider, table: str, path: str) -> Sample | None:
    """The fixture for this provider's path."""
    if path == "finish_reason" and row.reader.name in SHOUTING:
        return Sample("MAX_TOKENS", {"native_finish_reason": "MAX_TOKENS", "finish_reason": "length"})
    if table == "kwargs":
        return COHERE_CITATIONS if (row.reader.name, path) == ("cohere", "citations") else KWARGS.get(path)
    sample = METADATA.get(path)
    if sample is None or path not in {"model", "model_name"} or row.endpoints != "anthropic":
        return sample
    return Sample(CLAUDE, {"model": CLAUDE})  # another name would say that it is not Anthropic's answer


def cells() -> Iterator[Any]:
    for row in ROWS:
        for table in ("metadata", "kwargs"):
            for path in paths_of(row.reader, table):
                yield pytest.param(row, table, path, id=f"{row.classes[0]}-{table}-{path}")


@pytest.mark.parametrize(("row", "table", "path"), list(cells()))
def test_each_key_of_each_provider_fills_its_field(row: Provider, table: str, path: str) -> None:
    sample = sample_of(row, table, path)
    assert sample is not None, f"tests/providers/field_samples.py has no fixture for {path}"
    data = nested({path: sample.value, **sample.beside})
    message = {
        "type": "ai",
        "content": "hi there",
        "response_metadata" if table == "metadata" else "additional_kwargs": data,
    }
    record = normalize(message, start={"serialized": {"id": [row.classes[0]]}})
    assert {field: found(record, field) for field in sample.expected} == sample.expected
    assert record.unmapped == ()
    assert record.warnings == ()


@pytest.mark.parametrize(
    ("whose", "word", "meaning"),
    [(whose, word, meaning) for whose, words in WORDS.items() for word, meaning in words.items()],
)
def test_each_documented_word_has_its_meaning(whose: str, word: str, meaning: str) -> None:
    integration, key = CLASS[whose]
    message = {"type": "ai", "content": "hi", "response_metadata": {key: word}}
    record = normalize(message, start={"serialized": {"id": [integration]}})
    assert (record.finish_reason, record.native_finish_reason) == (meaning, word)
    assert record.truncated is (meaning == "length")
    assert record.unmapped == ()


BLOCKS = [
    {"type": "reasoning", "reasoning": "Hm."},
    {"type": "server_tool_call", "id": "srv_1", "name": "web_search", "args": {"query": "q"}},
    {
        "type": "text",
        "text": "It is green.",
        "annotations": [
            {
                "type": "citation",
                "url": "https://a.example",
                "title": "A",
                "start_index": 0,
                "end_index": 2,
                "cited_text": "green",
            }
        ],
    },
    {"type": "image", "mime_type": "image/png", "base64": "AAAA"},
]
CALL = {"type": "tool_call", "id": "call_1", "name": "look", "args": {"a": 1}}
BROKEN = {"type": "invalid_tool_call", "id": "call_2", "name": "look", "args": '{"a', "error": None}
USAGE = {
    "input_tokens": 100,
    "output_tokens": 50,
    "total_tokens": 150,
    "input_token_details": {
        "audio": 3,
        "cache_read": 40,
        "cache_creation": 0,
        "ephemeral_5m_input_tokens": 10,
        "ephemeral_1h_input_tokens": 20,
    },
    "output_token_details": {"audio": 4, "reasoning": 25},
}
COMMON = {
    "usage.input_tokens": 100,
    "usage.output_tokens": 50,
    "usage.total_tokens": 150,
    "usage.cache_read_tokens": 40,
    "usage.cache_write_tokens": 30,
    "usage.cache_write_5m_tokens": 10,
    "usage.cache_write_1h_tokens": 20,
    "usage.input_audio_tokens": 3,
    "usage.output_audio_tokens": 4,
    "usage.reasoning_tokens": 25,
    "reasoning.present": True,
    "reasoning.text": "Hm.",
    "citations.0.url": "https://a.example",
    "citations.0.title": "A",
    "media.0.kind": "image",
    "media.0.mime_type": "image/png",
    "media.0.size_bytes": 3,
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reader.name}-{row.classes[0]}")
def test_what_langchain_gives_for_every_provider_is_read_for_every_provider(row: Provider) -> None:
    message = {
        "type": "ai",
        "content": BLOCKS,
        "tool_calls": [CALL],
        "invalid_tool_calls": [BROKEN],
        "usage_metadata": USAGE,
        "response_metadata": {},
    }
    record = normalize(message, start={"serialized": {"id": [row.classes[0]]}})
    assert {path: found(record, path) for path in COMMON} == COMMON
    told = {(call.id, call.valid, call.server_side) for call in record.tool_calls}
    assert told == {("srv_1", True, True), ("call_1", True, False), ("call_2", False, False)}
    assert record.unmapped == ()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reader.name}-{row.classes[0]}")
def test_a_refusal_block_is_a_refusal_for_every_provider(row: Provider) -> None:
    block = {"type": "refusal", "refusal": "No.", "extras": {"category": "cyber"}}
    message = {"type": "ai", "content": [block], "response_metadata": {}}
    record = normalize(message, start={"serialized": {"id": [row.classes[0]]}})
    assert record.refused is True
    assert record.refusal is not None
    assert (record.refusal.reason, record.refusal.category) == ("No.", "cyber")


def read_at(row: Provider, **metadata: Any) -> ResponseMetadata:
    message = {"type": "ai", "content": "hi", "response_metadata": metadata}
    start = {
        "serialized": {"id": ["ChatOpenAI"], "kwargs": {"openai_api_base": f"https://{row.hosts[0]}/v1"}}
    }
    return normalize(message, start=start)


AT_A_HOST = [row for row in ROWS if row.hosts and row.hosts[0][0] not in ".-*"]


@pytest.mark.parametrize("row", AT_A_HOST, ids=lambda row: row.reader.name)
def test_a_vendor_behind_chatopenai_is_read_with_both_tables(row: Provider) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
    record = read_at(
        row, finish_reason="length", token_usage=usage, logprobs=TOKENS, model_name="m", id="x-1"
    )
    assert (record.provider, record.finish_reason) == (row.reader.name, "length")
    assert record.usage is not None
    assert record.usage.total_tokens == 14
    assert record.logprobs is not None
    assert (record.model, record.response_id) == ("m", "x-1")
    assert record.unmapped == ()
