"""Every dump of what 25 integrations hand over, read and compared with the wire.

Nothing may be wrong; missing is only what the dump itself lists as lost on the way, or what `LOST` explains.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from langchain_respmeta import ResponseMetadata, normalize
from tests.providers.wire_facts import facts_of

DATA = Path(os.environ.get("RESPMETA_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
OUTPUTS = DATA / "integration_outputs.jsonl.gz"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not OUTPUTS.exists(), reason="the recorded integration outputs are not beside the checkout"
    ),
]

PROVIDER = {
    "databricks-langchain": "databricks",
    "langchain-anthropic": "anthropic",
    "langchain-aws": "aws.bedrock",
    "langchain-azure-ai": "azure.ai.inference",
    "langchain-cerebras": "cerebras",
    "langchain-cohere": "cohere",
    "langchain-deepseek": "deepseek",
    "langchain-fireworks": "fireworks",
    "langchain-google-genai": "gcp.gemini",
    "langchain-google-vertexai": "gcp.vertex_ai",
    "langchain-groq": "groq",
    "langchain-huggingface": "huggingface",
    "langchain-ibm": "ibm.watsonx.ai",
    "langchain-litellm": "litellm",
    "langchain-mistralai": "mistral_ai",
    "langchain-nvidia-ai-endpoints": "nvidia",
    "langchain-ollama": "ollama",
    "langchain-openai": "openai",
    "langchain-openrouter": "openrouter",
    "langchain-perplexity": "perplexity",
    "langchain-sambanova": "sambanova",
    "langchain-together": "together",
    "langchain-upstage": "upstage",
    "langchain-xai": "x_ai",
}
SCENARIO_PROVIDER = {"azure_basic": "azure.ai.openai"}

MODEL_IS_ASKED = {
    "langchain-aws",
    "langchain-fireworks",
    "langchain-google-vertexai",
    "langchain-groq",
    "langchain-huggingface",
    "langchain-litellm",
    "langchain-mistralai",
    "langchain-nvidia-ai-endpoints",
    "langchain-sambanova",
}


EXCUSED = (
    # package, scenario, mode, field: why the record cannot hold the wire's value
    (
        "*",
        "*",
        "v3",
        "logprobs.tokens",
    ),  # the final message holds the last chunk's only: half a truth is not told
    ("langchain-anthropic", "*", "v3", "quotes"),  # a text block keeps its last citation only
    ("langchain-openai", "*", "v3", "files"),
    ("langchain-openai", "*refusal*", "v3", "refusal.reason"),  # only the events show it
    ("langchain-openai", "refusal", "stream", "refusal.reason"),  # ChatOpenAI drops `delta.refusal`
    ("langchain-openai", "*", "*", "usage.accepted_prediction_tokens"),  # streams keep `usage_metadata` only
    ("langchain-openai", "stream_usage_in_every_chunk", "*", "usage.*"),  # added up by the merge of chunks
    ("langchain-nvidia-ai-endpoints", "stream_usage_every_chunk", "*", "usage.*"),
    ("langchain-openai", "compat_server_extras", "*", "*"),  # ChatOpenAI drops keys that are not OpenAI's
    ("langchain-groq", "*", "*", "service_tier"),  # the integration shows the asked one, whatever was served
    ("langchain-huggingface", "*", "*", "reasoning.present"),
    ("langchain-openrouter", "*", "*", "usage.input_audio_tokens"),
    (
        "langchain-aws",
        "invoke_anthropic*",
        "*",
        "usage.*",
    ),  # counted by HTTP headers, which here differ from the body
    (
        "langchain-litellm",
        "*via_litellm",
        "*",
        "native_finish_reason",
    ),  # LiteLLM's word in place of its vendor's
    ("langchain-litellm", "*via_litellm", "*", "usage.cache_write_5m_tokens"),
)


def rows() -> Iterator[dict[str, Any]]:
    if OUTPUTS.exists():
        with gzip.open(OUTPUTS, "rt") as lines:
            yield from map(json.loads, lines)


def revive(value: Any) -> Any:
    """Dumped pydantic objects as pydantic objects again."""
    if isinstance(value, dict):
        fields = {key: revive(item) for key, item in value.items() if key != "__pydantic__"}
        if "__pydantic__" not in value:
            return fields
        model: type[BaseModel] = create_model(value["__pydantic__"], **dict.fromkeys(fields, (Any, None)))
        return model(**fields)
    return [revive(item) for item in value] if isinstance(value, list) else value


def read(row: Mapping[str, Any]) -> ResponseMetadata:
    result, start = row["llm_result"], row["start"]
    generation = {
        "message": revive(result["on_llm_end_message"]),
        "generation_info": revive(result["generation_info"]),
    }
    return normalize(
        {"generations": [[generation]], "llm_output": revive(result["llm_output"])},
        start={
            "serialized": {"id": start.get("serialized_id")},
            "metadata": row["ls_params"],
            "invocation_params": start.get("invocation_params"),
        },
    )


CASES = [
    pytest.param(row, id=f"{row['package']}-{row['scenario']}-{row['mode']}")
    for row in rows()
    if (row["llm_result"] or {}).get("on_llm_end_message")
]
PROVIDERS = [case for case in CASES if case.values[0]["package"] != "langchain-core"]


def lost(row: Mapping[str, Any], key: str, value: Any) -> bool:
    """Whether the dump lists the wire's `key` as lost, with this value or (sums, sets) with any."""
    found = [
        line.rpartition(" = ")[2] for line in row["lost"] if line.partition(" = ")[0].endswith(f".{key}")
    ]
    return repr(value) in found or (not isinstance(value, str) and bool(found))


def excused(row: Mapping[str, Any], field: str) -> bool:
    place = (row["package"], row["scenario"], row["mode"], field)
    return any(all(map(fnmatchcase, place, pattern)) for pattern in EXCUSED)


def shown(record: ResponseMetadata, field: str) -> Any:
    if field in VIEWS:
        return VIEWS[field](record)
    group, _, name = field.partition(".")
    value = getattr(record, group)
    return getattr(value, name, None) if name and value is not None else value


VIEWS: Mapping[str, Any] = {
    "created_at": lambda record: record.created_at and record.created_at.timestamp(),
    "tools": lambda record: [call.id for call in record.tool_calls] or None,
    "tool names": lambda record: [call.name for call in record.tool_calls if not call.server_side] or None,
    "urls": lambda record: (
        {one.url for one in record.citations if one.url and one.source != "recitation"} or None
    ),
    "recited": lambda record: {one.url for one in record.citations if one.source == "recitation"} or None,
    "files": lambda record: {one.file_id for one in record.citations if one.file_id} or None,
    "quotes": lambda record: {one.quote for one in record.citations if one.quote} or None,
    "ratings": lambda record: len([one for one in record.safety if one.scope == "completion"]) or None,
}


def same(expected: Any, found: Any) -> bool:
    if isinstance(expected, float) or hasattr(found, "is_finite"):
        return math.isclose(float(expected), float(found), rel_tol=1e-9)
    return bool(expected == found)


@pytest.mark.parametrize("row", PROVIDERS)
def test_facts_of_the_wire_stand_in_the_record(row: dict[str, Any]) -> None:
    record, faults = read(row), []
    for field, (expected, key) in facts_of(row["wire_response"]).items():
        found = shown(record, field)
        if excused(row, field) or (field == "model" and record.model_source == "request"):
            continue
        if found is None:
            if expected != 0 and not lost(row, key, expected):
                faults.append(f"{field}: {expected!r} is missing")
        elif not same(expected, found):
            faults.append(f"{field}: {found!r} is not {expected!r}")
    assert not faults


TWO_COUNTS = "usage: cache_read_tokens is told as 701 and as 703"
"""Some written answers give each key a number of its own: the warning of it is true."""


def tells_two_counts(row: dict[str, Any]) -> bool:
    usage = row["wire_response"]["json"].get("usage") or {}
    others = ("prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens")
    return usage.get("prompt_tokens_details") == {"cached_tokens": 701} and any(
        usage.get(name) == 703 for name in others
    )


@pytest.mark.parametrize("row", PROVIDERS)
def test_every_key_and_word_is_known_and_no_warning_is_false(row: dict[str, Any]) -> None:
    record = read(row)
    assert record.unmapped == ()
    assert record.warnings == () or (record.warnings == (TWO_COUNTS,) and tells_two_counts(row))
    assert record.finish_reason != "unknown"


@pytest.mark.parametrize("row", PROVIDERS)
def test_the_provider_is_named(row: dict[str, Any]) -> None:
    record = read(row)
    assert record.provider == SCENARIO_PROVIDER.get(row["scenario"], PROVIDER[row["package"]])
    if record.model is not None and row["package"] not in MODEL_IS_ASKED:
        assert record.model_source == "response"
