"""One entry of the table, and where it applies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "langchain_respmeta"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A guard that is taken away."""

    what: str
    """What no longer holds."""
    file: str
    """Below the package."""
    old: str
    """Text that the file has exactly once."""
    new: str
    tests: Sequence[str]
    """Of which at least one must fail, below `tests`: files, folders, or `file::test`."""

    def place(self, root: Path) -> Path:
        """The file in a checkout."""
        return root / PACKAGE / self.file

    def mutated(self, source: str) -> str:
        """`source` without the guard.

        Raises:
            ValueError: the file does not have `old` exactly once.
        """
        if (times := source.count(self.old)) != 1:
            raise ValueError(f"{self.file}: {self.old!r} stands there {times} times ({self.what})")
        return source.replace(self.old, self.new)


def without(what: str, file: str, guard: str, *tests: str) -> Mutant:
    """An entry that deletes a text."""
    return Mutant(what, file, guard, "", tests)


def instead(what: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    """An entry that puts another text in place of one."""
    return Mutant(what, file, old, new, tests)
