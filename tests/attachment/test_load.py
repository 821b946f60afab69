"""Many calls at once through one handler: no run loses its record, none carries another's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from tests.attachment.check import faults_in, metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.places import USER_TAG, user_metadata
from tests.attachment.setting import PROMPT, QUESTION
from tests.attachment.traced import Traced


def _in_64_threads(config: Any) -> int:
    chain, calls = PROMPT | NumberedModel(), 320
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda _: chain.invoke(QUESTION, config), range(calls)))
    return calls


def _as_1000_tasks(config: Any) -> int:
    model, calls = NumberedModel(), 1_000

    async def run() -> None:
        await asyncio.gather(*(model.ainvoke("why?", config) for _ in range(calls)))

    asyncio.run(run())
    return calls


@pytest.mark.parametrize("way", [_in_64_threads, _as_1000_tasks])
def test_no_record_is_lost_or_mixed_up(traced: Traced, way: Callable[[Any], int]) -> None:
    handler = RespMetaHandler(feedback=False)
    config = {"callbacks": [handler], "metadata": user_metadata(traced.project), "tags": [USER_TAG]}
    made = way(config)
    runs = traced.runs()
    assert faults_in(runs, traced.project, ["respmeta"]) == []
    calls = [run for run in runs if run["run_type"] == "llm"]
    assert len(calls) == len(handler.records) == made
    by_run = {record.run_id: record.response_id for record in handler.records}
    assert by_run == {run["id"]: metadata_of(run)["respmeta_response_id"] for run in calls}
    assert len(set(by_run.values())) == made
