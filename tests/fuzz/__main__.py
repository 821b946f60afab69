"""Run the fuzzer for a while: `python -m tests.fuzz --seconds 600 [--seed 1] [--corpus FILE]`."""

from __future__ import annotations

import argparse
import logging
import resource
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time

from tests.fuzz.check import check
from tests.fuzz.corpus import of_file, seeds, through_integrations
from tests.fuzz.mutate import mutated

MEMORY = 2 * 1024**3
PACKAGE = Path(__file__).parents[2] / "langchain_respmeta"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of CPU")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path, help="JSON lines, gzipped or not")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.getLogger("langchain_respmeta").setLevel(logging.ERROR)
    corpus = [*seeds(), *through_integrations(), *(of_file(options.corpus) if options.corpus else ())]
    random = Random(options.seed)  # noqa: S311 - no secret
    print(f"{len(corpus)} seeds", flush=True)
    began, done, found = process_time(), 0, Counter[str]()
    while process_time() - began < options.seconds:
        seed, other = random.choice(corpus), random.choice(corpus)
        try:
            check(mutated(seed.answer, other.answer, random), seed.integration)
        except (Exception, MemoryError) as fault:  # noqa: BLE001 - that is what it looks for
            kind = _kind(fault)
            found[kind] += 1
            if found[kind] == 1:
                print(f"--- execution {done} of {seed.integration}: {kind}", flush=True)
                print("".join(traceback.format_exception(fault)[-6:])[-1500:], flush=True)
        done += 1
        if done % 5_000 == 0:
            _tell(done, process_time() - began, found)
    _tell(done, process_time() - began, found)
    return 1 if found else 0


def _kind(fault: BaseException) -> str:
    """The exception and the innermost place of the package's own code, or of the check."""
    places = traceback.extract_tb(fault.__traceback__)
    ours = [one for one in places if Path(one.filename).is_relative_to(PACKAGE)] or places
    return f"{type(fault).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"


def _tell(done: int, spent: float, found: Counter[str]) -> None:
    print(f"{done} executions, {spent:.0f} s CPU, {done / spent:.0f}/s, findings {dict(found)}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
