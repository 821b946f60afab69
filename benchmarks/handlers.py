"""The rows of each table: what is passed as callbacks, and what must be waited for so that a row pays for all of its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.tracers.langchain import LangChainTracer

from benchmarks import seams
from benchmarks.calls import NoOp
from benchmarks.floor import Floor
from langchain_respmeta import RespMetaHandler

NONE = "no handler"
NO_OP = "no-op handler"
USAGE = "UsageMetadataCallbackHandler"
OURS = "RespMetaHandler"
OURS_QUIET = "RespMetaHandler, no feedback"
TRACER = "LangChainTracer"
TRACER_FLOOR = "tracer + hand-written"
TRACER_OURS = "tracer + RespMetaHandler"
TRACER_OURS_QUIET = "tracer + RespMetaHandler, no feedback"
TRACER_FIRST = "RespMetaHandler after the tracer"


def nothing() -> None:
    """Do nothing."""


@dataclass
class Prepared:
    """One row, ready to be measured."""

    callbacks: list[Any]
    on: Callable[[], object] = nothing
    off: Callable[[], object] = nothing
    flush: Callable[[], object] = nothing
    """Waits for the work that was left to other threads."""


Make = Callable[[LangChainTracer], Prepared]


def _of(*handlers: Callable[[], Any], seam: seams.Methods = seams.BARE, traced: int | None = None) -> Make:
    """A row with these handlers, and LangSmith's tracer at the place `traced`."""

    def make(tracer: LangChainTracer) -> Prepared:
        made = [handler() for handler in handlers]
        ours = [each for each in made if isinstance(each, RespMetaHandler)]
        if traced is not None:
            made.insert(traced, tracer)

        def flush() -> None:
            if traced is not None:
                tracer.client.flush()
            for each in ours:
                each.summary()

        return Prepared(made, on=lambda: seams.put(seam), flush=flush)

    return make


def _quiet() -> RespMetaHandler:
    return RespMetaHandler(feedback=False)


LAST = 1
"""Where environment variables put the tracer: behind what is passed as callbacks."""

VARIANTS: dict[str, Make] = {
    NONE: _of(),
    NO_OP: _of(NoOp),
    USAGE: _of(UsageMetadataCallbackHandler),
    OURS: _of(RespMetaHandler, seam=seams.OURS),
    OURS_QUIET: _of(_quiet, seam=seams.OURS),
    TRACER: _of(traced=0),
    TRACER_FLOOR: _of(Floor, seam=seams.FLOOR, traced=LAST),
    TRACER_OURS: _of(RespMetaHandler, seam=seams.OURS, traced=LAST),
    TRACER_OURS_QUIET: _of(_quiet, seam=seams.OURS, traced=LAST),
    TRACER_FIRST: _of(RespMetaHandler, seam=seams.OURS, traced=0),
}
