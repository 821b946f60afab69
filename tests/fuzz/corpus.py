"""What the mutator starts from: the providers' cases, and dumps in a file on request."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

from langchain_respmeta import demo
from tests.providers.cases import CASES


class Seed(NamedTuple):
    """One answer and who gave it."""

    integration: str
    answer: Any


def seeds(more: Path | None = None) -> list[Seed]:
    """All of them, in an order that stays."""
    found = [Seed(case.integration, _with_info(case)) for case in CASES]
    found += [Seed("ChatOpenAI", body) for body in _demo_bodies()]
    return found + (_of_file(more) if more is not None else [])


def _with_info(case: Any) -> Any:
    if not case.info and not case.output:
        return dict(case.message)
    generation = {"message": dict(case.message), "generation_info": dict(case.info or {})}
    return {"generations": [[generation]], "llm_output": dict(case.output or {})}


def _demo_bodies() -> list[Any]:
    folder = Path(demo.__file__).parent
    return [
        {"type": "ai", "content": "x", "response_metadata": json.loads(path.read_text())}
        for path in sorted(folder.rglob("*.json"))
    ]


def _of_file(path: Path) -> list[Seed]:
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Seed(str(row.get("package")), row.get("llm_result") or row["message"])
        for row in rows
        if row.get("message")
    ]
