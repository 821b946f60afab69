"""OpenRouter: OpenAI-shaped, plus what it charged and what its vendor charged it.

https://openrouter.ai/docs/api-reference/overview
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.cells import KEEP, flag, money, text, using
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT, read_cost

OPENROUTER: Final = OPENAI_CHAT.extended(
    "openrouter",
    metadata={
        "cost": using("cost.total", read_cost),
        "cost_details.upstream_inference_cost": money("cost.upstream_inference"),
        "cost_details.upstream_inference_prompt_cost": KEEP,
        "cost_details.upstream_inference_completions_cost": KEEP,
        "cost_details.upstream_inference_input_cost": KEEP,
        "cost_details.upstream_inference_output_cost": KEEP,
        "is_byok": flag("routing.is_byok"),
        "provider": text("routing.upstream_provider"),
        "native_finish_reason": text("_told_finish_reason"),
    },
)
