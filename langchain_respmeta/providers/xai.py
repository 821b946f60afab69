"""xAI: OpenAI-shaped in both APIs. Chat counts reasoning in addition to the output; costs are in ticks.

https://docs.x.ai/docs/api-reference
"""

from __future__ import annotations

from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import KEEP, using
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.openai import OPENAI
from langchain_respmeta.providers.families.openai_chat import read_cost, ticks, token_usage


def _cost(value: object) -> Any:
    """The number is of ticks where it is whole, of USD else: xAI has sent both under one name."""
    return ticks(value) if value.__class__ is int else read_cost(value)


def count_reasoning_once(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """The integration adds the reasoning to the output; the total proves where xAI had counted it already."""
    total, reasoning = draft.get("usage.total_tokens"), draft.get("usage.reasoning_tokens")
    if not total or not reasoning or "usage.input_tokens" not in draft:
        return
    output = total - draft["usage.input_tokens"]
    if draft.get("usage.output_tokens") == output + reasoning:
        draft["usage.output_tokens"] = output


XAI: Final = OPENAI.extended(
    "x_ai",
    metadata=token_usage({"cost": using("cost.total", _cost), "server_side_tool_usage_details": KEEP}),
    steps=(count_reasoning_once,),
    reports_own_as_custom=True,
    lists_searches=False,
)
