"""Run the fuzzer for a while: `python -m tests.fuzz --seconds 600 [--seed 1] [--corpus FILE]`."""

from __future__ import annotations

import argparse
import resource
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time

from tests.fuzz.check import check
from tests.fuzz.corpus import seeds
from tests.fuzz.mutate import mutated

MEMORY = 2 * 1024**3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of CPU")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path, help="gzipped JSON lines with `message` or `llm_result`")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    corpus, random = seeds(options.corpus), Random(options.seed)  # noqa: S311 - no secret
    done, found = 0, Counter[str]()
    while process_time() < options.seconds:
        seed, other = random.choice(corpus), random.choice(corpus)
        state = random.getstate()
        try:
            check(mutated(seed.answer, other.answer, random), seed.integration)
        except (Exception, MemoryError) as fault:  # noqa: BLE001 - that is what it looks for
            places = traceback.extract_tb(fault.__traceback__)[-1]
            kind = f"{type(fault).__name__} at {Path(places.filename).name}:{places.lineno}"
            found[kind] += 1
            if found[kind] == 1:
                print(f"--- execution {done} of {seed.integration}: {kind}", flush=True)
                print("".join(traceback.format_exception(fault)[-6:])[-1500:], flush=True)
                del state
        done += 1
        if done % 2000 == 0:
            print(f"{done} executions, {process_time():.0f} s CPU, findings {dict(found)}", flush=True)
    print(f"{done} executions, {process_time():.0f} s CPU, findings {dict(found)}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
