"""Every way to call a chat model, as a table: name → function that makes the call with the given callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_LOOP = asyncio.Runner()
"""One loop for all: ChatOpenAI keeps its HTTP client beyond a loop's end, and then fails on the next one."""

PROMPT = "What's the oldest known example of cuneiform"


def _invoke(model: Any, config: Any) -> None:
    model.invoke(PROMPT, config=config)


def _stream(model: Any, config: Any) -> None:
    for _ in model.stream(PROMPT, config=config):
        pass


def _ainvoke(model: Any, config: Any) -> None:
    _LOOP.run(model.ainvoke(PROMPT, config=config))


def _astream(model: Any, config: Any) -> None:
    async def consume() -> None:
        async for _ in model.astream(PROMPT, config=config):
            pass

    _LOOP.run(consume())


def _v3(model: Any, config: Any) -> None:
    _ = model.stream_events(PROMPT, version="v3", config=config).output


WHOLE: dict[str, Callable[[Any, Any], None]] = {"invoke": _invoke, "ainvoke": _ainvoke}
STREAMED: dict[str, Callable[[Any, Any], None]] = {"stream": _stream, "astream": _astream, "v3": _v3}
MODES = WHOLE | STREAMED
