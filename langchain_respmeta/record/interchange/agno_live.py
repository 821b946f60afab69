"""Agno's live `ModelResponse` as the dict that its `to_dict()` writes. Agno is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Protocol

from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.interchange.kinds import wrong

_ITS_OWN: Final = ("response_usage", "tool_executions", "to_dict")
"""What a `ModelResponse` has, and nothing else of Agno's has all of."""


class ModelResponseLike(Protocol):
    """What is taken of a live `ModelResponse`."""

    response_usage: Any
    tool_executions: Any

    def to_dict(self) -> dict[str, Any]:
        """Its fields as plain data."""
        ...


def told_by(response: Any) -> Mapping[str, Any]:
    """The response as a dict.

    Raises:
        RecordError: It is neither a `ModelResponse` nor a dict of one, or it cannot be written as a dict.
    """
    if isinstance(response, Mapping):
        return response
    if isinstance(response, type) or not all(hasattr(response, name) for name in _ITS_OWN):
        raise wrong("ModelResponse", "Agno's ModelResponse, or what its to_dict() wrote", response)
    try:
        told = response.to_dict()
    except Exception as fault:
        # It copies what it holds: a client or a lock in `parsed` or `extra` cannot be.
        raise RecordError(
            f"ModelResponse: its to_dict() raised {type(fault).__name__}", field="ModelResponse"
        ) from fault
    return {name: value.value if isinstance(value, Enum) else value for name, value in told.items()}
