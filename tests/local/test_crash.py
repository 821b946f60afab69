"""A writer that is killed loses nothing that it had confirmed, and leaves a sound file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_respmeta.local import Store
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.store import tally
from tests.local.seed import run_body, store_runs

WRITER = """
import sys
from langchain_respmeta.local import Store
from tests.local.seed import record, run_body, store_runs
store, number = Store(sys.argv[1]), 0
while True:
    runs = [run_body(name=f"r{number}-{n}", metadata=record("openai", "m")) for n in range(20)]
    store_runs(store, runs)
    number += 1
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_killed_writer_loses_no_batch_that_it_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        confirmed = 0
        while confirmed < 12:
            confirmed = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    confirmed = int(rest[-1]) if rest else confirmed
    store = Store(path)
    runs = len(store.runs())
    assert runs % 20 == 0, "a batch is stored whole, or not at all"
    assert runs // 20 in (confirmed, confirmed + 1)
    with store.read() as connection:
        assert [tuple(row) for row in connection.execute("PRAGMA integrity_check")] == [("ok",)]
        assert tally.tally_of(connection, PageQuery().selection()).runs == runs
    store_runs(store, [run_body(name="after")])
    assert len(store.runs()) == runs + 1
    store.close()
