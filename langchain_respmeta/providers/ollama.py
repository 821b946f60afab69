"""Ollama: its own shapes; durations are in nanoseconds.

https://docs.ollama.com/api/chat
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.cells import (
    IGNORE,
    KEEP,
    count,
    moment,
    nanos,
    spare,
    text,
    using,
    word,
)
from langchain_respmeta.providers.engine.reader import Reader

OLLAMA: Final = Reader(
    name="ollama",
    api="chat",
    metadata={
        "model_name": text("model"),
        "model": spare(text("model")),
        "model_provider": IGNORE,
        "output_version": IGNORE,
        "created_at": moment("created_at"),
        "done": IGNORE,
        "done_reason": word("native_finish_reason"),
        "total_duration": nanos("timing.provider_total_s"),
        "load_duration": nanos("timing.load_s"),
        "prompt_eval_duration": nanos("timing.prompt_s"),
        "eval_duration": nanos("timing.completion_s"),
        "prompt_eval_count": count("usage.input_tokens"),
        "prompt_eval_cached_count": count("usage.cache_read_tokens"),
        "eval_count": count("usage.output_tokens"),
        "logprobs": using("logprobs", values.logprobs),
        "remote_model": KEEP,
        "remote_host": KEEP,
        "context": IGNORE,
        "response": IGNORE,
        # Reasoning of completion models.
        "thinking": text("_reasoning_text"),
        "reasoning_content": text("_reasoning_text"),
    },
    kwargs={"reasoning_content": text("_reasoning_text")},
    finish={"stop": "stop", "length": "length", "load": "error", "unload": "error"},
    stop_covers_tools=True,
)
