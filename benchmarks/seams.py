"""Each row of a table has its own `RunTree.patch` and `post`: bare, with our wrapper, or with the hand-written one.

Else the tracer alone would pay for a wrapper that whoever has no handler of ours does not have.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from langsmith.run_trees import RunTree

from benchmarks import floor
from langchain_respmeta.langsmith import seam

Methods = Mapping[str, Callable[..., Any]]

if problem := seam.install():
    raise RuntimeError(problem)


def _is_bare(method: Callable[..., Any]) -> bool:
    return not hasattr(method, seam._MARK)  # noqa: SLF001 - the mark is the seam's own


OURS: Final[Methods] = {name: vars(RunTree)[name] for name in ("patch", "post")}
BARE: Final[Methods] = {name: inspect.unwrap(method, stop=_is_bare) for name, method in OURS.items()}
FLOOR: Final[Methods] = {**BARE, "patch": floor.wrapped(BARE["patch"])}

_now: dict[str, Callable[..., Any]] = {}


def put(methods: Methods) -> None:
    """Let `RunTree` have these, while it is `switched`."""
    _now.update(methods)


@contextmanager
def switched() -> Iterator[None]:
    """Let `RunTree` ask at each call what it has: a class that is changed before each round loses its inline caches."""
    put(OURS)
    for name in OURS:
        setattr(RunTree, name, _asking(name))
    try:
        yield
    finally:
        for name, method in OURS.items():
            setattr(RunTree, name, method)


def _asking(name: str) -> Callable[..., Any]:
    def method(self: RunTree, *args: Any, **kwargs: Any) -> Any:
        return _now[name](self, *args, **kwargs)

    return method
