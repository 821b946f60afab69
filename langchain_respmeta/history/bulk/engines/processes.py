"""Worker processes, each with one unit at a time. One that dies takes nothing with it: its unit is tried again, once."""

from __future__ import annotations

import multiprocessing
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Self

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.engines import Tick
from langchain_respmeta.history.bulk.engines.worker import READY, work
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone

_TRIES: Final = 2
_PATIENCE_S: Final = 5.0
"""How long a worker that was told to end is waited for before it is killed."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: Any
    pipe: Connection
    unit: Unit | None = None
    is_ready: bool = False


@dataclass(slots=True)
class Processes:
    """A fixed number of worker processes; as a context, none is left at its end."""

    count: int
    job: Job
    tick: Tick | None = None
    _workers: list[_Worker] = field(default_factory=list)
    _waiting: deque[Unit] = field(default_factory=deque)
    _tries: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        for _ in range(self.count):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_PATIENCE_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()

    def run(self, units: Sequence[Unit]) -> Iterator[UnitDone]:
        """Do all units, as `engines.Engine` has it.

        Raises:
            HistoryError: Workers cannot be started.
        """
        self._waiting.extend(units)
        left = len(units)
        for worker in self._workers:
            self._hand_out(worker)
        while left:
            by_pipe = {worker.pipe: worker for worker in self._workers}
            for pipe in wait([*by_pipe]):
                done = self._hear(by_pipe[pipe])  # type: ignore[index]  # only pipes were waited for
                if done is not None:
                    left -= 1
                    yield done

    def _start(self) -> _Worker:
        # A fork would inherit the locks of Arrow's threads; a spawned process begins anew.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, self.job), daemon=True, name="respmeta-worker")
        process.start()
        theirs.close()  # so that its end is the pipe's end
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _hand_out(self, worker: _Worker) -> None:
        if not self._waiting:
            return
        worker.unit = self._waiting.popleft()
        try:
            worker.pipe.send(worker.unit)
        except OSError:
            return  # it is dead, which its pipe tells next

    def _hear(self, worker: _Worker) -> UnitDone | None:
        """Take what a worker sent; a unit's result, if it is one."""
        try:
            told = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker)
        if told == READY:
            worker.is_ready = True
        elif isinstance(told, int):
            if self.tick is not None:
                self.tick(told)
        else:
            worker.unit = None
            self._hand_out(worker)
            return UnitDone.from_dict(told)
        return None

    def _replace(self, dead: _Worker) -> UnitDone | None:
        """Start a worker for one that died; its unit's result if that is given up."""
        dead.process.join()
        dead.pipe.close()
        self._workers.remove(dead)
        how, unit = _how(dead.process.exitcode), dead.unit
        if not dead.is_ready:
            raise HistoryError(
                f"a worker process could not start ({how}): in a script of your own, call normalize_files below "
                "`if __name__ == '__main__':`, or pass workers=1"
            )
        given_up = None
        if unit is not None:
            self._tries[unit.id] += 1
            if self._tries[unit.id] < _TRIES:
                self._waiting.appendleft(unit)
            else:
                why = f"its worker process ended {_TRIES} times ({how}); was there enough memory? Try fewer workers"
                given_up = UnitDone(unit.id, unit.source, unit.stamp, unit.of, failure=why)
        self._hand_out(self._start())
        return given_up


def _how(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
