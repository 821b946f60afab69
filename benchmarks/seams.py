"""Each row of a table has its own `RunTree`: bare, with our wrapper, or with the hand-written one.

Else the tracer alone would pay for a wrapper that whoever has no handler of ours does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langsmith.run_trees import RunTree

from benchmarks import floor
from langchain_respmeta.langsmith import seam

Attributes = Mapping[str, Any]


def _bare(value: Any) -> Any:
    """What our wrapper was put around; None where it is none of ours."""
    if isinstance(value, classmethod):
        inner = _bare(value.__func__)
        return None if inner is None else classmethod(inner)
    return value.__wrapped__ if hasattr(value, seam._MARK) else None  # noqa: SLF001 - the mark is the seam's own


if problem := seam.install():
    raise RuntimeError(problem)

OURS: Final[Attributes] = {name: value for name, value in vars(RunTree).items() if _bare(value) is not None}
BARE: Final[Attributes] = {name: _bare(value) for name, value in OURS.items()}
FLOOR: Final[Attributes] = {**BARE, "patch": floor.wrapped(BARE["patch"])}


def put(attributes: Attributes) -> None:
    """Let `RunTree` have these."""
    for name, value in attributes.items():
        setattr(RunTree, name, value)
