"""Amazon Bedrock's guardrail trace: every policy's findings as safety ratings.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAssessment.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import Unreadable
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft

_POLICIES: Final = (
    "contentPolicy",
    "topicPolicy",
    "wordPolicy",
    "sensitiveInformationPolicy",
    "contextualGroundingPolicy",
)


def assessments(trace: object) -> list[dict[str, Any]]:
    """Ratings of a `trace.guardrail`: one for each finding of each policy."""
    if not isinstance(trace, Mapping):
        raise Unreadable("a guardrail trace")
    return [
        _rating(policy, item, scope)
        for name, scope in _SCOPES.items()
        for policy, item in _findings(trace.get(name))
    ]


_SCOPES: Final = {
    "inputAssessment": "prompt",
    "outputAssessments": "completion",
    "input": "prompt",
    "outputs": "completion",
}
"""Converse's two names, and InvokeModel's."""


def _findings(by_guardrail: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(by_guardrail, list):
        for one in by_guardrail:
            yield from _findings(one)
    for assessed in by_guardrail.values() if isinstance(by_guardrail, Mapping) else ():
        for assessment in assessed if isinstance(assessed, list) else [assessed]:
            if isinstance(assessment, Mapping):
                yield from _of_policies(assessment)


def _of_policies(assessment: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for policy in _POLICIES:
        groups = assessment.get(policy)
        for items in groups.values() if isinstance(groups, Mapping) else ():
            if isinstance(items, list):
                yield from ((policy, item) for item in items if isinstance(item, Mapping))


def _rating(policy: str, item: Mapping[str, Any], scope: str) -> dict[str, Any]:
    subject = next((str(item[name]) for name in ("name", "type") if item.get(name)), policy)
    rating: dict[str, Any] = {"category": subject, "scope": scope, "source": "bedrock_guardrail"}
    if isinstance(item.get("confidence"), str):
        rating["probability"] = item["confidence"]
    if isinstance(item.get("score"), int | float):
        rating["score"] = float(item["score"])
    if isinstance(item.get("action"), str):
        rating["blocked"] = item["action"] == "BLOCKED"
    return rating


def keep_reason(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """The guardrail's own words, and its trace as the provider sent it."""
    for name in ("trace", "amazon-bedrock-trace"):
        trace = answer.metadata.get(name)
        guardrail = trace.get("guardrail") if isinstance(trace, Mapping) else None
        if not isinstance(guardrail, Mapping):
            continue
        if isinstance(reason := guardrail.get("actionReason"), str):
            draft.setdefault("_guardrail_reason", reason)
        kept = {key: value for key, value in guardrail.items() if key != "actionReason"}
        draft.setdefault("_provider_data", {}).setdefault(name, {})["guardrail"] = kept
