"""Units as tasks of Spark, by `mapInArrow`: in a classic session or over Spark Connect.

They run in the process's session, else in the one that `spark-submit`, `SPARK_REMOTE`, `MASTER` or Spark's own files describe, else in
a local one, on this machine's loopback address and without a web page, that ends with the last unit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.engines.texts import do_text, failed, text_of, told
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

ELSEWHERE: Final = (
    "SPARK_REMOTE",
    "MASTER",
    "PYSPARK_GATEWAY_PORT",
    "PYSPARK_SUBMIT_ARGS",
    "SPARK_CONF_DIR",
    "SPARK_HOME",
)
"""Variables of a process whose session is described outside of it."""

_LOCAL: Final[Mapping[str, str]] = {
    "spark.master": "local[*, 4]",  # a task is tried four times, as on a cluster
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "FATAL",
}
_ADVICE: Final[Mapping[str, str]] = {
    "JAVA_GATEWAY_EXITED": "Spark needs Java 17 or newer: install a JRE (on Debian and Ubuntu: apt-get install "
    "default-jre-headless), or let JAVA_HOME name one.",
}


def run_units(
    units: Sequence[Unit], job: Job, *, workers: int | None = None, tick: Tick | None = None
) -> Iterator[UnitDone]:
    """Do the units as tasks of one core each; a task whose worker or machine is lost is done again. See `Engine`.

    Spark hands out no answer before the last one is there.
    """
    tasks = min(len(units), workers or len(units))
    texts = [text_of(unit) for unit in units]
    return told(_texts([texts[task::tasks] for task in range(tasks)], job.to_dict()), tick)


def _texts(tasks: list[list[str]], job: dict[str, Any]) -> Iterator[str]:
    with needing("The engine spark", extra="spark"):
        import pyspark.sql  # noqa: F401
    try:
        with _session() as spark:
            places = spark.range(0, len(tasks), 1, len(tasks))
            done = places.mapInArrow(partial(_do, tasks=tasks, job=job), "done string").collect()
    except SystemExit as fault:  # pyspark's own way to tell it
        raise HistoryError("Spark Connect needs more packages: pip install 'pyspark[connect]'") from fault
    except Exception as fault:  # Spark's, py4j's and gRPC's errors have no base in common
        raise failed("Spark", fault, _ADVICE) from fault
    yield from (row["done"] for row in done)


def _do(
    batches: Iterator[pa.RecordBatch], tasks: list[list[str]], job: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        for task in batch["id"].to_pylist():
            for unit in tasks[task]:
                yield pa.RecordBatch.from_pydict({"done": [do_text(unit, job)]})


@contextmanager
def _session() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    if (running := SparkSession.getActiveSession()) is not None:
        yield running
        return
    builder = SparkSession.builder.appName("respmeta normalize")
    if not any(name in os.environ for name in ELSEWHERE):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else it is the `python3` of the PATH
        for name, value in _LOCAL.items():
            builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
