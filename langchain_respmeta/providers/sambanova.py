"""SambaNova: OpenAI-shaped, with its own measurements in the usage; the integration gives the asked model's name.

https://docs.sambanova.ai/cloud/api-reference/endpoints/chat
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.cells import IGNORE, KEEP, number, seconds
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT, token_usage

SAMBANOVA: Final = OPENAI_CHAT.extended(
    "sambanova",
    metadata=token_usage(
        {
            "total_latency": seconds("timing.provider_total_s"),
            "time_to_first_token": seconds("timing.time_to_first_token_s"),
            "completion_tokens_per_sec": number("timing.tokens_per_second"),
            "completion_tokens_after_first_per_sec": KEEP,
            "completion_tokens_after_first_per_sec_first_ten": KEEP,
            "completion_tokens_after_first_per_sec_graph": KEEP,
            "time_to_first_token_graph": KEEP,
            "total_tokens_per_sec": KEEP,
            "acceptance_rate": KEEP,
            "start_time": KEEP,
            "end_time": KEEP,
            "is_last_response": IGNORE,
            "stop_reason": IGNORE,
        }
    ),
    model_is_request=True,
)
