"""The table of what integrations lose, against the real classes: what it calls lost is lost, what not arrives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.enrich.prices.modes import FACTS, LOSSES, Fact, lost_by
from tests.enrich.prices.every_class import CLASSES, call, tells
from tests.peers.bodies import BEDROCK_SONNET, FLASH, MINI, SONNET, chat, spent
from tests.peers.calls import ask

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
"""Some SDKs leave their sockets to the garbage collector, and some classes warn of their own end."""


def cells() -> Iterator[tuple[str, Fact, str]]:
    for name in CLASSES:
        for fact in FACTS:
            if fact in LOSSES[name].facts:
                for mode in ("invoke", "stream", "v3"):
                    yield name, fact, mode


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    price.preload(wait=True)


@pytest.mark.parametrize(("name", "fact", "mode"), list(cells()))
def test_the_table_tells_what_arrives(
    replay: ReplayServer, name: str, fact: Fact, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = LOSSES[name].whole if mode == "invoke" else LOSSES[name].streamed
    assert tells(call(replay, name, fact, mode, monkeypatch), fact) == (fact not in lost)


def test_each_row_that_has_facts_is_tried_and_loses_none_that_there_is_not() -> None:
    assert {name for name, row in LOSSES.items() if row.facts} == set(CLASSES)
    assert all(row.whole | row.streamed <= row.facts for row in LOSSES.values())


ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("ChatBedrock", BEDROCK_SONNET, {"service_tier": "flex"}),
    ("ChatGoogleGenerativeAI", FLASH, {"model_kwargs": {"service_tier": "flex"}}),
    ("ChatGoogleGenerativeAI", FLASH, {"additional_headers": {"X-Vertex-AI-LLM-Shared-Request-Type": "flex"}}),
    ("ChatGoogleGenerativeAI", FLASH, {"additional_headers": {"x-vertex-ai-llm-request-type": "dedicated"}}),
    ("ChatLiteLLM", f"openai/{MINI}", {"model_kwargs": {"service_tier": "priority"}}),
    ("ChatLiteLLM", f"openai/{MINI}", {"model_kwargs": {"extra_body": {"service_tier": "priority"}}}),
    ("ChatMistralAI", "mistral-small-2506", {"model_kwargs": {"service_tier": "priority"}}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "model", "asked"), ASKED)
def test_a_tier_that_was_asked_for_and_lost_has_no_price(
    replay: ReplayServer, name: str, model: str, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where LangChain cannot serialize the class (ChatLiteLLM), and where a header asks (Vertex AI)."""
    assert "service_tier" in LOSSES[name].whole
    without = call(replay, name, "service_tier", "invoke", monkeypatch, model=model)
    assert without.cost is not None
    assert without.cost.total
    cost = call(replay, name, "service_tier", "invoke", monkeypatch, model=model, **asked).cost
    assert cost is not None
    assert (cost.total, cost.unpriced_reason) == (None, "tier_not_told")


def test_what_vertex_ai_serves_as_you_go_has_a_price(
    replay: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"X-Vertex-AI-LLM-Request-Type": "shared"}
    name: Any = "ChatGoogleGenerativeAI"
    record = call(replay, name, "service_tier", "invoke", monkeypatch, additional_headers=headers)
    assert record.cost is not None
    assert record.cost.total


class NobodyTried(FakeMessagesListChatModel):
    """A user's own class."""


def cost_of(usage: dict[str, Any]) -> Any:
    metadata = {"model_provider": "openai", "model_name": MINI, "finish_reason": "stop"}
    told: Any = {"output_tokens": 100, "total_tokens": usage["input_tokens"] + 100, **usage}
    handler = RespMetaHandler(feedback=False)
    model = NobodyTried(responses=[AIMessage("Uruk", usage_metadata=told, response_metadata=metadata)])
    model.invoke("Hi", {"callbacks": [handler]})
    return handler.records[0].cost


def test_a_class_that_nobody_tried_may_have_lost_what_it_does_not_tell() -> None:
    """OpenAI caches from 1,024 tokens on."""
    assert cost_of({"input_tokens": 1024}).unpriced_reason == "cache_not_told"
    assert cost_of({"input_tokens": 1023}).total
    assert cost_of({"input_tokens": 5000, "input_token_details": {"cache_read": 0}}).total


def test_a_subclass_is_read_as_the_class_whose_type_it_has(
    replay: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai = pytest.importorskip("langchain_openai")

    class Ours(openai.ChatOpenAI):  # type: ignore[misc, name-defined]
        pass

    monkeypatch.setattr(openai, "ChatOpenAI", Ours)
    record = ask(replay, "openai", chat(spent(5000, 100)))
    assert record.integration == "Ours"
    assert record.cost is not None
    assert record.cost.total
    assert lost_by("Ours", "openai-chat", streamed=True) == LOSSES["ChatOpenAI"].streamed
    assert lost_by("Ours", "ours", streamed=True) == set(FACTS)
    old = lost_by("AzureAIChatCompletionsModel", "AzureAIChatCompletions", streamed=False)
    assert old == set(FACTS), "the type is listed for its reader's sake, and was not tried"


class Printed(NobodyTried):
    """LangChain does not serialize it: what it prints as is all that is known of its arguments."""

    service_tier: str | None = None
    model_kwargs: dict[str, Any] = {}  # noqa: RUF012 - a pydantic field


@pytest.mark.parametrize(
    "asked",
    [
        {"service_tier": "priority"},
        {"model_kwargs": {"service_tier": "priority"}},
        {"model_kwargs": {"user": 'it\'s "}" \\', "extra_body": {"service_tier": "flex"}}},
    ],
)
def test_arguments_of_a_class_that_is_not_serialized_are_those_that_it_prints(asked: dict[str, Any]) -> None:
    usage: Any = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    metadata = {"model_provider": "anthropic", "model_name": SONNET, "stop_reason": "end_turn"}
    told = AIMessage("Uruk", response_metadata=metadata)
    told.usage_metadata = {**usage, "input_token_details": {"cache_read": 0}}
    for options, reason in (({}, None), (asked, "tier_not_told")):
        handler = RespMetaHandler(feedback=False)
        Printed(responses=[told], **options).invoke("Hi", {"callbacks": [handler]})
        cost = handler.records[0].cost
        assert cost is not None
        assert (cost.unpriced_reason, cost.total is None) == (reason, reason is not None)
