"""Records carry what the run says of itself: live, from where the run is stored, and in the table, the same."""

from __future__ import annotations

import json
import pickle
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from langchain.agents import create_agent
from langchain_core.outputs import Generation, LLMResult
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver

from langchain_respmeta import RespMetaHandler, SettingsError, normalize_run
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from tests.attachment.check import metadata_of
from tests.attachment.traced import Traced
from tests.handler.echo import Echo

OWN: Final = ("run_name", "thread_id", "agent_name", "graph_node", "graph_step", "tags", "metadata")
KEY: Final = "sk-proj-abcdefghijklmnopqrstuvwx"
BY: Final = ("user_id", "vip", "score", "tags")
FACTS: Final = {"user_id": "ada@example.com", "vip": True, "score": 0.5, "secret_plan": "none of ours"}


def handler_of(**options: Any) -> RespMetaHandler:
    return RespMetaHandler(feedback=False, **options)


def own(record: Any) -> dict[str, Any]:
    return {name: value for name, value in record.to_dict().items() if name in OWN}


def asked(handler: RespMetaHandler, **config: Any) -> dict[str, Any]:
    """The facts of one call with this configuration."""
    Echo().invoke("1", {"callbacks": [handler], **config})
    return own(handler.records[-1])


def test_a_step_of_an_agent_is_known_by_thread_agent_node_and_user_live_and_stored(
    replay: ReplayServer, traced: Traced
) -> None:
    handler = handler_of(by=BY)
    model: Any = scenario_model(replay, demo_scenarios()["openai"]["basic"])
    agent = create_agent(model, name="planner", checkpointer=InMemorySaver())
    agent.invoke(
        {"messages": [("user", "Please.")]},
        {
            "callbacks": [handler],
            "configurable": {"thread_id": "t-1", "user_id": "u-7"},
            "metadata": {"score": 3},
            "tags": ["prod"],
        },
    )
    (record,) = handler.records
    assert own(record) == {
        "run_name": record.integration,
        "thread_id": "t-1",
        "agent_name": "planner",
        "graph_node": "model",
        "graph_step": 1,
        "tags": ["prod"],
        "metadata": {"user_id": "u-7", "score": 3},
    }
    run = traced.model_run()
    assert own(normalize_run(run, by=BY)) == own(record)
    assert not set(OWN) & metadata_of(run)["respmeta"].keys()
    assert not {f"respmeta_{name}" for name in OWN} & metadata_of(run).keys()


@pytest.mark.parametrize("metadata", [True, False])
def test_what_a_caller_configures_is_known_where_only_the_tracer_is_told(
    traced: Traced, *, metadata: bool
) -> None:
    handler = handler_of(by=("user_id", "org"), metadata=metadata)
    config = {"configurable": {"thread_id": 12, "user_id": "u"}, "metadata": {"org": "o"}}
    (RunnableLambda(str) | Echo()).invoke("1", {"callbacks": [handler], **config})
    assert traced.model_run()
    facts = own(handler.records[-1])
    assert facts == {"run_name": "Echo", "thread_id": "12", "metadata": {"user_id": "u", "org": "o"}}
    assert own(normalize_run(traced.model_run(), by=handler.by)) == facts


def test_only_what_is_named_is_carried_and_in_its_own_type() -> None:
    everything: dict[str, Any] = {"tags": ["a", "b", "a"], "metadata": FACTS, "run_name": "ask"}
    assert asked(handler_of(), **everything) == {"run_name": "ask"}
    assert asked(handler_of(by=BY), **everything) == {
        "run_name": "ask",
        "tags": ["a", "b"],
        "metadata": {"user_id": "ada@example.com", "vip": True, "score": 0.5},
    }


def test_handlers_of_one_run_show_each_what_it_allows() -> None:
    users, tags, neither = handler_of(by=("user_id",)), handler_of(by="tags"), handler_of()
    shown: list[Any] = []
    neither_too = handler_of(sinks=[shown.append])
    handlers = [users, tags, neither, neither_too]
    Echo().invoke("1", {"callbacks": handlers, "tags": ["a"], "metadata": FACTS, "run_name": "ask"})
    assert own(users.records[0]) == {"run_name": "ask", "metadata": {"user_id": "ada@example.com"}}
    assert own(tags.records[0]) == {"run_name": "ask", "tags": ["a"]}
    assert own(neither.records[0]) == {"run_name": "ask"}
    for handler in handlers:
        (row,) = handler.records.to_arrow().to_pylist()
        facts = own(handler.records[0])
        assert (row["tags"], row["metadata"] and json.loads(row["metadata"])) == (
            facts.get("tags"),
            facts.get("metadata"),
        )
        assert json.loads(row["record"]) == handler.records[0].to_dict()
    neither_too.summary()
    assert [own(one) for one in shown] == [{"run_name": "ask"}]


@pytest.mark.parametrize(
    ("metadata", "thread"),
    [
        ({"thread_id": "t", "session_id": "s", "conversation_id": "c"}, "t"),
        ({"conversation_id": "c", "session_id": "s"}, "s"),
        ({"thread_id": None, "conversation_id": UUID(int=7)}, str(UUID(int=7))),
        ({"thread_id": ["no id"], "session_id": True, "conversation_id": ""}, None),
    ],
)
def test_a_thread_has_the_first_id_that_langsmith_looks_for(
    metadata: dict[str, Any], thread: str | None
) -> None:
    assert asked(handler_of(), metadata=metadata).get("thread_id") == thread


def test_secrets_and_what_is_no_scalar_and_what_is_too_long_are_not_carried() -> None:
    odd = {
        "key": f"mine is {KEY}",
        "list": [1],
        "none": None,
        "nan": float("nan"),
        "huge": 2**70,
        "long": "x" * 5_000,
        "half": "\ud83d",
    }
    facts = asked(handler_of(by=(*odd, "tags")), metadata={**odd, "thread_id": KEY}, tags=[KEY, "x" * 300])
    assert facts["metadata"] == {"key": "mine is [secret removed]", "long": "x" * 256, "half": "\ufffd"}
    assert facts["thread_id"] == "[secret removed]"
    assert facts["tags"] == ["[secret removed]", "x" * 256]


def test_tags_are_bounded_and_those_of_chains_bookkeeping_are_left_out() -> None:
    tags = ["seq:step:2", "graph:step:1", "map:key:a b", "branch:default", "condition:1", "branch:main"]
    assert asked(handler_of(by="tags"), tags=tags)["tags"] == ["branch:main"]
    many = [f"t{number}" for number in range(100)]
    assert asked(handler_of(by="tags"), tags=many)["tags"] == sorted(many, key=lambda one: int(one[1:]))[:32]


@pytest.mark.parametrize(
    ("by", "word"),
    [
        (7, "names of keys"),
        ([1], "names of keys"),
        ([f"k{number}" for number in range(33)], "at most 32"),
        (["k" * 129], "more than 128"),
        (["api_key"], "names a secret"),
    ],
)
def test_what_cannot_be_allowed_is_said_when_the_handler_is_made(by: Any, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as told:
        handler_of(by=by)
    assert told.value.setting == "by"
    if not isinstance(by, int):
        with pytest.raises(SettingsError, match=word):
            normalize_run({"run_type": "llm"}, by=by)


def test_the_environment_names_keys_with_commas_and_a_copy_keeps_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RESPMETA_BY", "user_id, tags,,user_id")
    handler = handler_of()
    assert handler.by == ("user_id", "tags")
    assert handler_of(by=()).by == ()
    monkeypatch.setenv("RESPMETA_BY", "user_id,api_key")
    with pytest.raises(SettingsError, match="RESPMETA_BY: 'api_key' names a secret"):
        handler_of()
    monkeypatch.delenv("RESPMETA_BY")
    assert pickle.loads(pickle.dumps(handler)).by == ("user_id", "tags")  # noqa: S301 - our own


class Raising(dict[str, Any]):
    """Metadata of which one entry cannot be read."""

    def get(self, key: Any, default: Any = None) -> Any:
        if key == "user_id":
            raise RuntimeError(key)
        return super().get(key, default)


def test_metadata_that_cannot_be_read_costs_the_facts_alone() -> None:
    stored = {"id": str(UUID(int=1)), "run_type": "llm", "error": "ConnectionError()", "name": "Echo"}
    metadata = Raising(user_id="u", thread_id="t")
    record = normalize_run({**stored, "extra": {"metadata": metadata}}, by=("user_id",))
    assert (record.event, record.run_id, record.metadata) == ("error", stored["id"], {})
    assert normalize_run({**stored, "extra": {"metadata": metadata}}).thread_id == "t"


def test_the_rows_of_stored_runs_are_the_same_whichever_way_they_are_read(traced: Traced) -> None:
    import pyarrow as pa

    from langchain_respmeta.history import normalize_batch

    handler = handler_of(by=BY)
    for number in range(12):
        metadata = FACTS if number % 3 else {**FACTS, "user_id": f"u{number}", "thread_id": f"t{number}"}
        config: Any = {"callbacks": [handler], "metadata": metadata, "tags": ["prod"], "run_name": "ask"}
        Echo().invoke(str(number), config)
    runs = sorted(traced.runs(run_type="llm"), key=lambda run: run["start_time"])
    one_by_one = [normalize_run(run, by=BY) for run in runs]
    assert [own(one) for one in one_by_one] == [own(one) for one in handler.records]
    batch = pa.RecordBatch.from_pydict({"run": [json.dumps(run, default=str) for run in runs]})
    rows = normalize_batch(batch, by=BY).to_pylist()
    assert [json.loads(row["record"]) for row in rows] == [one.to_dict() for one in one_by_one]
    for row, record in zip(rows, one_by_one, strict=True):
        assert [row[name] for name in OWN[:5]] == [getattr(record, name) for name in OWN[:5]]
        assert (row["tags"], json.loads(row["metadata"])) == (["prod"], record.metadata)
    without = normalize_batch(batch).to_pylist()
    assert {(row["tags"], row["metadata"]) for row in without} == {(None, None)}
    assert [row["thread_id"] for row in without] == [row["thread_id"] for row in rows]


@pytest.mark.parametrize("metadata", ["user_id", ["user_id"], 7, object()])
def test_metadata_that_is_no_mapping_costs_nothing_but_itself(metadata: Any) -> None:
    handler, run_id = handler_of(by=BY), uuid4()
    handler.on_chat_model_start({}, [[]], run_id=run_id, metadata=metadata, tags=["nightly"], name="Echo")
    handler.on_llm_end(LLMResult(generations=[[Generation(text="1")]]), run_id=run_id)
    assert own(handler.records[-1]) == {"run_name": "Echo", "tags": ["nightly"]}
    assert not handler.summary()["faults"]
