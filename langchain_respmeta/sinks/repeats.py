"""`Repeats`: what a sink made of a record that comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from langchain_respmeta._process.bounded import Bounded

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

MOST_REMEMBERED: Final = 10_000
"""Records that are recognized when they come again, unless a sink says otherwise."""

RecordKey: TypeAlias = tuple[str, int | None]

_Value = TypeVar("_Value")


def key_of(record: RecordFields) -> RecordKey | None:
    """What a record has in common with its later version; None for one without `run_id`, which never comes again."""
    return None if record.run_id is None else (record.run_id, record.candidate_index)


class Repeats(Generic[_Value]):
    """What was kept of the last records, by run and candidate: the oldest are forgotten beyond `maximum`.

    It holds no lock: a sink that several threads may call holds its own.
    """

    def __init__(self, maximum: int = MOST_REMEMBERED) -> None:
        self._kept: Final[Bounded[RecordKey, _Value]] = Bounded(maximum)

    def before(self, record: RecordFields, value: _Value) -> _Value | None:
        """Keep `value` for a record; return what was kept for its version before, None if it comes for the first time."""
        key = key_of(record)
        if key is None:
            return None
        before = self._kept.get(key)
        self._kept.keep(key, value)
        return before

    def forget(self, record: RecordFields) -> None:
        """Take the record for a new one when it comes again."""
        key = key_of(record)
        if key is not None:
            self._kept.pop(key, None)


class Amendments:
    """Counts how often the last records came again."""

    def __init__(self, maximum: int = MOST_REMEMBERED) -> None:
        self._counts: Final[Repeats[int]] = Repeats(maximum)

    def count(self, record: RecordFields) -> int:
        """Note that a record comes; return how often it came before."""
        before = self._counts.before(record, 0)
        if before is None:
            return 0
        self._counts.before(record, before + 1)
        return before + 1
