"""Finish words of OpenAI's API → finish reasons: most vendors and OpenRouter's generations use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from langchain_respmeta.record.vocabulary import FinishReason

FinishWords: TypeAlias = Mapping[str, FinishReason | None]
"""The provider's finish words, case-folded; None for words that mean "not finished yet"."""

OPENAI_FINISH: Final[FinishWords] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    # Other vendors of the same API.
    "abort": "cancelled",  # vLLM, SGLang: the request was aborted
    "cancelled": "cancelled",
    "compaction": "pause",
    "complete": "stop",
    "content_filtered": "content_filter",
    "end_turn": "stop",
    "eos": "stop",  # Together
    "eos_token": "stop",  # Text Generation Inference
    "error": "error",
    "insufficient_system_resource": "error",  # DeepSeek
    "max_new_tokens": "length",
    "max_output_tokens": "length",
    "max_tokens": "length",
    "maximum_tokens": "length",  # Aleph Alpha
    "model_context_window_exceeded": "length",  # Z.ai
    "model_length": "length",  # Mistral, Perplexity
    "network_error": "error",  # Z.ai
    "null": None,  # DashScope, on chunks before the last
    "refusal": "refusal",
    "repetition": "error",  # vLLM: the model repeats itself
    "safety": "content_filter",
    "sensitive": "content_filter",  # Z.ai
    "stop_sequence": "stop_sequence",
    "time_limit": "length",  # watsonx
    "tool_call": "tool_calls",  # DeepSeek's models on Azure
    "tool_use": "tool_calls",
    # xAI's gRPC words, which some gateways forward.
    "reason_stop": "stop",
    "reason_max_len": "length",
    "reason_max_context": "length",
    "reason_tool_calls": "tool_calls",
    "reason_time_limit": "length",
}
