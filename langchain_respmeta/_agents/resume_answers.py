"""A person's answers: the `resume` of a `Command`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_INTERRUPT_ID: Final = re.compile(r"[0-9a-f]{32}")


class ResumeAnswers:
    """The `resume` of a `Command`: one answer, or answers by interrupt id."""

    def __init__(self, resume: Any) -> None:
        by_id = isinstance(resume, Mapping) and bool(resume) and all(map(_is_interrupt_id, resume))
        self.by_id: Mapping[str, Any] = resume if by_id else {}
        self.single: Any = None if by_id else resume
        self.taken = False
        """Whether the single answer went to the calls that asked for it."""

    def for_id(self, interrupt_id: str | None) -> Any:
        """Return the answer to an interrupt, if there is one."""
        if self.by_id:
            return self.by_id.get(interrupt_id) if interrupt_id else None
        return None if self.taken else self.single


def _is_interrupt_id(key: Any) -> bool:
    return isinstance(key, str) and bool(_INTERRUPT_ID.fullmatch(key))
