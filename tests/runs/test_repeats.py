"""Answers from LangChain's own cache: marked and free, and the paid call is unchanged."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._runs import background

_USAGE: Any = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


def _model() -> GenericFakeChatModel:
    answers = (
        AIMessage(f"answer {number}", usage_metadata=_USAGE, response_metadata={"model_name": "m"})
        for number in range(9)
    )
    return GenericFakeChatModel(messages=answers, cache=InMemoryCache())


def test_a_repeat_does_not_make_a_repeat_of_the_call_that_was_paid_for(monkeypatch: Any) -> None:
    # The cache marks the very message that the first caller got. So nothing is read until both calls are over.
    monkeypatch.setattr(background.BACKGROUND, "_thread", object())
    handler = RespMetaHandler()
    model = _model()
    config: Any = {"callbacks": [handler]}
    first, second = model.invoke("why?", config), model.invoke("why?", config)
    assert first.content == second.content
    paid, repeated = handler.records
    assert (paid.langchain_cache_hit, repeated.langchain_cache_hit) == (None, True)
    assert paid.usage.input_tokens == repeated.usage.input_tokens == 10
    assert repeated.cost is not None
    assert repeated.cost.total == 0
    assert paid.cost is None or paid.cost.total != 0


class _PausingCache(InMemoryCache):
    """Lets another call end between the answer's entry and the end of the call that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.stored, self.repeated = asyncio.Event(), asyncio.Event()

    async def aupdate(self, *args: Any) -> None:
        await super().aupdate(*args)
        self.stored.set()
        await self.repeated.wait()


def test_a_repeat_that_is_marked_before_the_paid_call_ends_does_not_make_that_one_free() -> None:
    handler = RespMetaHandler()
    answer = AIMessage("hi", usage_metadata=_USAGE, response_metadata={"model_name": "gpt-4.1-mini"})
    cache = _PausingCache()
    model = GenericFakeChatModel(messages=iter([answer]), cache=cache)
    config: Any = {"callbacks": [handler]}

    async def late() -> None:
        await cache.stored.wait()
        await model.ainvoke("why?", config)
        cache.repeated.set()

    async def run() -> None:
        await asyncio.gather(model.ainvoke("why?", config), late())

    asyncio.run(run())
    hits = {record.langchain_cache_hit: record.cost for record in handler.records}
    assert set(hits) == {None, True}
    assert hits[None] is None or hits[None].total != 0
    assert handler.summary()["calls"] == 2
