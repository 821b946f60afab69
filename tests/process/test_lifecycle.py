"""Steps at exit and in a forked child run in their stated order, independent of the order of imports."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.waiting import CEILING_S


def said_by(program: str) -> list[str]:
    """What a process of its own writes, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)],
        capture_output=True,
        text=True,
        timeout=CEILING_S,
        check=True,
    )
    return done.stdout.split()


def test_each_exit_comes_in_its_step_also_one_that_an_earlier_step_adds_and_a_fault_costs_none_of_them() -> (
    None
):
    said = said_by("""
        from langchain_respmeta._process.lifecycle import Exit, at_exit

        at_exit(Exit.DELIVER, lambda: print("deliver"))
        at_exit(Exit.LOOK_UP, lambda: 1 / 0)
        at_exit(Exit.READ, lambda: at_exit(Exit.READ_FOUND, lambda: print("found")))
        at_exit(Exit.READ, lambda: print("read"))
    """)
    assert said == ["read", "found", "deliver"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_begins_in_the_order_of_the_steps() -> None:
    said = said_by("""
        import os
        from langchain_respmeta._process.lifecycle import Child, in_child

        in_child(Child.DELIVERY, lambda: print("delivery", flush=True))
        in_child(Child.LOOK_UPS, lambda: 1 / 0)
        in_child(Child.LOCKS, lambda: print("tables", flush=True))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    """)
    assert said == ["tables", "delivery"]
