"""The thread that writes what has waited long enough: one for all sinks of the process."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Final, Protocol

from langchain_respmeta._process.faults import user_code
from langchain_respmeta._process.lifecycle import Child, Exit, at_exit, in_child
from langchain_respmeta.sinks.sink import EXIT_S


class HoldsBack(Protocol):
    """A sink whose records wait for being written together."""

    def flush(self, timeout: float) -> bool:
        """Write what waits; return whether all of it is written."""
        ...


class PartWriter:
    """Flushes sinks when they are due. A sink with records that wait is held until they are written."""

    def __init__(self) -> None:
        self._due: dict[HoldsBack, float] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def expect(self, sink: HoldsBack, after: float) -> None:
        """Flush a sink after so many seconds, unless that is to happen sooner anyway."""
        when = monotonic() + after
        if self._due.get(sink, when + 1) <= when:
            return
        self._due[sink] = when
        if self._thread is None:
            self._start()
        self._wake.set()

    def flush_all(self) -> None:
        """Flush every sink whose records wait."""
        for sink in tuple(self._due):
            with user_code("writing what sinks hold back"):
                sink.flush(EXIT_S)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="respmeta-parts", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no thread can be had any more: the process ends, and flushes
            self._thread = None

    def _work(self) -> None:
        try:
            while True:
                soonest = min(self._due.copy().values(), default=None)
                self._wake.wait(None if soonest is None else max(0.0, soonest - monotonic()))
                self._wake.clear()
                for sink, when in self._due.copy().items():
                    if when <= monotonic():
                        self._due.pop(sink, None)
                        with user_code("writing what sinks hold back"):
                            sink.flush(EXIT_S)
        finally:
            self._thread = None

    def forget(self) -> None:
        """Begin anew in a forked child: what waits is the parent's."""
        self._due = {}
        self._wake = threading.Event()
        self._thread = None


WRITER: Final = PartWriter()

at_exit(Exit.SINKS, WRITER.flush_all)
in_child(Child.SINKS, WRITER.forget)
