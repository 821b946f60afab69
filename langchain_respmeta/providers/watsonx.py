"""IBM watsonx.ai: OpenAI-shaped. https://cloud.ibm.com/apidocs/watsonx-ai#text-chat."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.cells import KEEP, spare, text
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

WATSONX: Final = OPENAI_CHAT.extended(
    "ibm.watsonx.ai",
    metadata={
        "model_id": spare(text("model")),  # of an API's own answer only
        **dict.fromkeys(("model_version", "system.warnings"), KEEP),
    },
    finish={"cancelled": "cancelled"},
)
