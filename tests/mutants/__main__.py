"""Runs the table: see the package's docstring."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from tests.mutants.entry import Mutant
from tests.mutants.table import MUTANTS

ROOT: Final = Path(__file__).parents[2]
_LEFT_OUT: Final = shutil.ignore_patterns(".*", "__pycache__", "dist", "build")
_HANGS_S: Final = 900.0
_PYTEST: Final = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not shared and not browser")


class Verdict(Enum):
    """The tests' verdict on a mutant, by pytest's exit code."""

    SURVIVED = 0
    KILLED = 1
    HANGS = -1
    """The tests did not end: neither would `make test`, so the fault shows."""
    BROKEN = 2
    """The package cannot be imported any more, or the tests are not there: the entry is wrong."""


_GOOD: Final = (Verdict.KILLED, Verdict.HANGS)


def main(words: Sequence[str]) -> int:
    """Exit code 0 where every chosen mutant was noticed, 1 where one was not."""
    chosen = [one for one in MUTANTS if not words or any(word in f"{one.file} {one.what}" for word in words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        copy = Path(directory) / "checkout"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        whole = sorted({test for one in chosen for test in one.tests})
        if _run(copy, whole) is not Verdict.SURVIVED:
            print("The tests fail already where nothing was changed:", *whole)
            return 1
        verdicts = {one: _try(copy, one) for one in chosen}
    missed = [one for one, verdict in verdicts.items() if verdict not in _GOOD]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} mutants were noticed")
    return 1 if missed else 0


def _try(copy: Path, mutant: Mutant) -> Verdict:
    place = mutant.place(copy)
    source = place.read_text("utf-8")
    place.write_text(mutant.mutated(source), "utf-8")
    try:
        verdict = _run(copy, mutant.tests)
    finally:
        place.write_text(source, "utf-8")
    print(f"{verdict.name:8} {mutant.file}: {mutant.what}", flush=True)
    return verdict


def _run(copy: Path, tests: Iterable[str]) -> Verdict:
    command = [sys.executable, *_PYTEST, *(f"tests/{test}" for test in tests)]
    # Two mutations of one second leave the same time and perhaps the same size: no bytecode may be reused.
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, check=False, capture_output=True, text=True, timeout=_HANGS_S
        )
    except subprocess.TimeoutExpired:
        return Verdict.HANGS
    verdict = {0: Verdict.SURVIVED, 1: Verdict.KILLED}.get(done.returncode, Verdict.BROKEN)
    if verdict is Verdict.BROKEN:
        print(done.stdout[-2_000:], done.stderr[-2_000:], sep="\n")
    return verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
