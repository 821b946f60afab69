"""Limits and checks that keep the joining of calls bounded and right."""

import uuid
from typing import Any

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import human_in_the_loop
from langchain_respmeta._agents.attempts import ATTEMPTS
from langchain_respmeta._process.state import STATE

APPROVE = {"type": "approve"}


def calls(count: int) -> list[dict[str, Any]]:
    return [{"id": str(number), "name": "x", "args": {}} for number in range(count)]


def test_decisions_that_fit_in_too_many_ways_are_not_looked_through() -> None:
    """2 approvals lie over 24 calls in 276 ways, over 20 in 190."""
    assert human_in_the_loop._layouts(["approve"] * 2, ["approve"] * 24) == []
    assert len(human_in_the_loop._layouts(["approve"] * 2, ["approve"] * 20)) == 190


def test_of_too_many_ways_the_first_ones_prove_nothing() -> None:
    """In all of the first 256 ways the first call was decided on."""
    assert human_in_the_loop.aligned([APPROVE] * 6, calls(12), set(), {}) == [None] * 12


def test_what_holds_in_every_way_is_told() -> None:
    assert human_in_the_loop.aligned([APPROVE] * 3, calls(3), set(), {}) == [APPROVE] * 3
    assert human_in_the_loop.aligned([APPROVE, {"type": "edit"}], calls(3), set(), {"2": {}})[2] == {
        "type": "edit"
    }


def node(handler: RespMetaHandler, root: uuid.UUID, task: str) -> uuid.UUID:
    run_id = uuid.uuid4()
    metadata = {"langgraph_checkpoint_ns": task, "langgraph_step": 1}
    handler.on_chain_start(
        None, {}, run_id=run_id, parent_run_id=root, tags=["graph:step:1"], metadata=metadata
    )
    return run_id


def ask(handler: RespMetaHandler, parent: uuid.UUID, *, fails: bool) -> None:
    run_id = uuid.uuid4()
    handler.on_chat_model_start({}, [["the same"]], run_id=run_id, parent_run_id=parent)
    if fails:
        handler.on_llm_error(ConnectionError(), run_id=run_id, parent_run_id=parent)
    else:
        handler.on_llm_end({"generations": []}, run_id=run_id, parent_run_id=parent)


def two_tasks(handler: RespMetaHandler, second: str) -> list[int | None]:
    """Attempts of two calls with one prompt: the first fails with its node, the second comes in another run of one."""
    root = uuid.uuid4()
    handler.on_chain_start(None, {}, run_id=root, metadata={})
    first = node(handler, root, "ask:1")
    ask(handler, first, fails=True)
    handler.on_chain_error(ConnectionError(), run_id=first, parent_run_id=root)
    ask(handler, node(handler, root, second), fails=False)
    STATE[ATTEMPTS].chain_ended(root)
    return [record.attempt for record in handler.records]


def test_a_node_that_is_run_again_tries_again(handler: RespMetaHandler) -> None:
    assert two_tasks(handler, "ask:1") == [1, 2]


def test_another_task_of_the_graph_is_no_other_attempt(handler: RespMetaHandler) -> None:
    """Nodes side by side may ask the same."""
    assert two_tasks(handler, "ask:2") == [1, None]
