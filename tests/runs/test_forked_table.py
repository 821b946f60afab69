"""The table of runs in a forked child."""

from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.table import RUNS


def test_a_child_keeps_the_count_of_runs_that_never_ended() -> None:
    STATE[RUNS].never_ended = 3
    STATE.begin_child()
    assert STATE[RUNS].never_ended == 3
