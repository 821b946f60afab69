"""What compiled readers keep alive: every text that can be reached from them."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any


def kept_texts(root: Any) -> list[str]:
    """All texts below `root`: in holders, objects, and the constants and variables of generated functions."""
    found, seen, waiting = list[str](), set[int](), [root]
    alive: list[Any] = []  # ids of what is made on the way stay taken
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        alive.append(one)
        if isinstance(one, str):
            found.append(one)
        elif not isinstance(one, type | ModuleType):
            waiting.extend(_inside(one))
    return found


def _inside(one: Any) -> Iterator[Any]:
    if isinstance(one, dict):
        yield from one
        yield from one.values()
    elif isinstance(one, FunctionType):
        yield from (one.__code__, one.__closure__ or (), one.__defaults__ or (), one.__kwdefaults__ or {})
        if "__file__" not in one.__globals__:  # a generated function's own, no module's
            yield from (value for name, value in one.__globals__.items() if name != "__builtins__")
    elif isinstance(one, CodeType):
        yield from (one.co_consts, one.co_names)
    elif isinstance(one, list | tuple | set | frozenset):
        yield from one
    elif hasattr(one, "cell_contents"):
        yield one.cell_contents
    elif hasattr(one, "__iter__") and not isinstance(one, bytes | str) and hasattr(one, "maxlen"):
        yield from one
    elif type(one).__module__.startswith("langchain_respmeta"):
        names = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from (getattr(one, name) for name in names if hasattr(one, name))
        yield from vars(one).values() if hasattr(one, "__dict__") else ()
