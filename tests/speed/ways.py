"""The compiled readers of this process, whatever state is the process's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import read
from langchain_respmeta._reading.compiled.table import READERS, Readers
from langchain_respmeta._reading.general import read_generally
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart


class Compiled:
    """The fast way."""

    def read(self, answer: Answer, start: RunStart) -> Any:
        return STATE[READERS].read(answer, start)

    def learn(self, answer: Answer, start: RunStart) -> bool:
        return STATE[READERS].learn(answer, start)

    def clear(self) -> None:
        STATE[READERS].clear()

    def work_off(self) -> None:
        """Learn what came."""
        STATE[READERS].work_off()


COMPILED = Compiled()


@contextmanager
def reference_only() -> Iterator[None]:
    """Have everything read by the general reader alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "read_answer", read_generally)
        patch.setattr(Readers, "read", lambda *_: None)
        patch.setattr(Readers, "read_stored", lambda *_: None)
        patch.setattr(Readers, "read_live", lambda *_: None)
        yield
