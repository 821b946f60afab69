"""The shape of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Case(NamedTuple):
    """What was known at the start, what came, and what the record must hold of it."""

    name: str
    integration: str
    message: Mapping[str, Any]
    expected: Mapping[str, Any]
    """Dotted path → value; `len:` before a path compares a length, None says that nothing may be there."""
    info: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None
    start: Mapping[str, Any] = {}


def ai(content: Any = "Hello.", *, chunk: bool = False, **fields: Any) -> dict[str, Any]:
    """A dumped message."""
    kind = "AIMessageChunk" if chunk else "ai"
    return {"type": kind, "content": content, **fields}


def usage(into: int, out: int, total: int | None = None, **details: dict[str, int]) -> dict[str, Any]:
    """`usage_metadata`; details as `input={…}`, `output={…}`."""
    counts: dict[str, Any] = {"input_tokens": into, "output_tokens": out, "total_tokens": total or into + out}
    return counts | {f"{side}_token_details": parts for side, parts in details.items()}


def spent(into: int, out: int, **others: Any) -> dict[str, Any]:
    """OpenAI's raw usage."""
    return {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out} | others
