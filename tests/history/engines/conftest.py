"""A real Ray and a real Spark on this machine's loopback address, each started once, and files of runs for them."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.history.bulk.files import PROJECT, exported, write_export
from tests.history.engines.java import reason_to_skip
from tests.history.engines.tables import made_by

ROWS = 1_500


@pytest.fixture(scope="session")
def ray_here() -> Iterator[Any]:
    """Two workers, no page, no usage statistics. It ends with the session, and nothing of it is left."""
    import ray
    import ray.data

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
        ray.init(
            "local",
            num_cpus=2,
            object_store_memory=100_000_000,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _node_ip_address="127.0.0.1",
        )
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield ray
        ray.shutdown()


@pytest.fixture(scope="session")
def spark_here() -> Iterator[Any]:
    """Two workers; a task is tried twice."""
    if reason := reason_to_skip():
        pytest.skip(reason)
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[2, 2]")
            .config("spark.driver.memory", "512m")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.log.level", "FATAL")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder `runs/`: an export in three files of a unit each, with rows of all kinds."""
    folder = tmp_path_factory.mktemp("engines")
    for place in range(3):
        write_export(folder / "runs", rows_of_all_kinds(place), name=f"data_{place}.parquet", group=200)
    return folder / "runs"


@pytest.fixture
def here(runs: Path, tmp_path: Path) -> Path:
    """A folder with a copy of `runs/`."""
    shutil.copytree(runs, tmp_path / "runs")
    return tmp_path


@pytest.fixture(scope="session")
def expected(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is in the output of the local engine."""
    return made_by("local", runs, tmp_path_factory.mktemp("local") / "table", workers=1)


def rows_of_all_kinds(seed: int) -> Any:
    """An export's rows: every 50th is of a tool, every 70th has not ended, every 90th has an answer that is no JSON."""
    import pyarrow as pa

    table = exported(ROWS)
    third = ROWS // 3
    rows = table.slice(seed * third, third).to_pylist()
    for number, row in enumerate(rows):
        row["session_id"] = PROJECT  # as the folders say: some readers prefer their names to the columns
        if number % 50 == 7:
            row["run_type"] = "tool"
        elif number % 70 == 9:
            row |= {"status": "pending", "end_time": None, "outputs": None, "error": None}
        elif number % 90 == 11:
            row |= {"outputs": '{"generations": [', "error": None}
    return pa.Table.from_pylist(rows, schema=table.schema)
