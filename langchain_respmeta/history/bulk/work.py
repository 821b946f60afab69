"""One unit, from its file into the table: what every engine calls."""

from __future__ import annotations

from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone


def do_unit(unit: Unit, job: Job, tick: Tick | None = None) -> UnitDone:
    """Read a unit in batches, write its rows into the table, and mark it as done.

    It can be called anywhere that the input and the output can be reached from, and again for a unit that is done: the
    same files are written again. It does not raise for what is wrong with a file or the output.

    Args:
        unit: A part of a file.
        job: What all units share.
        tick: Is told how many more rows were read, after each batch.

    Returns:
        Its counts, or why nothing of it was written (`failure`).
    """
    raise NotImplementedError
