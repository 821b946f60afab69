"""For providers without a description: every family's tables at once.

What came back shows which family it is: their keys do not clash but for `usage`, which Anthropic counts without cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader, Step, union
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.anthropic_messages import ANTHROPIC
from langchain_respmeta.providers.families.bedrock_converse import BEDROCK_CONVERSE
from langchain_respmeta.providers.families.gemini import GEMINI
from langchain_respmeta.providers.families.openai import OPENAI
from langchain_respmeta.providers.families.openai_chat import TOKEN_USAGE, token_usage
from langchain_respmeta.providers.ollama import OLLAMA

_OPENAI_USAGE: Final = Reader("unknown", metadata=token_usage(TOKEN_USAGE, under="usage"))

_SIGNS: Final[Mapping[str, frozenset[str]]] = {
    ANTHROPIC.name: frozenset({"stop_reason", "stop_sequence", "usage"}),
    GEMINI.name: frozenset({"safety_ratings", "prompt_feedback", "grounding_metadata", "citation_metadata"}),
    BEDROCK_CONVERSE.name: frozenset({"stopReason", "ResponseMetadata", "metrics"}),
}
"""Family → keys of which its integrations give one at least: what they fill in is theirs alone."""


def _where_shown(family: Reader) -> tuple[Step, ...]:
    signs = _SIGNS[family.name]

    def repair(draft: ReadDraft, answer: Answer, start: RunStart) -> None:
        if not signs.isdisjoint(answer.metadata):
            for undo in family.repairs:
                undo(draft, answer, start)

    return (repair,)


GENERIC: Final = replace(
    union("unknown", OPENAI, ANTHROPIC, GEMINI, BEDROCK_CONVERSE, OLLAMA, _OPENAI_USAGE),
    repairs=tuple(step for family in (ANTHROPIC, GEMINI, BEDROCK_CONVERSE) for step in _where_shown(family)),
)
