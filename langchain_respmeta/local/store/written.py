"""A run as the writer hands it to the indexes that are kept on write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta.local.store.packed import Packer
from langchain_respmeta.local.store.payloads import value_of

PREFIX: Final = "respmeta_"
"""Of the record's flat keys in a run's metadata."""


@dataclass(slots=True)
class Written:
    """One run of a batch, with everything that has arrived of it.

    Attributes:
        no: The number of its row; no other run ever has it.
        is_new: Its row is written for the first time.
        row: The columns of `runs`, by name.
        metadata: Of the run, parsed.
        changed: Names of the payloads that this batch sets (`extra` has the metadata).
        packed: Payloads as they are stored, by name.
    """

    no: int
    is_new: bool
    row: dict[str, Any]
    metadata: Mapping[str, object]
    changed: frozenset[str]
    packed: Mapping[str, str | bytes | None]
    packer: Packer
    values: dict[str, object] = field(default_factory=dict)
    """Payloads that are at hand, parsed."""

    def value(self, name: str) -> object:
        """A payload, parsed: `inputs`, `outputs`, `events`, `serialized`."""
        if name not in self.values:
            self.values[name] = value_of(self.packer.unpack(self.packed.get(name)))
        return self.values[name]
