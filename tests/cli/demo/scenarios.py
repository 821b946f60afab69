"""The demo's scenarios as test parameters."""

from typing import Any

import pytest

from langchain_respmeta.demo import Answer, Scenario, demo_scenarios


def scenarios(*, failing: bool) -> list[Any]:
    """Every demo scenario whose first answer fails, or every one that answers."""
    return [
        pytest.param(scenario, id=f"{provider}-{name}")
        for provider, group in demo_scenarios().items()
        for name, scenario in group.items()
        if fails(scenario.answers[0]) is failing
    ]


def answers(provider: str) -> list[Any]:
    """Every body of a provider that answers."""
    return [
        pytest.param(answer.body, id=f"{provider}-{name}-{number}")
        for name, scenario in demo_scenarios()[provider].items()
        for number, answer in enumerate(scenario.answers)
        if answer.status == 200
    ]


def fails(answer: Answer) -> bool:
    return answer.status >= 400 or bool(answer.fault) or answer.body.get("status") == "failed"


def by_provider(name: str) -> list[Scenario]:
    return [group[name] for group in demo_scenarios().values() if name in group]
