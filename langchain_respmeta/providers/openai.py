"""OpenAI: Chat Completions and Responses.

https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers._openai_chat import OPENAI_CHAT
from langchain_respmeta.providers._openai_responses import (
    RESPONSES,
    RESPONSES_FINISH,
    RESPONSES_IGNORED,
    RESPONSES_KWARGS,
    settle_status,
)

OPENAI: Final = OPENAI_CHAT.extended(
    "openai",
    metadata=RESPONSES,
    kwargs={**RESPONSES_KWARGS, **RESPONSES_IGNORED},
    finish=RESPONSES_FINISH,
    steps=(settle_status,),
)
