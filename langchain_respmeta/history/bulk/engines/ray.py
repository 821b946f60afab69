"""Units as tasks of Ray Data.

They run on the Ray that the process is connected to, else on the one that `RAY_ADDRESS` or `ray start` names, else on one that is
started on this machine and ends with the last unit. That one sends no usage statistics unless `RAY_USAGE_STATS_ENABLED` is 1.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.engines.texts import do_text, failed, text_of, told
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone

if TYPE_CHECKING:
    import pyarrow as pa

_ADVICE: Final[Mapping[str, str]] = {
    "Failed to connect to Ray cluster": "Is it there, of the same version of Ray and Python as here, and does it ask for a token "
    "(RAY_AUTH_MODE=token and RAY_AUTH_TOKEN)?"
}


def run_units(
    units: Sequence[Unit], job: Job, *, workers: int | None = None, tick: Tick | None = None
) -> Iterator[UnitDone]:
    """Do the units as tasks of one core each; a task whose worker or machine is lost is done again. See `Engine`."""
    return told(_texts([text_of(unit) for unit in units], job.to_dict(), workers), tick)


def _texts(units: list[str], job: dict[str, Any], workers: int | None) -> Iterator[str]:
    with needing("The engine ray", extra="ray"):
        import ray.data
    try:
        with _connected():
            # A block for each unit, so that each is a task.
            data = ray.data.from_items([{"unit": unit} for unit in units], override_num_blocks=len(units))
            done = data.map_batches(
                partial(_do, job=job), batch_size=1, batch_format="pyarrow", concurrency=workers
            )
            yield from (row["done"] for row in done.iter_rows())
    except Exception as fault:  # Ray's, its client's and gRPC's errors have no base of their own
        raise failed("Ray", fault, _ADVICE) from fault


def _do(batch: pa.Table, job: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    return pa.table({"done": [do_text(unit, job) for unit in batch["unit"].to_pylist()]})


@contextmanager
def _connected() -> Iterator[None]:
    import ray.data

    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()
