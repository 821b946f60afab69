"""The whole pipeline of an ended run, with its price, against the reference: general reading and `price_draft`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from langchain_core.messages import HumanMessage

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._reading.general import read_generally
from langchain_respmeta._runs.outcome import Answered
from langchain_respmeta._runs.run import Run
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta.enrich.prices.price_draft import price_draft
from langchain_respmeta.handler.live_calls import read_live
from langchain_respmeta.providers.engine.answers import answers_of
from tests.speed.case import Case, copied
from tests.speed.compare import Difference, differences
from tests.speed.ways import COMPILED, reference_only

RECEIVED = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""A fixed day: prices change."""


def handler() -> RespMetaHandler:
    """One that only prices."""
    return RespMetaHandler(metadata=False, feedback=False)


def priced_differences(case: Case, watcher: RespMetaHandler) -> Iterator[Difference]:
    """Read a run by the reference alone, as it comes, and once more when it is learned."""
    with reference_only():
        expected = read_as_run(case, watcher)
    yield from differences(read_as_run(case, watcher), expected, "priced: ")
    COMPILED.work_off()
    yield from differences(read_as_run(case, watcher), expected, "priced, learned: ")
    yield from _by_itself(case, expected[0])


def _by_itself(case: Case, draft: Any) -> Iterator[Difference]:
    """The price of the reference is what `price_draft` says of the general reader's draft."""
    if "cost.total" not in draft or "cost.price_version" not in draft:
        return
    start = start_of(_run(case, ()))
    plain: Any = read_generally(answers_of(case.result())[0], start)
    plain |= {"received_at": RECEIVED, "streamed": case.parts["is_chunk"]}
    cost = price_draft(plain, start)
    found = {path: value for path, value in draft.items() if path.startswith("cost.")}
    yield from differences(found, cost, "price: ")


def read_as_run(case: Case, watcher: RespMetaHandler) -> list[Any]:
    """The drafts of a run that ended with this answer."""
    return read_live(_run(case, (watcher,)))


def _run(case: Case, watchers: tuple[RespMetaHandler, ...]) -> Run:
    start = copied(case.start)
    parts = (start.get(name) for name in ("serialized", "metadata", "invocation_params"))
    options = {"ls_structured_output_format": {"kwargs": {}}} if start.get("response_format") else None
    run = Run(UUID(int=7), *parts, options, None, read_live)
    run.handlers = watchers
    run.prompt = [HumanMessage([{"type": "input_audio"}])] if start.get("heard") else []
    run.end(Answered(case.result(), is_repeat=None))
    run.started, run.ended, run.received_at = 1.0, 3.5, RECEIVED
    if case.parts["is_chunk"]:
        run.first_chunk, run.first_token = 1.5, 1.75
    return run
