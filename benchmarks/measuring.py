"""Two clocks over all rows in turn, round by round, so that a machine's mood meets every row alike.

*Caller*: CPU of the calling thread, what the user's call waits for. *Process*: CPU of the whole process, background
threads of ours and of LangSmith's SDK included, until all of their work is done.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks import seams
from benchmarks.calls import tracer
from benchmarks.handlers import Make, Prepared
from benchmarks.scenarios import Block, Scenario
from langchain_respmeta.enrich.prices import price

WARM_UP = 3
"""Rounds before the first that counts, as many as count at most."""


@dataclass
class Spent:
    """µs of one call, a figure for each round."""

    caller: list[float] = field(default_factory=list)
    process: list[float] = field(default_factory=list)


def measure(
    scenario: Scenario,
    variants: Mapping[str, Make],
    rounds: int | None = None,
    calls: int | None = None,
    warm_up: int = WARM_UP,
    **fields: Any,
) -> dict[str, Spent]:
    """All rows of one table, for a model with these fields; each round begins with another row."""
    price.preload(wait=True)
    block, calls = scenario.make(**fields), calls or scenario.calls
    rounds = rounds or scenario.rounds
    sending = tracer(compressing=scenario.compressing)
    rows = [(name, make(sending)) for name, make in variants.items()]
    spent = {name: Spent() for name in variants}
    _set_aside()
    with seams.switched():
        for index in range(-min(warm_up, rounds), rounds):
            if not index:
                _set_aside()
            first = index % len(rows)
            for name, row in rows[first:] + rows[:first]:
                caller, process = _round(block, row, calls)
                if index >= 0:
                    spent[name].caller.append(caller)
                    spent[name].process.append(process)
    gc.unfreeze()
    sending.client.cleanup()
    return spent


def _set_aside() -> None:
    """Let the collector not look through what is there by now before each round."""
    gc.collect()
    gc.freeze()


def _round(block: Block, row: Prepared, calls: int) -> tuple[float, float]:
    config = {"callbacks": row.callbacks} if row.callbacks else {}
    row.on()
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        caller, process = time.thread_time(), time.process_time()
        block(config, calls)
        caller = time.thread_time() - caller
        row.flush()
        process = time.process_time() - process
    finally:
        if collects:
            gc.enable()
        row.off()
    return caller / calls * 1e6, process / calls * 1e6
