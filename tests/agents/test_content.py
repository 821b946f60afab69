"""What is described, what is copied, and what stays at home: media, reasoning, texts, hidden outputs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langchain_core.tracers.langchain import LangChainTracer
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from langsmith import Client
from langsmith import utils as langsmith_utils

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import ReplayServer, chat_model
from langchain_respmeta.local import LocalServer
from tests.agents.bodies import anthropic
from tests.agents.fakes import QUESTION, TOOLS, Sent, State, asker, asks, executions, look_up, model
from tests.sending import send_all

HELLO = "aGVsbG8="
"""Five bytes."""
MEDIA: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "image": (
        {"type": "image", "base64": HELLO, "mime_type": "image/png"},
        {"kind": "image", "mime_type": "image/png", "size_bytes": 5},
    ),
    "audio": (
        {"type": "audio", "base64": HELLO, "mime_type": "audio/wav"},
        {"kind": "audio", "mime_type": "audio/wav", "size_bytes": 5},
    ),
    "video by address": (
        {"type": "video", "url": "https://example.com/a.mp4", "mime_type": "video/mp4"},
        {"kind": "video", "mime_type": "video/mp4", "url": "https://example.com/a.mp4"},
    ),
    "file by id": ({"type": "file", "file_id": "file-1"}, {"kind": "file", "id": "file-1"}),
    "OpenAI's image_url": (
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{HELLO}"}},
        {"kind": "image", "mime_type": "image/jpeg", "size_bytes": 5},
    ),
    "Anthropic's image": (
        {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": HELLO}},
        {"kind": "image", "mime_type": "image/gif", "size_bytes": 5},
    ),
    "Anthropic's document": (
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": HELLO}},
        {"kind": "file", "mime_type": "application/pdf", "size_bytes": 5},
    ),
}


def described(media: Any) -> dict[str, Any]:
    fields = ("kind", "mime_type", "size_bytes", "id", "url")
    return {name: getattr(media, name) for name in fields if getattr(media, name) is not None}


@pytest.mark.parametrize("kind", MEDIA)
def test_media_in_a_tools_result(sent: Sent, handler: RespMetaHandler, kind: str):
    block, expected = MEDIA[kind]

    @tool
    def make() -> list[Any]:
        """Make it."""
        return [{"type": "text", "text": "here"}, block]

    create_agent(model(asks(("a", "make", {})), "done"), [make]).invoke(QUESTION, sent.config())
    (media,) = asker(handler).media
    assert (described(media), media.origin) == (expected, "tool")
    (run,) = sent.metadata(run_type="tool")
    assert run["respmeta"]["media"] == [{**expected, "origin": "tool"}]
    assert HELLO not in json.dumps(run)
    assert executions(handler)[0].result == "here"


@pytest.mark.parametrize("kind", MEDIA)
def test_media_in_an_agents_answer(sent: Sent, handler: RespMetaHandler, kind: str):
    block, expected = MEDIA[kind]
    create_agent(model(AIMessage([{"type": "text", "text": "here"}, block])), []).invoke(
        QUESTION, sent.config()
    )
    (media,) = handler.records[0].media
    assert (described(media), media.origin) == (expected, "model")
    assert HELLO not in json.dumps(sent.metadata(run_type="llm"))


def thinking(*calls: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    body = anthropic("fine", *calls)
    thoughts = [
        {"type": "thinking", "thinking": "They want weather.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "c2VjcmV0"},
    ]
    return {**body, "content": [*thoughts, *body["content"]]}


def test_reasoning_of_an_agents_model(sent: Sent, replay: ReplayServer, handler: RespMetaHandler):
    turns = [thinking(("a", "look_up", {"word": "x"})), anthropic("done")]
    url = replay.add("anthropic", f"thinking-{sent.project}", turns, by="turn")
    create_agent(chat_model("anthropic", url, "claude-sonnet-4-5"), [look_up]).invoke(QUESTION, sent.config())
    first, last = handler.records
    assert first.reasoning is not None
    assert (first.reasoning.present, first.reasoning.redacted) == (True, True)
    assert first.reasoning.text == "They want weather."
    assert [one.result for one in first.tool_executions] == ["x: found"]
    assert last.reasoning is None


def searching(*calls: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """An answer in which the provider ran tools of its own: one worked, one failed."""
    body = anthropic("fine", *calls)
    found = {
        "type": "web_search_result",
        "url": "https://example.com",
        "title": "x",
        "encrypted_content": "x",
        "page_age": None,
    }
    blocks: list[dict[str, Any]] = [
        {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [found]},
        {"type": "server_tool_use", "id": "srv_2", "name": "web_search", "input": {"query": "y"}},
        {
            "type": "web_search_tool_result",
            "tool_use_id": "srv_2",
            "content": {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
        },
    ]
    return {**body, "content": [*blocks, *body["content"]]}


def test_the_providers_tools_beside_the_agents_own(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler
):
    turns = [searching(("a", "look_up", {"word": "x"})), anthropic("done")]
    url = replay.add("anthropic", f"searching-{sent.project}", turns, by="turn")
    create_agent(chat_model("anthropic", url, "claude-sonnet-4-5"), [look_up]).invoke(QUESTION, sent.config())
    told = {one.tool_call_id: (one.tool_name, one.tool_call_error) for one in executions(handler)}
    assert told == {
        "srv_1": ("web_search", False),
        "srv_2": ("web_search", True),
        "a": ("look_up", False),
    }
    assert sent.roots()[0]["respmeta_tool_calls"] == 3
    assert [one["respmeta_tool_call_id"] for one in sent.metadata(run_type="tool")] == ["a"]


# --- what stays at home ----------------------------------------------------------------------------------------------

SECRETS = ("top-secret-word", "top-secret-town", "top-secret-reason", "top-secret-message")


def everything(client: Client, handler: RespMetaHandler, project: str) -> None:
    """Arguments, results, states, errors, decisions and messages that must stay hidden."""
    config: Any = {
        "callbacks": [handler, LangChainTracer(client=client, project_name=project)],
        "configurable": {"thread_id": project},
    }
    agent = create_agent(
        model(
            asks(("a", "look_up", {"word": "top-secret-word"}), ("b", "move", {"city": "top-secret-town"})),
            asks(("c", "draw", {"what": "top-secret-message"})),
            asks(("d", "explode", {"reason": "top-secret-reason"})),
        ),
        list(TOOLS),
        state_schema=State,
        checkpointer=InMemorySaver(),
        middleware=[HumanInTheLoopMiddleware({"draw": True})],
    )
    agent.invoke(QUESTION, config)
    edited = {"name": "draw", "args": {"what": "top-secret-message"}}
    with pytest.raises(RuntimeError):
        agent.invoke(Command(resume={"decisions": [{"type": "edit", "edited_action": edited}]}), config)
    send_all(client)


def ours(server: LocalServer, project: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in run["extra"]["metadata"].items() if key.startswith("respmeta")}
        for run in server.store.runs(project=project)
    ]


def test_no_text_leaves_unless_asked_for(server: LocalServer, make_handler: Callable[..., RespMetaHandler]):
    client = Client(api_url=server.url, api_key="any")
    quiet, open_ = make_handler(include_content=False), make_handler(include_content=True)
    everything(client, quiet, "quiet")
    told = json.dumps([*ours(server, "quiet"), *(record.to_dict() for record in quiet.records)], default=str)
    assert not [secret for secret in SECRETS if secret in told]
    assert '"respmeta_args_edited": true' in told
    everything(client, open_, "open")
    told = json.dumps(ours(server, "open"))
    assert [secret for secret in SECRETS if secret in told] == [*SECRETS]
    client.cleanup()


def test_what_one_handler_may_show_of_a_run_another_does_not(
    server: LocalServer, make_handler: Callable[..., RespMetaHandler]
):
    client = Client(api_url=server.url, api_key="any")
    quiet = make_handler(include_content=False, prefix="quiet")
    loud = make_handler(include_content=True, prefix="loud")
    tracer = LangChainTracer(client=client, project_name="quiet and loud")
    agent = create_agent(
        model(asks(("a", "look_up", {"word": "top-secret-word"})), "done"), list(TOOLS), state_schema=State
    )
    agent.invoke(QUESTION, {"callbacks": [quiet, loud, tracer]})
    send_all(client)
    metadata = [run["extra"]["metadata"] for run in server.store.runs(project="quiet and loud")]
    for prefix, tells in (("quiet", False), ("loud", True)):
        told = json.dumps([{k: v for k, v in one.items() if k.startswith(prefix)} for one in metadata])
        assert ("top-secret-word" in told) is tells
        assert '"look_up"' in told
    client.cleanup()


@pytest.mark.parametrize(
    "hiding", ["LANGSMITH_HIDE_OUTPUTS", "LANGSMITH_HIDE_INPUTS", "LANGSMITH_HIDE_METADATA"]
)
def test_a_client_that_hides_gets_scalars_only(
    server: LocalServer,
    make_handler: Callable[..., RespMetaHandler],
    monkeypatch: pytest.MonkeyPatch,
    hiding: str,
):
    monkeypatch.setenv(hiding, "true")
    langsmith_utils.get_env_var.cache_clear()
    client = Client(api_url=server.url, api_key="any")
    everything(client, make_handler(include_content=True), hiding)
    told = ours(server, hiding)
    assert not [secret for secret in SECRETS if secret in json.dumps(told)]
    if hiding == "LANGSMITH_HIDE_METADATA":
        assert not any(told)
    else:
        stamped = [one for one in told if "respmeta_tool_name" in one]
        assert len(stamped) == 4
        assert not any("respmeta" in one for one in stamped)
        assert {one["respmeta_event"] for one in stamped} == {"tool_call_completed", "tool_call_error"}
        rollups = [one["respmeta"]["rollup"] for one in told if "rollup" in one.get("respmeta", {})]
        assert rollups
        numbers_and_models = {"by_model": dict}
        for rollup in rollups:
            lists = {name: type(part) for name, part in rollup.items() if isinstance(part, list | dict)}
            assert lists == numbers_and_models
    client.cleanup()
