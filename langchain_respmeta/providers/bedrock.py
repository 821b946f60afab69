"""Amazon Bedrock: the Converse API.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers._bedrock_converse import BEDROCK_CONVERSE

BEDROCK: Final = BEDROCK_CONVERSE
