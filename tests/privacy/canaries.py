"""Canaries: texts that must never appear again, and every place of an answer where one can be."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from langchain_respmeta.langsmith.metadata import nested_record
from langchain_respmeta.record.flat_values import flat_keys
from langchain_respmeta.record.typed import record_of
from tests.providers.cases._case import Case

TEXTS: Final = (
    "patient is hiv positive",
    "患者感染了艾滋病毒",
    "المريض مصاب بالفيروس",
    "jane.roe@clinic.example",
    "Jane Roe",
    "Jane Q. Roe",
    "Müller",
    "ROE, Jane (born 1971)",
    "I cannot help: she is HIV positive.",
)
"""What no place may show: sentences, other scripts, mail addresses and people's names."""

WORD: Final = "zephyrine"
"""A private word that looks like one of a provider's; the places in `WORDS_MAY_STAND` may show it, no other."""


def answers(case: Case) -> dict[str, Any]:
    """What the integration handed over, as one tree."""
    return {"message": dict(case.message), "info": case.info, "output": case.output}


def planted(tree: Any, canary: str) -> Iterator[tuple[str, Any]]:
    """Copies of `tree`, each with the canary in place of one value of any kind, or as one more key of a mapping."""
    for path in _places(tree):
        whole = {"": copy.deepcopy(tree)}
        spot: Any = whole
        for step in ("", *path[:-1]):
            spot = spot[step]
        if isinstance(spot, dict) and path[-1] not in spot:
            spot[canary] = "zero"
        else:
            spot[path[-1]] = canary
        yield ".".join(map(str, path)), whole[""]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path and path not in _LANGCHAINS:
        yield path
    if isinstance(value, dict):
        if path and path != ("message",):
            yield (*path, "<one more key>")
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


_LANGCHAINS: Final = {("message",), ("message", "type"), ("info",), ("output",)}
"""What LangChain itself makes: the class of the message, and the mappings around the provider's data."""


def everything_that_leaves(draft: Any) -> str:
    """All forms of the record without content, as one text."""
    record = record_of(draft, include_content=False)
    forms = (
        record.to_dict(),
        record.to_otel(),
        record.to_agno(),
        record.to_openrouter(),
        flat_keys(draft, "respmeta"),
        nested_record(draft, include_content=False),
    )
    told = [json.dumps(form, ensure_ascii=False, default=str) for form in forms]
    return "\n".join([*told, record.describe(), repr(record), record._repr_html_()])


def stored_in(directory: Path) -> bytes:
    """All bytes of all files there."""
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


def paths_of(value: Any, canary: str, path: str = "") -> Iterator[str]:
    """Paths in plain data that hold the canary; items of lists have no number."""
    if isinstance(value, str) and canary in value:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            if canary in key:
                yield f"{path}.<key>"
            yield from paths_of(item, canary, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from paths_of(item, canary, path)
