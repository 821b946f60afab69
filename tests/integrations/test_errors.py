"""Failed calls, through the real classes: the record has the provider's facts about the failure."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from tests.integrations.modes import MODES

RATE_LIMITED = (
    "openai",
    "openai_responses",
    "anthropic",
    "google",
    "bedrock",
    "mistral",
    "groq",
    "fireworks",
)


@pytest.mark.parametrize("mode", ["invoke", "stream", "ainvoke"])
@pytest.mark.parametrize("provider", RATE_LIMITED)
def test_a_rate_limit_says_its_status_and_that_a_retry_may_help(
    replay: ReplayServer, provider: str, mode: str
) -> None:
    handler = RespMetaHandler(feedback=False)
    model: Any = scenario_model(replay, demo_scenarios()[provider]["error_429"])
    with pytest.raises(Exception):  # noqa: B017, PT011 - each SDK raises its own
        MODES[mode](model, {"callbacks": [handler]})
    (record,) = handler.records
    assert record.finish_reason == "error"
    assert record.error is not None
    assert record.error.status_code == 429
    assert record.error.retryable is (record.error.code != "insufficient_quota")
    assert record.error.message is None
    assert record.usage is None
    assert record.cost is None
    assert record.event == "error"
