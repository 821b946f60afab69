"""The public names and their signatures, as text: one line each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

FACES: Final = (
    "langchain_respmeta",
    "langchain_respmeta.providers",
    "langchain_respmeta.history",
    "langchain_respmeta.monitor",
    "langchain_respmeta.sinks",
    "langchain_respmeta.charts",
    "langchain_respmeta.local",
    "langchain_respmeta.report",
    "langchain_respmeta.demo",
)
"""Modules whose `__all__` is public."""

_WHERE: Final = re.compile(r"langchain_respmeta\.(?:\w+\.)*(?=\w)")
"""The module of a type is not public."""


def lines() -> list[str]:
    """Each public name, and each public member of a public class, with its signature."""
    return [
        line for face in FACES for name in sorted(import_module(face).__all__) for line in _of(face, name)
    ]


def _of(face: str, name: str) -> Iterator[str]:
    found = getattr(import_module(face), name)
    if inspect.isclass(found):
        yield f"{face}.{name}{_signature(found)}"
        for member, value in sorted(_members(found)):
            yield f"{face}.{name}.{member}{_signature(value)}"
    elif callable(found):
        yield f"{face}.{name}{_signature(found)}"
    else:
        yield f"{face}.{name}"


def _members(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    ours = [one for one in kind.__mro__ if one.__module__.startswith("langchain_respmeta")]
    names = {name for one in ours for name in vars(one) if not name.startswith("_")}
    for name in names:
        yield name, inspect.getattr_static(kind, name)


def _signature(value: Any) -> str:
    function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    if not callable(function):
        return ""
    try:
        found = inspect.signature(function)
    except ValueError:
        return ""
    kept = found.replace(
        parameters=[_plain(one) for one in found.parameters.values()],
        return_annotation=_written(found.return_annotation),
    )
    return _WHERE.sub("", str(kept))


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """Without what differs from Python to Python: evaluated annotations, and the order of a set."""
    default = sorted(parameter.default) if isinstance(parameter.default, frozenset) else parameter.default
    return parameter.replace(annotation=_written(parameter.annotation), default=default)


def _written(annotation: Any) -> Any:
    return annotation if isinstance(annotation, str) else inspect.Parameter.empty


if __name__ == "__main__":
    print("\n".join(lines()))
