"""A run's id in any form that a caller passes: langchain-core hands it through unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from langchain_core.runnables import RunnableLambda

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.ids import WordId, id_of
from langchain_respmeta._runs.table import RUNS
from tests.attachment.check import metadata_of
from tests.attachment.model import NumberedModel, look_up
from tests.attachment.traced import Traced

FORMS: dict[str, Callable[[UUID], Any]] = {
    "UUID": lambda one: one,
    "text": str,
    "capitals": lambda one: str(one).upper(),
    "no hyphens": lambda one: one.hex,
    "braces": lambda one: f"{{{one}}}",
    "urn": lambda one: one.urn,
    "bytes": lambda one: one.bytes,
    "text's bytes": lambda one: str(one).encode(),
}
WORDS = ("my-run-7", "", "7", "ключ", "x" * 5_000)


async def _astream(model: Any, config: Any) -> None:
    async for _ in model.astream("why?", config):
        pass


async def _v3(model: Any, config: Any) -> None:
    stream = await model.astream_events("why?", config, version="v3")
    async for _ in stream:
        pass


WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "invoke": lambda model, config: model.invoke("why?", config),
    "ainvoke": lambda model, config: asyncio.run(model.ainvoke("why?", config)),
    "stream": lambda model, config: list(model.stream("why?", config)),
    "astream": lambda model, config: asyncio.run(_astream(model, config)),
    "v3": lambda model, config: list(model.stream_events("why?", config, version="v3")),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_uuid_is_one_id(form: str) -> None:
    one = uuid4()
    assert id_of(FORMS[form](one)) == one
    assert type(id_of(FORMS[form](one))) is UUID


@pytest.mark.parametrize("words", WORDS)
def test_a_word_that_is_no_uuid_is_an_id_of_its_own(words: str) -> None:
    assert id_of(words) == id_of(words)
    assert str(id_of(words)) == words
    assert id_of(id_of(words)) is id_of(words)
    assert id_of(words) != id_of(words + "!")
    assert isinstance(id_of(words), WordId)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_a_call_has_its_record_in_every_way_of_calling(way: str, form: str) -> None:
    one = uuid4()
    handler = RespMetaHandler(feedback=False)
    WAYS[way](NumberedModel(), {"callbacks": [handler], "run_id": FORMS[form](one)})
    (record,) = handler.records
    assert record.run_id == str(one)
    assert record.model is not None
    assert record.streamed == (way in {"stream", "astream", "v3"})
    assert not STATE[RUNS].has_live()


@pytest.mark.parametrize("way", ["stream", "astream"])
def test_a_stream_keeps_a_word_for_an_id(way: str) -> None:
    """Core itself refuses such ids where the whole answer comes at once."""
    handler = RespMetaHandler(feedback=False)
    WAYS[way](NumberedModel(), {"callbacks": [handler], "run_id": "run no. 7"})
    (record,) = handler.records
    assert record.run_id == "run no. 7"
    assert record.model is not None


@pytest.mark.parametrize("way", WAYS)
def test_a_text_gives_the_run_its_metadata(traced: Traced, way: str) -> None:
    handler, one = RespMetaHandler(feedback=False), uuid4()
    WAYS[way](NumberedModel(), {"callbacks": [handler], "run_id": str(one)})
    (record,) = handler.records
    run = traced.model_run()
    assert run["id"] == str(one) == record.run_id
    assert metadata_of(run)["respmeta_model"] == record.model


def test_a_batch_and_a_chain_take_texts_too(traced: Traced) -> None:
    handler, ids = RespMetaHandler(feedback=False), [str(uuid4()) for _ in range(3)]
    NumberedModel().batch(["a", "b", "c"], [{"callbacks": [handler], "run_id": one} for one in ids])
    root = str(uuid4())
    chain = RunnableLambda(lambda words: words) | NumberedModel()
    chain.invoke("why?", {"callbacks": [handler], "run_id": root})
    assert {record.run_id for record in handler.records} > set(ids)
    (inside,) = [record for record in handler.records if record.run_id not in ids]
    assert inside.parent_run_id == root == inside.trace_id
    assert all("respmeta" in metadata_of(run) for run in traced.runs(run_type="llm"))


def test_a_tool_takes_a_text_too(traced: Traced) -> None:
    handler, one = RespMetaHandler(feedback=False), str(uuid4())
    look_up.invoke({"question": "why?"}, {"callbacks": [handler], "run_id": one})
    (run,) = traced.runs(run_type="tool")
    assert run["id"] == one
    assert metadata_of(run)["respmeta_tool_name"] == "look_up"


def test_a_call_whose_parent_is_told_as_text_finds_its_place() -> None:
    """Callbacks may mix the forms: a chain's id as UUID, the same as its model's parent in text."""
    handler, parent, child = RespMetaHandler(feedback=False), uuid4(), uuid4()
    handler.on_chat_model_start({}, [[]], run_id=str(child), parent_run_id=str(parent).upper())  # type: ignore[arg-type]
    handler.on_llm_error(ValueError("no"), run_id=child)
    assert handler.records[0].parent_run_id == str(parent)
