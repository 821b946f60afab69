"""One run of a trace, as LangChain's tracer tells LangSmith's API of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

END: Final = datetime(2026, 11, 28, tzinfo=UTC)
"""When the last trace begins, at the latest."""
_RUNTIME: Final = {
    "sdk": "langsmith-py",
    "sdk_version": "0.15.1",
    "library": "langchain-core",
    "platform": "Linux-6.1.0-x86_64-with-glibc2.36",
    "runtime": "python",
    "py_implementation": "CPython",
    "runtime_version": "3.11.7",
    "langchain_version": "1.5.2",
    "langchain_core_version": "1.8.3",
    "library_version": "1.8.3",
}


@dataclass
class Run:
    """One run, finished."""

    dice: random.Random
    name: str
    run_type: str
    start: datetime
    parent: Run | None
    shared: dict[str, Any]
    """Metadata, tags and project of the whole trace."""
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    end: datetime = END
    metadata: dict[str, Any] = field(default_factory=dict)
    """Known at the start, beside what is shared."""
    record: dict[str, Any] = field(default_factory=dict)
    """Metadata that is added at the end."""
    extra: dict[str, Any] = field(default_factory=dict)
    serialized: dict[str, Any] | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        """Take an id of its time, as the SDK does, and the place in the trace."""
        stamp = int(self.start.timestamp() * 1000) << 80
        bits = self.dice.getrandbits(80) & ~(0xF << 76) & ~(3 << 62)
        self.id = str(UUID(int=stamp | bits | 7 << 76 | 2 << 62))
        own = self.start.strftime("%Y%m%dT%H%M%S%fZ") + self.id
        self.dotted: str = f"{self.parent.dotted}.{own}" if self.parent else own
        self.trace_id: str = self.parent.trace_id if self.parent else self.id

    def post(self) -> dict[str, Any]:
        """What is sent when it starts."""
        return self._common() | {
            "outputs": {},
            "events": [{"name": "start", "time": self.start.isoformat()}],
            "extra": self._extra({}),
            "serialized": self.serialized,
        }

    def patch(self) -> dict[str, Any]:
        """What is sent when it ends."""
        events = [("start", self.start), ("end" if self.error is None else "error", self.end)]
        return self._common() | {
            "session_id": None,
            "end_time": self.end.isoformat(),
            "outputs": self.outputs,
            "events": [{"name": name, "time": moment.isoformat()} for name, moment in events],
            "extra": self._extra(self.record),
            "error": self.error,
        }

    def _common(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "start_time": self.start.isoformat(),
            "parent_run_id": self.parent.id if self.parent else None,
            "tags": self.shared["tags"],
            "dotted_order": self.dotted,
            "trace_id": self.trace_id,
            "session_name": self.shared["project"],
            "name": self.name,
            "run_type": self.run_type,
            "inputs": self.inputs,
        }

    def _extra(self, record: dict[str, Any]) -> dict[str, Any]:
        metadata = {**self.shared["metadata"], **self.metadata, **record}
        return {**self.extra, "metadata": metadata, "runtime": _RUNTIME}
