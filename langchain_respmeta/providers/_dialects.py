"""For providers that nobody described: every family's tables at once.

What came back shows which family it is: their keys do not clash but for `usage`, which Anthropic counts without cache.
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers._anthropic import ANTHROPIC
from langchain_respmeta.providers._bedrock_converse import BEDROCK_CONVERSE
from langchain_respmeta.providers._gemini import GEMINI
from langchain_respmeta.providers._openai_chat import TOKEN_USAGE, token_usage
from langchain_respmeta.providers._reader import Reader, union
from langchain_respmeta.providers.ollama import OLLAMA
from langchain_respmeta.providers.openai import OPENAI

_OPENAI_USAGE: Final = Reader("unknown", metadata=token_usage(TOKEN_USAGE, under="usage"))

GENERIC: Final = union("unknown", OPENAI, ANTHROPIC, GEMINI, BEDROCK_CONVERSE, OLLAMA, _OPENAI_USAGE)
