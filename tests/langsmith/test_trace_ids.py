"""The record knows its trace wherever a tracer runs, whatever is put on runs."""

from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import LangChainTracer

from langchain_respmeta import RespMetaHandler
from tests.attachment.traced import Traced
from tests.handler.echo import Echo


@pytest.mark.parametrize("is_first", [True, False], ids=["handler first", "tracer first"])
@pytest.mark.parametrize("feedback", [False, "all"])
@pytest.mark.parametrize("metadata", [False, True])
def test_the_trace_is_in_the_record(traced: Traced, metadata: Any, feedback: Any, is_first: Any) -> None:
    handler = RespMetaHandler(metadata=metadata, feedback=feedback)
    tracer = LangChainTracer(client=traced.client, project_name=traced.project)
    callbacks: list[Any] = [handler, tracer] if is_first else [tracer, handler]
    RunnableLambda(lambda asked: Echo().invoke(asked)).invoke("3", {"callbacks": callbacks})
    (record,) = handler.records
    run = traced.model_run()
    assert record.run_id == run["id"]
    assert record.trace_id == run["trace_id"] != run["id"]
    assert record.parent_run_id == run["parent_run_id"]
    assert ("respmeta" in run["extra"]["metadata"]) is metadata
    assert handler.summary()["faults"] == {}
