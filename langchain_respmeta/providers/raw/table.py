"""All dialects, in the order in which they are asked: the first whose shape fits reads."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.raw.chat_completions import CHAT_COMPLETIONS, COMPLETIONS
from langchain_respmeta.providers.raw.cohere import COHERE_CHAT, COHERE_CHAT_V1, COHERE_GENERATE
from langchain_respmeta.providers.raw.complete import COMPLETE
from langchain_respmeta.providers.raw.converse import CONVERSE
from langchain_respmeta.providers.raw.dialect import Dialect
from langchain_respmeta.providers.raw.generate_content import GENERATE_CONTENT
from langchain_respmeta.providers.raw.invoke_model import INVOKE_MODEL
from langchain_respmeta.providers.raw.messages import MESSAGES
from langchain_respmeta.providers.raw.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from langchain_respmeta.providers.raw.responses import RESPONSES
from langchain_respmeta.providers.raw.text_generation import TGI, WATSONX_TEXT
from langchain_respmeta.providers.raw.xai_outputs import XAI_OUTPUTS

DIALECTS: Final[tuple[Dialect, ...]] = (
    XAI_OUTPUTS,  # by words that nobody else has
    INVOKE_MODEL,  # wraps bodies of others
    CHAT_COMPLETIONS,
    COMPLETIONS,
    RESPONSES,
    MESSAGES,
    COMPLETE,
    GENERATE_CONTENT,
    CONVERSE,
    OLLAMA_CHAT,
    OLLAMA_GENERATE,
    COHERE_CHAT,
    COHERE_CHAT_V1,
    COHERE_GENERATE,
    TGI,
    WATSONX_TEXT,
)
