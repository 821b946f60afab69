"""NVIDIA: OpenAI-shaped; the integration gives the asked model's name, and spreads the message over the metadata.

https://docs.api.nvidia.com/nim/reference/llm-apis
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.cells import CONTENT, IGNORE, text, using
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

NVIDIA: Final = OPENAI_CHAT.extended(
    "nvidia",
    metadata={
        "content": CONTENT,
        "reasoning_content": CONTENT,
        "reasoning": CONTENT,
        "tool_calls": IGNORE,
        "function_call": IGNORE,
        "refusal": text("_refusal_text"),
        "annotations": using("_annotations", values.as_list),
        "audio": IGNORE,
    },
    kwargs={"_reasoning_api_fields": IGNORE},
    model_is_request=True,
)
