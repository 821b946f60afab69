"""The answers that are read both ways: the project's own, and those in shared data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance._rows import OUTPUTS
from tests.fuzz.corpus import seeds as fuzzed
from tests.providers.cases import CASES
from tests.providers.test_integration_outputs import revive
from tests.providers.test_integration_outputs import rows as dumps
from tests.speed.case import Case, cases_of


def of_fixtures() -> Iterator[Case]:
    """The providers' cases with the starts they are read with, and the fuzzer's seeds."""
    for case in CASES:
        start = {"serialized": {"id": ["x", case.integration]}, **case.start}
        result = {
            "generations": [[{"message": case.message, "generation_info": case.info}]],
            "llm_output": case.output,
        }
        yield from cases_of(f"case: {case.name}", result, start)
    for number, seed in enumerate(fuzzed()):
        start = {"serialized": {"id": ["x", seed.integration]}}
        yield from cases_of(f"fuzz {number} {seed.integration}", seed.answer, start)


def of_dumps() -> Iterator[Case]:
    """What 25 integrations handed over, by the dumps in shared data; none where these are not."""
    if not OUTPUTS.exists():
        return
    for row in dumps():
        result, start = row["llm_result"] or {}, row["start"]
        if not result.get("on_llm_end_message"):
            continue
        generation = {
            "message": revive(result["on_llm_end_message"]),
            "generation_info": revive(result["generation_info"]),
        }
        told: dict[str, Any] = {
            "serialized": {"id": start.get("serialized_id")},
            "metadata": row["ls_params"],
            "invocation_params": start.get("invocation_params"),
        }
        whole = {"generations": [[generation]], "llm_output": revive(result["llm_output"])}
        yield from cases_of(f"dump {row['package']} {row['scenario']} {row['mode']}", whole, told)
