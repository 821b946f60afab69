"""Feedback through the real SDK, sent at once or batched with runs."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from langsmith import Client
from langsmith.utils import LangSmithConflictError, LangSmithNotFoundError

from langchain_respmeta.local import LocalServer
from tests.sending import send_all

START = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG: dict[str, Any] = {
    "type": "categorical",
    "categories": [{"value": 0, "label": "ok"}, {"value": 1, "label": "refused"}],
}


def make_run(client: Client) -> tuple[uuid.UUID, uuid.UUID]:
    """A finished run and its project."""
    run_id = uuid.uuid4()
    client.create_run(
        "r", {}, "llm", id=run_id, project_name="p", start_time=START, end_time=START, outputs={}
    )
    send_all(client)
    return run_id, client.read_project(project_name="p").id


def test_feedback_sent_at_once_keeps_every_field(server: LocalServer, client: Client) -> None:
    run_id, session_id = make_run(client)
    feedback_id = uuid.uuid4()
    client.create_feedback(
        run_id,
        "respmeta_refused",
        score=1,
        value={"reason": "policy"},
        comment="why",
        correction={"answer": "no"},
        feedback_id=feedback_id,
        feedback_config=CONFIG,
        source_info={"by": "test"},
        trace_id=run_id,
        session_id=session_id,
        start_time=START,
        extra={"schema": "1.0"},
        error=False,
        extend_trace_retention=False,
        stop_after_attempt=1,
    )
    (stored,) = server.store.feedback()
    expected = {
        "id": str(feedback_id),
        "run_id": str(run_id),
        "trace_id": str(run_id),
        "session_id": str(session_id),
        "key": "respmeta_refused",
        "score": 1.0,
        "value": {"reason": "policy"},
        "comment": "why",
        "correction": {"answer": "no"},
        "feedback_config": CONFIG,
        "extra": {"schema": "1.0"},
        "error": False,
        "start_time": "2026-01-01T00:00:00.000000+00:00",
        "extend_trace_retention": False,
        "received_by": "request",
    }
    assert {key: stored[key] for key in expected} == expected
    assert stored["feedback_source"] == {"type": "api", "metadata": {"by": "test"}}
    assert server.requests.operations("feedback") == [str(feedback_id)]
    read = client.read_feedback(feedback_id)
    assert (read.score, read.value, read.extra) == (1.0, {"reason": "policy"}, {"schema": "1.0"})


def test_batched_feedback_arrives_as_a_part_and_extends_retention(
    server: LocalServer, client: Client
) -> None:
    run_id, session_id = make_run(client)
    client.create_feedback(run_id, "thumb", score=True, trace_id=run_id, session_id=session_id)
    send_all(client)
    server.wait(lambda store: store.feedback())
    (stored,) = server.store.feedback(key="thumb")
    assert (stored["score"], stored["received_by"], stored["extend_trace_retention"]) == (
        1.0,
        "multipart",
        True,
    )
    assert not server.requests.matching("POST", "/feedback")


def test_the_same_id_again_is_a_conflict_and_changes_nothing(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    run_id, session_id = make_run(client)
    again = {"feedback_id": uuid.uuid4(), "session_id": session_id, "stop_after_attempt": 1}
    client.create_feedback(run_id, "k", score=0.25, **again)
    with pytest.raises(LangSmithConflictError, match="already received"):
        client.create_feedback(run_id, "k", score=0.75, **again)
    assert [row["score"] for row in server.store.feedback()] == [0.25]


def test_feedback_may_come_before_its_run_but_not_before_its_project(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    client.create_feedback(uuid.uuid4(), "early", score=1, stop_after_attempt=1)
    assert [row["key"] for row in server.store.feedback()] == ["early"]
    with pytest.raises(LangSmithNotFoundError, match="project"):
        client.create_feedback(uuid.uuid4(), "k", score=1, session_id=uuid.uuid4(), stop_after_attempt=1)


def test_feedback_is_listed_changed_and_deleted(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    run_id, session_id = make_run(client)
    other = uuid.uuid4()
    ids = [
        client.create_feedback(run_id, key, score=score, session_id=session_id, stop_after_attempt=1).id
        for key, score in (("a", 0), ("a", 1), ("b", None))
    ]
    client.create_feedback(other, "a", score=1, stop_after_attempt=1)

    def listed(**arguments: Any) -> set[uuid.UUID]:
        return {feedback.id for feedback in client.list_feedback(**arguments)}

    assert listed(run_ids=[run_id]) == set(ids)
    assert listed(run_ids=[run_id], feedback_key=["a"]) == set(ids[:2])
    assert listed(run_ids=[run_id], has_score=False) == {ids[2]}
    assert len(list(client.list_feedback(limit=2))) == 2
    assert client.read_run(run_id).feedback_stats == {
        "a": {"n": 2, "avg": 0.5, "min": 0.0, "max": 1.0, "values": {}},
        "b": {"n": 1, "avg": None, "min": None, "max": None, "values": {}},
    }
    client.update_feedback(ids[2], score=0.5, comment="changed")
    assert client.read_feedback(ids[2]).comment == "changed"
    client.delete_feedback(ids[2])
    assert listed(run_ids=[run_id]) == set(ids[:2])
    with pytest.raises(LangSmithNotFoundError):
        client.read_feedback(ids[2])


def test_the_configuration_of_a_key_is_learned_once_and_managed(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    client.create_feedback(uuid.uuid4(), "k", score=1, feedback_config=CONFIG, stop_after_attempt=1)
    client.create_feedback(
        uuid.uuid4(), "k", score=1, feedback_config={"type": "freeform"}, stop_after_attempt=1
    )
    (config,) = client.list_feedback_configs(feedback_key=["k"])
    assert config.feedback_config == CONFIG
    client.create_feedback_config("speed", feedback_config={"type": "continuous", "min": 0, "max": 1})
    assert client.update_feedback_config("speed", is_lower_score_better=True).is_lower_score_better is True
    assert [found.feedback_key for found in client.list_feedback_configs(name_contains="spe")] == ["speed"]
    client.delete_feedback_config("speed")
    with pytest.raises(LangSmithNotFoundError):
        client.update_feedback_config("speed", is_lower_score_better=True)
