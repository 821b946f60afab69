"""Databricks: OpenAI-shaped in both APIs; the integration turns lists of content blocks into JSON text.

https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/api-reference
"""

from __future__ import annotations

import json
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import KEEP, Cells, spare
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import drop_zeros
from langchain_respmeta.providers.families.openai import OPENAI
from langchain_respmeta.providers.families.openai_chat import TOKEN_USAGE, token_usage

_BLOCKS: Final = '[{"type": "'
_DECODER: Final = json.JSONDecoder()


def read_blocks(content: object) -> Any:
    """Content blocks out of JSON text, also of several lists in a row (streams); other content as it is."""
    if not isinstance(content, str) or not content.startswith(_BLOCKS):
        return content
    blocks: list[Any] = []
    place = 0
    while place < len(content):
        try:
            part, place = _DECODER.raw_decode(content, place)
        except ValueError:
            return [*blocks, content[place:]] if blocks else content
        if not isinstance(part, list):
            return content
        blocks += part
    return blocks


_SPREAD: Final[Cells] = {
    name: spare(cell) if cell.to else cell
    for name, cell in TOKEN_USAGE.items()
    if name.startswith(("prompt_tokens", "completion_tokens", "total_tokens", "cache_"))
}
"""Older versions spread the usage over the metadata, and give nothing else."""


def drop_filled_in(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """The integration sets the counts of sound to 0 where there was none."""
    drop_zeros(draft, ("usage.input_audio_tokens", "usage.output_audio_tokens"))


DATABRICKS: Final = OPENAI.extended(
    "databricks",
    metadata={
        **token_usage(TOKEN_USAGE, under="usage"),
        **_SPREAD,
        "databricks_output": KEEP,
    },
    repairs=(drop_filled_in,),
    lists_searches=False,
    unpack=read_blocks,
)
