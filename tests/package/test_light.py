"""What importing the package and making a handler load, counted in modules: a slow machine loads no more of them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from tests.waiting import CEILING_S

_LOADED: Final = """
import sys
import langchain_core.callbacks
before = set(sys.modules)
started = []
import langchain_respmeta
from langchain_respmeta import RespMetaHandler
import threading
threading.Thread.start = lambda thread: started.append(thread)  # which loads ahead what the first call needs
handler = RespMetaHandler()
assert len(started) == 1
print(*sorted(set(sys.modules) - before))
"""

LATE: Final = frozenset(
    {
        "asyncio",
        "email",
        "genai_prices",
        "httpx",
        "importlib.metadata",
        "json",
        "langchain_core.language_models",
        "langchain_core.messages",
        "langchain_respmeta._delivery",
        "langchain_respmeta._reading",
        "langchain_respmeta.enrich",
        "langchain_respmeta.handler.watching",
        "langchain_respmeta.langsmith",
        "langchain_respmeta.local",
        "langchain_respmeta.providers",
        "langchain_respmeta.record.content",
        "langchain_respmeta.record.draft_keys",
        "langchain_respmeta.record.record",
        "langsmith",
        "orjson",
        "requests",
        "sqlite3",
        "ssl",
    }
)
"""Loaded with the first call, or before it on another thread."""
MOST: Final = 48
"""Modules that `langchain_core.callbacks` does not load; some of them are Python's own."""


def _output(code: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RESPMETA_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=CEILING_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_making_a_handler_loads_little() -> None:
    loaded = _output(_LOADED).split()
    assert [name for name in loaded if any(f"{name}.".startswith(f"{late}.") for late in LATE)] == []
    assert len(loaded) <= MOST, loaded


_WITHOUT_A_THREAD: Final = """
import threading
start = threading.Thread.start
def refuse(thread):
    if thread.name == "respmeta-loader":
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = refuse
from langchain_core.language_models import FakeListChatModel
from langchain_respmeta import RespMetaHandler
handler = RespMetaHandler()
FakeListChatModel(responses=["hi"]).invoke("why?", {"callbacks": [handler]})
print(handler.summary()["calls"], len(handler.records), handler.summary()["faults"])
"""


def test_where_no_thread_can_be_had_the_first_call_loads_what_it_needs() -> None:
    assert _output(_WITHOUT_A_THREAD).split() == ["1", "1", "{}"]
