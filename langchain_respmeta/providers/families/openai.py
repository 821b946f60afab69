"""The family of OpenAI's own APIs, Chat Completions and Responses, as OpenAI and those who serve both give them.

https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT
from langchain_respmeta.providers.families.openai_responses import (
    RESPONSES,
    RESPONSES_FINISH,
    RESPONSES_IGNORED,
    RESPONSES_KWARGS,
    settle_status,
)


def _of_text_model(answer: Answer) -> bool:
    """`OpenAI`, the class of completion models, gives the asked model's name."""
    return not answer.is_message and answer.is_text


OPENAI: Final = OPENAI_CHAT.extended(
    "openai",
    metadata=RESPONSES,
    kwargs={**RESPONSES_KWARGS, **RESPONSES_IGNORED},
    finish=RESPONSES_FINISH,
    steps=(settle_status,),
    model_is_request=_of_text_model,
    lists_searches=True,
)
