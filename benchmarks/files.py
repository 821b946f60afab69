"""How many times one traced `invoke` goes from a file of ours to another, on the caller's thread: how far one must read.

`python -m benchmarks.files` prints the calls into our functions, the files they lie in, and the changes from one to another,
for one warm call with a handler beside LangSmith's tracer, which sends to nowhere.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

os.environ["LANGSMITH_TRACING"] = "false"

import langchain_respmeta
from benchmarks.calls import ChatOpenAI, tracer
from langchain_respmeta import RespMetaHandler

PACKAGE = str(Path(langchain_respmeta.__file__).parent)
WARM = 20
"""Calls before the one that is looked at: imports, caches and tables are there then."""


def files_of_one_call() -> list[str]:
    """The files of our functions, in the order in which one warm traced `invoke` calls them."""
    model, callbacks = ChatOpenAI(), [RespMetaHandler(feedback=False), tracer()]
    for _ in range(WARM):
        model.invoke("hello", config={"callbacks": callbacks})
    seen: list[str] = []

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            seen.append(frame.f_code.co_filename)

    sys.setprofile(look)
    try:
        model.invoke("hello", config={"callbacks": callbacks})
    finally:
        sys.setprofile(None)
    return seen


def changes(files: list[str]) -> int:
    """How often the next call lies in another file."""
    return sum(one != other for one, other in pairwise(files))


def main() -> int:
    """Print the three numbers."""
    seen = files_of_one_call()
    print(f"calls of ours: {len(seen)}, files: {len(set(seen))}, changes of file: {changes(seen)}")
    if "--all" in sys.argv:
        for name in seen:
            print(name.removeprefix(f"{PACKAGE}/"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
