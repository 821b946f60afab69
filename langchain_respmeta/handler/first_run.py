"""Have something done just before the first run is sent to LangSmith, without loading LangSmith for that."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.faults import guarded
from langchain_respmeta._process.locks import ProcessLock

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_MODULE: Final = "langsmith.run_trees"
_METHODS: Final = ("post", "patch")
_MARK: Final = "__respmeta_first_run__"


def before_first_run(act: Callable[[], None]) -> None:
    """Call `act` once, on the thread that sends the first run from now on. What it raises is reported, and costs nothing else."""
    first = _FirstRun(guarded("looking at the first run")(act))
    module = sys.modules.get(_MODULE)
    if module is not None and hasattr(module, "RunTree"):
        first.wait_at(module)
    else:
        sys.meta_path.insert(0, _Finder(first))


class _FirstRun:
    """Stands in for the methods that send a run, until the first one is sent."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._is_done = False
        self._lock = ProcessLock()

    def wait_at(self, module: ModuleType) -> None:
        """Put the stand-ins in place. Where langsmith has no such methods, nothing is done: the seam will say so."""
        kind = getattr(module, "RunTree", None)
        for name in _METHODS:
            method = getattr(kind, name, None)
            if callable(method):
                setattr(kind, name, self._standing_in(kind, name, method))

    def _standing_in(self, kind: Any, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(tree: Any, *args: Any, **kwargs: Any) -> Any:
            self._make_way(kind)
            # What is there now, unless somebody wrapped the stand-in: then they call it, and it calls what it stands for.
            now = getattr(kind, name)
            return (method if now is call or _wraps(now, call) else now)(tree, *args, **kwargs)

        setattr(call, _MARK, (self, method))
        return call

    def _make_way(self, kind: Any) -> None:
        with self._lock:
            if self._is_done:
                return
            self._is_done = True
            for name in _METHODS:
                found, method = getattr(getattr(kind, name, None), _MARK, (None, None))
                if found is self:
                    setattr(kind, name, method)
            self._act()


def _wraps(outer: Any, inner: Any) -> bool:
    """Whether `inner` is somewhere below `outer`."""
    while outer is not None and outer is not inner:
        outer = getattr(outer, "__wrapped__", None)
    return outer is inner


class _Finder(MetaPathFinder):
    """Sees the module being imported, once, and leaves finding it to the finders behind."""

    def __init__(self, first: _FirstRun) -> None:
        self._first = first

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _MODULE or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        for finder in tuple(sys.meta_path):
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._follow(spec)
                return spec
        return None

    @guarded("waiting for langsmith")
    def _follow(self, spec: ModuleSpec) -> None:
        loader: Any = spec.loader
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            wait = guarded("waiting for the first run")(self._first.wait_at)
            wait(module)

        loader.exec_module = exec_module
