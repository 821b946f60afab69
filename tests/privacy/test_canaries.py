"""No text of an answer leaves by default: a canary in every place of every dialect is in no output."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.record.typed import record_of
from tests.privacy.canaries import TEXTS, WORD, answers, everything_that_leaves, paths_of, planted
from tests.providers.cases import CASES
from tests.providers.cases._case import Case

WORDS_MAY_STAND = re.compile(
    r"model|requested_model|response_id|request_id|system_fingerprint|"  # ids and names of models
    r"tool_calls\.(id|name)|tool_executions\.(tool_call_id|tool_name)|citations\.file_id|media\.id|"
    r"routing\.(upstream_provider|upstream_id)|"
    r"native_finish_reason|service_tier|stop_sequence|error\.(type|code)|structured_output\.error|"
    r"unmapped|provider_data\.(.*\.)?<key>"  # keys, and finish reasons that no table knows
)
"""Places that may hold one unknown ASCII word. docs/langsmith.md lists the same places."""


def read(case: Case, tree: dict[str, Any]) -> Any:
    start = {"serialized": {"id": ["x", case.integration]}, **case.start}
    generation = {"message": tree["message"], "generation_info": tree["info"]}
    return draft_of({"generations": [[generation]], "llm_output": tree["output"]}, start)


@pytest.mark.parametrize("integration", sorted({case.integration for case in CASES}))
def test_no_text_leaves_from_any_place(integration: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "langchain_respmeta")
    seen = 0
    for number, case in enumerate(each for each in CASES if each.integration == integration):
        for turn in range(3):
            canary = TEXTS[(3 * number + turn) % len(TEXTS)]
            for place, tree in planted(answers(case), canary):
                assert canary not in everything_that_leaves(read(case, tree)), (case.name, place, canary)
                seen += 1
            assert canary not in caplog.text, case.name
    assert seen


@pytest.mark.parametrize("integration", sorted({case.integration for case in CASES}))
def test_an_unknown_word_leaves_only_where_the_list_says(integration: str) -> None:
    for case in [each for each in CASES if each.integration == integration]:
        for place, tree in planted(answers(case), WORD):
            told = record_of(read(case, tree), include_content=False).to_dict()
            found = [path for path in paths_of(told, WORD) if not WORDS_MAY_STAND.fullmatch(path)]
            assert not found, (case.name, place)


def test_an_unknown_finish_reason_stays_named() -> None:
    message = {"type": "ai", "content": "", "response_metadata": {"finish_reason": "ESCALATION"}}
    assert record_of(draft_of(message), include_content=False).native_finish_reason == "ESCALATION"
