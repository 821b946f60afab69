"""What the mutator starts from: the providers' cases and fields, the demo's answers, and dumps in a file on request."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, AIMessageChunk, message_to_dict

from langchain_respmeta import demo
from langchain_respmeta.errors import MissingExtraError
from tests.providers.cases import CASES
from tests.providers.field_samples import CLASS, KWARGS, METADATA, nested


class Seed(NamedTuple):
    """One answer and who gave it."""

    integration: str
    answer: Any


def seeds() -> list[Seed]:
    """Those that cost nothing to have, in an order that stays."""
    whole = [Seed(case.integration, _with_info(case)) for case in CASES]
    streamed = [Seed(case.integration, _merged(case.message)) for case in CASES]
    return [*whole, *(seed for seed in streamed if seed.answer), *_samples(), *_bodies()]


def _with_info(case: Any) -> Any:
    if not case.info and not case.output:
        return dict(case.message)
    generation = {"message": dict(case.message), "generation_info": dict(case.info or {})}
    return {"generations": [[generation]], "llm_output": dict(case.output or {})}


def _merged(message: Mapping[str, Any]) -> Any:
    """The answer as two chunks with the same data, merged as LangChain merges them; None where it cannot."""
    fields = {key: value for key, value in message.items() if key != "type" and value is not None}
    try:
        return message_to_dict(AIMessageChunk(**fields) + AIMessageChunk(**fields))
    except (TypeError, ValueError):
        return None


def _samples() -> Iterator[Seed]:
    """Each field's fixture, under the classes by turns."""
    classes = [name for name, _ in CLASS.values()]
    tables = (("response_metadata", METADATA), ("additional_kwargs", KWARGS))
    pairs = [(place, path, sample) for place, table in tables for path, sample in table.items()]
    for number, (place, path, sample) in enumerate(pairs):
        data = nested({path: sample.value, **sample.beside})
        yield Seed(classes[number % len(classes)], {"type": "ai", "content": "x", place: data})


def _bodies() -> Iterator[Seed]:
    """The demo's answers as the providers send them, in an integration that hands on all it got."""
    for group in demo.demo_scenarios().values():
        for scenario in group.values():
            for answer in scenario.answers:
                message = {"type": "ai", "content": "x", "response_metadata": answer.body}
                yield Seed("ChatOpenAI", message)


def through_integrations() -> Iterator[Seed]:
    """The demo's answers as the installed integrations parse them, at once and merged from a stream."""
    with demo.ReplayServer() as server:
        for group in demo.demo_scenarios().values():
            for scenario in group.values():
                server.add_scenario(scenario)
                try:
                    model = demo.scenario_model(server, scenario, max_retries=0)
                    whole = model.invoke(scenario.messages)
                    chunks = list(model.stream(scenario.messages))
                except MissingExtraError:
                    break
                except Exception as fault:  # noqa: BLE001 - scenarios that fail, each with its SDK's own exception
                    print(f"no seed of {scenario.provider} {scenario.name}: {type(fault).__name__}")
                    continue
                name = type(model).__name__
                yield Seed(name, message_to_dict(whole))
                yield Seed(name, message_to_dict(_sum(chunks)))


def _sum(chunks: list[Any]) -> AIMessage:
    merged = chunks[0]
    for chunk in chunks[1:]:
        merged += chunk
    return merged  # type: ignore[no-any-return]


def of_file(path: Path) -> Iterator[Seed]:
    """JSON lines, gzipped or not: `{"llm_result" | "message": …, "integration": …}`, or an answer alone."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in filter(str.strip, lines):
            row = json.loads(line)
            told = row if isinstance(row, dict) else {}
            answer = told.get("llm_result") or told.get("message") or row
            names = (told.get("start") or {}).get("serialized_id") or ["ChatOpenAI"]
            yield Seed(str(told.get("integration") or names[-1]), answer)
