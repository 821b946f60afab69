"""Stored rows: the time from a row's text to its draft, as a ratio to `orjson.loads` of the same text.

    python -m benchmarks.rows

*Plain*: outputs of runs of OpenAI's, as LangSmith stores them, with ids, texts and counts that vary. *Mixed*: what 25
integrations make of their providers' answers, with what the start of the run told, where the data lie beside the checkout.
"""

from __future__ import annotations

import gzip
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.calls import metadata
from benchmarks.figures import Figure
from langchain_respmeta._reading.read import draft_of

OUTPUTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "integration_outputs.jsonl.gz"
PLAIN_ROWS = 2_000
ROUNDS = 15
WARM_UP = 20
"""Times that all rows are read before: in millions of rows each shape has come often."""


@dataclass(frozen=True)
class Kind:
    """Rows of one kind, and what reading one may cost."""

    name: str
    texts: Sequence[bytes]
    read: Callable[[Any], object]
    limit: float


def _plain_row(dice: random.Random) -> dict[str, Any]:
    """The outputs of one run."""
    told, prompt, made = metadata(), dice.randrange(20, 9_000), dice.randrange(1, 2_000)
    cached, thought = dice.randrange(prompt), dice.randrange(made)
    usage = told["token_usage"]
    usage |= {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made}
    usage["prompt_tokens_details"]["cached_tokens"] = cached
    usage["completion_tokens_details"]["reasoning_tokens"] = thought
    told["id"] = f"chatcmpl-{dice.randbytes(12).hex()}"
    text = " ".join(
        dice.choices(("the", "weather", "in", "Paris", "is", "fine", "today"), k=dice.randrange(5, 60))
    )
    message = {
        "content": text,
        "response_metadata": told,
        "type": "ai",
        "id": f"lc_run--{dice.randbytes(16).hex()}-0",
        "usage_metadata": {
            "input_tokens": prompt,
            "output_tokens": made,
            "total_tokens": prompt + made,
            "input_token_details": {"audio": 0, "cache_read": cached},
            "output_token_details": {"audio": 0, "reasoning": thought},
        },
        "tool_calls": [],
        "invalid_tool_calls": [],
    }
    path = ["langchain", "schema", "messages", "AIMessage"]
    dumped = {"lc": 1, "type": "constructor", "id": path, "kwargs": message}
    generation = {"text": text, "generation_info": None, "type": "ChatGeneration", "message": dumped}
    return {"generations": [[generation]], "llm_output": None, "run": None, "type": "LLMResult"}


def plain(count: int = PLAIN_ROWS) -> Kind:
    """Outputs alone."""
    dice = random.Random(11)
    return Kind("plain rows", [orjson.dumps(_plain_row(dice)) for _ in range(count)], draft_of, 2.5)


def _mixed_rows() -> Iterator[bytes]:
    with gzip.open(OUTPUTS) as lines:
        for line in lines:
            dump = orjson.loads(line)
            if dump["message"]:
                start = {**dump["start"], "metadata": dump["ls_params"]}
                yield orjson.dumps({"message": dump["message"], "start": start})


def mixed() -> Kind | None:
    """Message and start; None where the data do not lie beside the checkout."""
    if not OUTPUTS.exists():
        return None
    return Kind("mixed rows", [*_mixed_rows()], lambda row: draft_of(row["message"], row["start"]), 4)


def measure(kind: Kind, rounds: int = ROUNDS, warm_up: int = WARM_UP) -> list[tuple[float, float]]:
    """Seconds of parsing, and of parsing and reading, in turn."""
    for _ in range(warm_up):
        _spent(kind, kind.read)
    return [(_spent(kind, lambda row: row), _spent(kind, kind.read)) for _ in range(rounds)]


def _spent(kind: Kind, read: Callable[[Any], object]) -> float:
    start = time.thread_time()
    for text in kind.texts:
        read(orjson.loads(text))
    return time.thread_time() - start


def part(rounds: int = ROUNDS, count: int = PLAIN_ROWS) -> str:
    """The table of both kinds."""
    lines = [
        "## Stored rows\n",
        "From a row's text to its draft, over `orjson.loads` of the same text.\n",
        "| rows | bytes of one | rows a second | ratio | at most | |",
        "|---|---|---|---|---|---|",
    ]
    for kind in filter(None, (plain(count), mixed())):
        spent = measure(kind, rounds)
        ratio = Figure.of([read / parsed for parsed, read in spent])
        second = len(kind.texts) / Figure.of([read for _, read in spent]).median
        size = sum(map(len, kind.texts)) / len(kind.texts)
        holds = "holds" if ratio.median <= kind.limit else "**missed**"
        lines.append(
            f"| {kind.name} | {size:,.0f} | {second:,.0f} | {ratio.median:.1f} ({ratio.low:.1f} to {ratio.high:.1f}) "
            f"| {kind.limit:g} | {holds} |"
        )
    if not OUTPUTS.exists():
        lines.append("\nMixed rows are not measured: the recorded answers do not lie beside this checkout.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(part())
    sys.exit(0)
