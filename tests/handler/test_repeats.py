"""Answers out of LangChain's own cache: marked and free, and the call that was paid for stays what it was."""

from __future__ import annotations

from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler, _reader

_USAGE: Any = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


def _model() -> GenericFakeChatModel:
    answers = (
        AIMessage(f"answer {number}", usage_metadata=_USAGE, response_metadata={"model_name": "m"})
        for number in range(9)
    )
    return GenericFakeChatModel(messages=answers, cache=InMemoryCache())


def test_a_repeat_does_not_make_a_repeat_of_the_call_that_was_paid_for(monkeypatch: Any) -> None:
    # The cache marks the very message that the first caller got. So nothing is read until both calls are over.
    monkeypatch.setattr(_reader.READER, "_thread", object())
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
