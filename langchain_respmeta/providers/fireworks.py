"""Fireworks: OpenAI-shaped; the integration gives the asked model's name.

https://docs.fireworks.ai/api-reference/post-chatcompletions
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.cells import KEEP, seconds, verbatim
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

FIREWORKS: Final = OPENAI_CHAT.extended(
    "fireworks",
    metadata={
        # Empty with every answer, as its documentation shows it.
        "system_fingerprint": verbatim("system_fingerprint"),
        # https://docs.fireworks.ai/faq-new/models-inference/how-to-get-performance-metrics-for-streaming-responses
        "perf_metrics.server-time-to-first-token": seconds("timing.time_to_first_token_s"),
        "perf_metrics.server-processing-time": seconds("timing.provider_total_s"),
        "perf_metrics.prompt-tokens": KEEP,
        "perf_metrics.cached-prompt-tokens": KEEP,
    },
    model_is_request=True,
)
