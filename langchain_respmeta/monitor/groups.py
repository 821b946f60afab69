"""What calls are grouped by: fields of the record, and keys of the run's own metadata. Values are bounded in number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.monitor.cell import Cell
from langchain_respmeta.monitor.names import unknown
from langchain_respmeta.record.fields import RecordFields

ALWAYS: Final = ("provider", "model", "service_tier", "finish_reason", "agent_name", "graph_node")
"""Fields that every monitor groups by. A call that names no model, as one that failed, is in the group of the one it asked for."""

ASKED_FOR: Final = (
    "thread_id",
    "trace_id",
    "run_name",
    "graph_step",
    "integration",
    "api",
    "requested_model",
)
"""Fields that a monitor groups by where they are named."""

TAGS: Final = "tags"
"""Groups by each of a run's tags: a call counts once in each, so that these groups add up to more than the whole."""

OTHER: Final = "(other)"
"""The group of the values beyond the bound."""

NONE: Final = "(none)"
"""The group of the calls that report no value."""

MAX_LENGTH: Final = 200
"""Characters of a value that tell it from others."""


class Slot:
    """One group: a value of a key. Cells are kept by it."""

    __slots__ = ("alerted", "key", "last", "merged", "moved_to", "value")

    def __init__(self, key: str | None, value: str | None) -> None:
        self.key: Final = key
        """None: the group of all calls."""
        self.value: Final = value
        self.last = 0.0
        """When a record of it was last seen, in seconds since 1970."""
        self.moved_to: Slot | None = None
        """The group that has its sums, once it gave its place to another value."""
        self.merged: dict[int, tuple[float, Cell]] = {}
        """Window → what its cells add up to, and the start from which that is true."""
        self.alerted: set[object] = set()
        """The rules whose function was called and that are not armed again."""


class Groups:
    """The groups of one monitor. One thread at a time."""

    def __init__(self, by: Sequence[str], max_values: int) -> None:
        self.keys: Final = tuple(dict.fromkeys((*ALWAYS, *by)))
        self.all: Final = Slot(None, None)
        self._max_values: Final = max_values
        self._slots: Final[dict[str, dict[str, Slot]]] = {key: {} for key in self.keys}
        self._readers: Final = tuple((key, _reader(key)) for key in self.keys)

    def of(self, record: RecordFields, now: float, make_room: Callable[[str], None]) -> tuple[Slot, ...]:
        """Return the groups that a record counts in, made where they are new.

        Args:
            record: The record.
            now: Seconds since 1970.
            make_room: Called with a key that has all its values, before a further one goes to `OTHER`: it may `move` some.
        """
        found = {self.all: None}
        for key, read in self._readers:
            for value in read(record):
                found[self._slot(key, value, now, make_room)] = None
        return tuple(found)

    def _slot(self, key: str, value: str, now: float, make_room: Callable[[str], None]) -> Slot:
        slots = self._slots[key]
        slot = slots.get(value)
        if slot is None:
            if self._is_full(key):
                make_room(key)
            name = OTHER if self._is_full(key) and value != NONE else value
            slot = slots.setdefault(name, Slot(key, name))
        slot.last = now
        return slot

    def _is_full(self, key: str) -> bool:
        slots = self._slots[key]
        return len(slots) - (OTHER in slots) - (NONE in slots) >= self._max_values

    def slots(self, key: str) -> Iterable[Slot]:
        """Return the groups of a key.

        Raises:
            SettingsError: the monitor does not group by it.
        """
        if key not in self._slots:
            hint = f"group by it: Monitor(by=({key!r},)) or RespMetaHandler(by=({key!r},))"
            raise SettingsError(unknown("by", key, self.keys, hint), setting="by")
        return self._slots[key].values()

    def slot(self, key: str, value: str) -> Slot | None:
        """Return the group of a value, None where no call had it.

        Raises:
            SettingsError: the monitor does not group by the key.
        """
        self.slots(key)
        return self._slots[key].get(value)

    def not_seen_since(self, key: str, time: float) -> list[Slot]:
        """Return the groups of a key that no call was seen of since then; those of no value of their own are none."""
        return [slot for value, slot in self._slots[key].items() if slot.last < time and value not in _COMMON]

    def move(self, slot: Slot) -> Slot:
        """Take a group's place from it; return the group that gets its sums."""
        key = str(slot.key)
        other = self._slots[key].setdefault(OTHER, Slot(key, OTHER))
        del self._slots[key][str(slot.value)]
        slot.moved_to = other
        return other

    def forget(self, rule: object) -> None:
        """Drop what is noted of a rule."""
        for slots in (*self._slots.values(), {"": self.all}):
            for slot in slots.values():
                slot.alerted.discard(rule)


_COMMON: Final = frozenset({OTHER, NONE})


def _reader(key: str) -> Callable[[RecordFields], Sequence[str]]:
    if key == TAGS:
        return _tags_of
    if key == "model":
        return lambda record: (text_of(record.model or record.requested_model),)
    if key in ALWAYS or key in ASKED_FOR:
        return lambda record: (text_of(getattr(record, key)),)
    return lambda record: (text_of(record.metadata.get(key)),)


def _tags_of(record: RecordFields) -> Sequence[str]:
    return [text_of(tag) for tag in record.tags] or (NONE,)


def text_of(value: Any) -> str:
    """Return the word that a value is grouped by."""
    if value is None or value == "":
        return NONE
    text = _WORDS.get(value) if isinstance(value, bool) else None
    return (text or str(value))[:MAX_LENGTH]


_WORDS: Final[Mapping[bool, str]] = {True: "true", False: "false"}
