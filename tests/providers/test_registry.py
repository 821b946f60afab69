"""Who is who: signs, outside providers, plugins."""

import logging
import threading
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from langchain_respmeta import ProviderError, normalize
from langchain_respmeta._reading import general
from langchain_respmeta._reading.headers import FACTS, RATE_LIMITS
from langchain_respmeta.providers import OPENAI_CHAT, Provider
from langchain_respmeta.providers import registry as module
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.langchain_usage import USAGE_METADATA
from langchain_respmeta.providers.registry import REGISTRY, Registry
from langchain_respmeta.providers.rows import COMMUNITY_ROWS, ENDPOINT_ROWS, ROWS
from langchain_respmeta.record.vocabulary import FINISH_REASONS

ACME = Provider(
    OPENAI_CHAT.extended("acme"), classes=("ChatAcme",), ls_providers=("acme",), hosts=("acme.example",)
)


KEYS = frozenset(ReadDraft.__annotations__)

ANSWER = {"type": "ai", "content": "hi", "response_metadata": {"finish_reason": "stop"}}


def found(registry: Registry, **start: Any) -> str:
    return registry.find(RunStart(**start), Answer(metadata={})).name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reader.name}-{row.classes[0]}")
def test_each_sign_of_a_row_leads_to_its_provider(row: Provider) -> None:
    for integration in row.classes:
        assert found(REGISTRY, integration=integration) == row.reader.name
    for ls_provider in row.ls_providers:
        assert found(REGISTRY, ls_provider=ls_provider) == row.reader.name
    for llm_type in row.types:
        assert found(REGISTRY, llm_type=llm_type) == row.reader.name
    for dialect in row.dialects:
        answer = Answer(metadata={"model_provider": dialect})
        assert REGISTRY.find(RunStart(), answer).name == row.reader.name


@pytest.mark.parametrize("row", [*ROWS, *ENDPOINT_ROWS, *COMMUNITY_ROWS], ids=lambda row: row.reader.name)
def test_tables_compile_and_finish_words_are_of_the_vocabulary(row: Provider) -> None:
    assert row.reader.metadata_tree
    assert row.reader.kwargs_tree is not None
    assert {word for word in row.reader.finish.values() if word is not None} <= set(FINISH_REASONS)
    assert all(word == word.casefold() for word in row.reader.finish)


@pytest.mark.parametrize("row", [*ROWS, *ENDPOINT_ROWS, *COMMUNITY_ROWS], ids=lambda row: row.reader.name)
def test_every_destination_of_a_table_is_a_key_of_the_draft(row: Provider) -> None:
    tables = (row.reader.metadata, row.reader.kwargs)
    destinations = {cell.to for table in tables for cell in table.values() if cell.to}
    assert destinations <= KEYS


def test_every_destination_of_usage_and_headers_is_a_key_of_the_draft() -> None:
    assert {
        cell.to for table in (USAGE_METADATA, RATE_LIMITS, FACTS) for cell in table.values() if cell.to
    } <= KEYS


def test_the_class_counts_more_than_the_other_signs() -> None:
    assert found(REGISTRY, integration="ChatGroq", ls_provider="openai", llm_type="openai-chat") == "groq"


def test_nobody_known_is_unknown() -> None:
    assert found(REGISTRY, integration="ChatSomething", ls_provider="something") == "unknown"


def test_an_outside_provider_is_found_by_class_and_by_host_of_anothers_class() -> None:
    registry = Registry((*ROWS, ACME))
    assert found(registry, integration="ChatAcme") == "acme"
    assert found(registry, integration="ChatOpenAI", base_url="https://eu.acme.example/v1") == "acme"


def test_a_taken_sign_is_refused_and_the_error_names_its_owner() -> None:
    registry = Registry(ROWS)
    thief = Provider(OPENAI_CHAT.extended("thief"), classes=("ChatGroq",))
    with pytest.raises(ProviderError, match=r"'ChatGroq' already belongs to 'groq'.*replace=True"):
        registry.add(thief)
    assert found(registry, integration="ChatGroq") == "groq"
    registry.add(thief, replace=True)
    assert found(registry, integration="ChatGroq") == "thief"


def test_a_host_can_be_taken_over_although_it_was_looked_up_before() -> None:
    registry = Registry(ROWS)
    assert found(registry, integration="ChatOpenAI", base_url="https://api.groq.com") == "groq"
    registry.add(Provider(OPENAI_CHAT.extended("mine"), hosts=("api.groq.com",)), replace=True)
    assert found(registry, integration="ChatOpenAI", base_url="https://api.groq.com") == "mine"


def test_hosts_that_were_looked_up_are_forgotten_when_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MAX_HOSTS", 10)
    registry = Registry((*ROWS, ACME))
    for number in range(35):
        host = f"https://host-{number}.example/v1"
        assert found(registry, integration="ChatOpenAI", base_url=host) == found(
            registry, integration="ChatOpenAI", base_url=host
        )
        assert len(registry._at) <= 10
    assert found(registry, integration="ChatOpenAI", base_url="https://acme.example") == "acme"


def test_many_threads_register_and_look_up_at_once() -> None:
    registry, faults = Registry(ROWS), []

    def work(number: int) -> None:
        registry.add(Provider(OPENAI_CHAT.extended(f"p{number}"), classes=(f"C{number}",)))
        names = {found(registry, integration=f"C{number}") for _ in range(200)}
        faults.extend(names - {f"p{number}"})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert all(found(registry, integration=f"C{number}") == f"p{number}" for number in range(16))


PLUGIN = EntryPoint("acme", "tests.providers.test_registry:ACME", module.ENTRY_POINTS)
LISTED = EntryPoint("listed", "tests.providers.test_registry:several", module.ENTRY_POINTS)
BROKEN = EntryPoint("broken", "tests.providers.no_such_module:ROW", module.ENTRY_POINTS)
STRANGE = EntryPoint("strange", "tests.providers.test_registry:strange", module.ENTRY_POINTS)


def several() -> list[Provider]:
    return [Provider(OPENAI_CHAT.extended(name), classes=(f"Chat{name}",)) for name in ("One", "Two")]


def strange() -> list[Any]:
    return ["not a provider"]


def test_plugins_are_loaded_with_the_first_look_up_and_broken_ones_left_out_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []

    def points(*, group: str) -> list[EntryPoint]:
        asked.append(group)
        return [BROKEN, STRANGE, PLUGIN, LISTED]

    monkeypatch.setattr(module, "entry_points", points)
    registry = Registry(ROWS, plugins=True)
    assert not asked
    with caplog.at_level(logging.WARNING, "langchain_respmeta"):
        names = [found(registry, integration=name) for name in ("ChatAcme", "ChatOne", "ChatTwo", "ChatAcme")]
    assert names == ["acme", "One", "Two", "acme"]
    assert asked == [module.ENTRY_POINTS]
    assert [record.getMessage().split("(")[0] for record in caplog.records] == [
        "Provider plugin 'broken' ",
        "Provider plugin 'strange' ",
    ]


def test_a_row_whose_choice_raises_costs_the_provider_alone() -> None:
    """Who registered it gets a record without a vendor's words, and a warning."""

    def choose(_start: RunStart, _answer: Answer) -> Any:
        raise RuntimeError("no")

    registry = Registry((*ROWS, Provider(OPENAI_CHAT.extended("acme"), classes=("ChatAcme",), choose=choose)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(general, "REGISTRY", registry)
        record = normalize(ANSWER, start={"serialized": {"id": ["ChatAcme"]}})
    assert (record.provider, record.finish_reason) == ("unknown", "stop")
    assert record.warnings == ("provider could not be read: RuntimeError",)
