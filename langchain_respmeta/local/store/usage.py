"""Token counts and costs of a run, read where LangSmith reads them: `usage_metadata`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

COLUMNS: Final = {
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "total_tokens": "total_tokens",
    "prompt_cost": "input_cost",
    "completion_cost": "output_cost",
    "total_cost": "total_cost",
}
"""A run's column → the key of `usage_metadata`."""
_LARGEST_INTEGER: Final = 2**63 - 1
"""SQLite's; a count beyond it is wrong, but no reason to refuse the run."""


def usage_columns(metadata: Mapping[str, object], outputs: Callable[[], object]) -> dict[str, float | None]:
    """The run's own tokens (counts) and costs (USD); None if not reported."""
    usage = usage_metadata(metadata, outputs)
    return {column: _number(usage.get(key)) for column, key in COLUMNS.items()}


def usage_metadata(metadata: Mapping[str, object], outputs: Callable[[], object]) -> Mapping[str, object]:
    """`usage_metadata` of the run's metadata, else of its outputs (a `@traceable` model call), else empty."""
    usage = metadata.get("usage_metadata")
    if usage is None and isinstance(found := outputs(), dict):
        usage = found.get("usage_metadata")
    return usage if isinstance(usage, dict) else {}


def _number(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return value if abs(value) <= _LARGEST_INTEGER else float(value)
