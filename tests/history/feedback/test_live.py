"""The feedback of stored runs is the live handler's: real integrations, LangSmith's SDK, the embedded server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.demo.calls import CALLS, make_calls
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history import give_feedback
from langchain_respmeta.local import LocalServer
from tests.attachment.traced import traced_to
from tests.delivery.feedback_cases import client as client_of

_SAID: Final = (
    "key",
    "score",
    "value",
    "comment",
    "run_id",
    "trace_id",
    "session_id",
)
_MEASURED: Final = ("respmeta_time_to_first_token_s", "respmeta_tokens_per_second")
"""What only the handler measures: a server keeps the time of the first chunk, not of the first token."""

_CALLS: Final = tuple(
    call
    for call in CALLS
    if call.provider in ("openai", "openai_responses", "anthropic") and not call.asynchronous
)

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""Real integrations keep connections open until they are collected."""

Said = dict[str, tuple[Any, ...]]


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


def said(rows: list[dict[str, Any]], *, measured: bool) -> Said:
    """What each feedback says, by its id."""
    return {
        row["id"]: tuple(row[name] for name in _SAID)
        for row in rows
        if measured or row["key"] not in _MEASURED
    }


@pytest.mark.parametrize("metadata", [True, False], ids=["record on the run", "no record"])
def test_stored_calls_get_the_feedback_that_they_got_live(
    server: LocalServer, replay: ReplayServer, *, metadata: bool
) -> None:
    """The same ids, keys, scores, values and texts. Where it is there already, all of it is taken for delivered."""
    with traced_to(server, f"history-live-{metadata}") as traced:
        handler = RespMetaHandler(feedback="all", include_content=True, metadata=metadata)
        made = list(make_calls(replay, {"callbacks": [handler]}, _CALLS))
        before = traced.feedback(handler)
        assert len(before) > 8 * len(made)

        give_feedback(traced.project, "all", include_content=True, client=traced.client)
        assert server.store.feedback() == before

        with server.store.write() as connection:
            connection.execute("DELETE FROM feedback")
        give_feedback(
            traced.project, "all", include_content=True, client=traced.client, extend_retention=True
        )
        after = server.store.feedback()
        assert {row.pop("extend_trace_retention") for row in after} == {True}
        assert said(after, measured=metadata) == said(before, measured=metadata)


def test_a_project_without_calls_is_told_so(server: LocalServer) -> None:
    client = client_of(server.url)
    client.create_project("nobody-called")
    with pytest.raises(SettingsError, match="'nobody-called' has no ended calls of models"):
        give_feedback("nobody-called", client=client)
    assert not server.requests.matching("POST", "/feedback")
