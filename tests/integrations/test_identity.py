"""Who answered: what the caller names, what a stream's merge glues together, and signs that outweigh an id's shape."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta._process.faults import FAULTS
from langchain_respmeta._process.state import STATE
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.errors import SettingsError
from tests.integrations.modes import MODES
from tests.peers.bodies import chat, spent
from tests.peers.calls import EVERY_WAY, ask, model_at

PROXIED = chat(spent(10, 2), id="chatcmpl-" + "0a" * 16)


@EVERY_WAY
@pytest.mark.parametrize(
    "named",
    [
        {"127.0.0.1": "openai"},
        {"127.*": "OpenAI"},
        {"ChatOpenAI": "openai"},
        {"claude*": "anthropic", "gpt-5*": "openai"},
    ],
    ids=["host", "part of a host", "class", "model"],
)
def test_the_handler_is_told_who_is_behind_a_proxy(
    replay: ReplayServer, named: dict[str, str], mode: str
) -> None:
    handler = RespMetaHandler(feedback=False, provider=named)
    MODES[mode](model_at(replay, "openai", PROXIED), {"callbacks": [handler]})
    (record,) = handler.records
    assert record.provider == "openai"
    assert record.cost is not None
    assert record.cost.total is not None
    assert record.warnings == ()


@EVERY_WAY
def test_one_call_says_who_is_behind_it_and_counts_more(replay: ReplayServer, mode: str) -> None:
    handler = RespMetaHandler(feedback=False, provider={"*": "groq"})
    metadata = {"respmeta_provider": "azure"}  # LangChain's word for it
    MODES[mode](model_at(replay, "openai", PROXIED), {"callbacks": [handler], "metadata": metadata})
    assert handler.records[0].provider == "azure.ai.openai"


def test_a_name_that_nobody_has_is_told_and_does_not_leave(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False)
    metadata = {"respmeta_provider": "Mrs. Doe's own"}
    model_at(replay, "openai", PROXIED).invoke("hi", {"callbacks": [handler], "metadata": metadata})
    (record,) = handler.records
    assert record.provider == "unknown"
    assert record.warnings == ("respmeta_provider: expected the name of a known provider",)
    assert STATE[FAULTS] == {}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("openai", "a mapping of hosts"),
        ({"": "openai"}, "a mapping of hosts"),
        ({"llm.example.com": 1}, "a mapping of hosts"),
        ({"llm.example.com": "opnai"}, "did you mean 'openai'"),
        ({"llm.example.com": "qqq"}, "register_provider"),
    ],
)
def test_a_handler_that_is_told_nonsense_says_so(value: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        RespMetaHandler(provider=value)


def test_the_setting_is_pickled_with_the_handler() -> None:
    handler = pickle.loads(pickle.dumps(RespMetaHandler(provider={"llm.example.com": "openai"})))  # noqa: S301
    assert handler.provider == {"llm.example.com": "openai"}


@pytest.mark.parametrize(
    ("glued", "one"),
    [
        ("gpt-5-mini-2025-08-07gpt-5-mini", "gpt-5-mini-2025-08-07"),
        ("gpt-5-minigpt-5-mini-2025-08-07", "gpt-5-mini-2025-08-07"),
        ("gpt-5-minigpt-5-mini-2025-08-07gpt-5-mini", "gpt-5-mini-2025-08-07"),
        ("claude-sonnet-4-5-20250929claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("openai/gpt-4oopenai/gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06"),
        # One name, which only looks as if it were two.
        ("qwen/qwen3-32b", "qwen/qwen3-32b"),
        ("mistralai/mistral-large", "mistralai/mistral-large"),
        ("deepseek-ai/deepseek-r1", "deepseek-ai/deepseek-r1"),
    ],
)
def test_names_that_a_streams_merge_glued_together_are_one(glued: str, one: str) -> None:
    told = {"type": "AIMessageChunk", "content": "hi", "response_metadata": {"model_name": glued}}
    assert normalize(told, start={"serialized": {"id": ["ChatGroq"]}}).model == one


@pytest.mark.parametrize(
    ("key", "glued", "field", "one"),
    [
        ("service_tier", "autodefault", "service_tier", "default"),
        ("service_tier", "on_demand", "service_tier", "on_demand"),
        ("system_fingerprint", "fp_aaaa1111fp_bbbb2222", "system_fingerprint", "fp_bbbb2222"),
        ("finish_reason", "stoplength", "native_finish_reason", "length"),
        ("id", "gen-1780000000-aaaagen-1780000000-bbbb", "response_id", "gen-1780000000-aaaa"),
    ],
)
def test_other_words_that_were_glued_together_are_one(key: str, glued: str, field: str, one: str) -> None:
    told = {"type": "AIMessageChunk", "content": "hi", "response_metadata": {key: glued}}
    assert getattr(normalize(told, start={"serialized": {"id": ["ChatDeepSeek"]}}), field) == one


@pytest.mark.parametrize("response_id", ["resp_00c0ffee11", "chatcmpl-1"])
def test_what_only_a_chat_completion_has_outweighs_an_ids_shape(
    replay: ReplayServer, response_id: str
) -> None:
    record = ask(replay, "openai", chat(spent(10, 2), id=response_id, model="Qwen/Qwen3-8B"))
    assert (record.api, record.response_id) == ("chat_completions", response_id)
