"""What compiled readers may and may not do beside reading: be stale, keep users' words, grow, or be in the way of threads."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from random import Random
from threading import Thread
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import read
from langchain_respmeta._reading.compiled import table
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.general import read_generally
from langchain_respmeta.providers import OPENAI, Provider, register_provider
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.registry import REGISTRY
from tests.speed import priced
from tests.speed.case import Case, cases_of
from tests.speed.changes.pools import Pools
from tests.speed.compare import differences
from tests.speed.gate import Gate
from tests.speed.kept import kept_texts
from tests.speed.ways import COMPILED

CANARY = "canary-bird-7"


def _case(integration: str = "ChatOpenAI", **fields: Any) -> Case:
    message = {
        "type": "ai",
        "content": "Hello.",
        "response_metadata": {
            "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
            "model_name": "gpt-4o",
            "finish_reason": "stop",
            "token_usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        },
        "usage_metadata": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
        **fields,
    }
    (case,) = cases_of("a plain answer", message, {"serialized": {"id": ["x", integration]}})
    return case


def _same_both_ways(case: Case) -> None:
    fast = COMPILED.read(case.answer(), case.run_start())
    general = read_generally(case.answer(), case.run_start())
    assert fast is None or not list(differences(fast, general))
    assert not list(differences(read.read_answer(case.answer(), case.run_start()), general))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rows that a test adds are taken out again."""
    for name in ("rows", "_by", "_at"):
        monkeypatch.setattr(REGISTRY, name, getattr(REGISTRY, name))
    yield
    REGISTRY.changes += 1


def test_a_plain_answer_is_read_fast_once_it_is_learned() -> None:
    case = _case()
    assert COMPILED.read(case.answer(), case.run_start()) is None
    assert COMPILED.learn(case.answer(), case.run_start())
    case.parts["usage"] = {"input_tokens": 70, "output_tokens": 4, "total_tokens": 74}
    case.parts["metadata"]["token_usage"] = {"prompt_tokens": 70, "completion_tokens": 4, "total_tokens": 74}
    assert COMPILED.read(case.answer(), case.run_start()) is not None
    _same_both_ways(case)


def test_a_number_in_place_of_an_id_is_not_read_as_an_id(fixtures: list[Case]) -> None:
    """Groq numbers the tools that it ran, and only those are told twice."""
    case = next(one for one in fixtures if "Groq's tools are told twice in v1 content" in one.name).copy()
    ids = [block for block in case.parts["content"] if str(block.get("id", "")).isdecimal()]
    assert ids
    COMPILED.learn(case.answer(), case.run_start())
    ids[0]["id"] = "length"
    _same_both_ways(case)


@pytest.mark.usefixtures("registry")
def test_a_provider_that_is_registered_later_is_asked() -> None:
    case = _case()
    COMPILED.learn(case.answer(), case.run_start())
    register_provider(Provider(OPENAI.extended("mine"), classes=("ChatOpenAI",)), replace=True)
    assert read.read_answer(case.answer(), case.run_start())["provider"] == "mine"
    COMPILED.learn(case.answer(), case.run_start())
    _same_both_ways(case)


def _branches(draft: Any, answer: Any, _: Any) -> None:
    draft["timing.generation_s"] = 1.0 if answer.metadata["n"] > 3 else 2.0


def _prints(draft: Any, answer: Any, _: Any) -> None:
    draft["response_id"] = f"n{answer.metadata['n']}"


def _converts(draft: Any, answer: Any, _: Any) -> None:
    draft["timing.generation_s"] = float(str(answer.metadata["n"])) / 2


def _looks_at_type(draft: Any, answer: Any, _: Any) -> None:
    draft["response_id"] = type(answer.metadata["n"]).__name__


def _indexes(draft: Any, answer: Any, _: Any) -> None:
    draft["response_id"] = {10: "ten", 11: "eleven"}.get(answer.metadata["n"], "other")


def _measures(draft: Any, answer: Any, _: Any) -> None:
    draft["usage.characters"] = len(answer.content)


_NUMBERS = count()


def _counts_itself(draft: Any, _: Any, __: Any) -> None:
    draft["response_id"] = f"call {next(_NUMBERS)}"


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("step", [_branches, _prints, _converts, _looks_at_type, _indexes, _measures])
def test_a_users_own_step_sees_each_answers_numbers_and_texts(step: Any) -> None:
    register_provider(Provider(OPENAI.extended("mine", steps=(step,)), classes=("ChatMine",)))
    for number, text in ((10, "Hello."), (11, "Hello there."), (1, "Hi."), (0, "x"), (250, "y")):
        case = _case("ChatMine", content=text)
        case.parts["metadata"]["n"] = number
        _same_both_ways(case)
        COMPILED.learn(case.answer(), case.run_start())
        _same_both_ways(case)


@pytest.mark.usefixtures("registry")
def test_a_users_own_step_runs_for_each_answer() -> None:
    register_provider(Provider(OPENAI.extended("mine", steps=(_counts_itself,)), classes=("ChatMine",)))
    case = _case("ChatMine")
    COMPILED.learn(case.answer(), case.run_start())
    ids = {read.read_answer(case.answer(), case.run_start())["response_id"] for _ in range(5)}
    assert len(ids) == 5


PRIVATE: dict[str, dict[str, Any]] = {
    "content": {"content": f"It is {CANARY}."},
    "blocks": {"content": [{"type": "text", "text": CANARY, "annotations": []}]},
    "reasoning": {"content": [{"type": "reasoning", "reasoning": CANARY}, {"type": "text", "text": "x"}]},
    "thinking": {"content": [{"type": "thinking", "thinking": CANARY, "signature": CANARY}]},
    "refusal": {"additional_kwargs": {"refusal": CANARY}},
    "arguments": {"tool_calls": [{"name": "f", "args": {"q": CANARY, CANARY: 1}, "id": "call_1"}]},
    "raw arguments": {
        "additional_kwargs": {
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "f", "arguments": f'{{"q": "{CANARY}"}}'},
                }
            ]
        }
    },
    "bad arguments": {"invalid_tool_calls": [{"name": "f", "args": CANARY, "id": "call_1", "error": CANARY}]},
    "citations": {
        "content": [
            {
                "type": "text",
                "text": "x",
                "annotations": [
                    {
                        "type": "citation",
                        "url": f"https://a.example/{CANARY}",
                        "title": CANARY,
                        "cited_text": CANARY,
                    }
                ],
            }
        ]
    },
    "a search": {
        "content": [
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": CANARY}},
            {"type": "text", "text": "x"},
        ]
    },
    "an unknown block": {"content": [{"type": "surprise", "payload": f"The {CANARY} sings."}]},
    "sound": {"additional_kwargs": {"audio": {"id": "audio_1", "data": CANARY, "transcript": CANARY}}},
    "log probabilities": {
        "response_metadata": {
            "model_name": "gpt-4o",
            "logprobs": {"content": [{"token": CANARY, "logprob": -0.5}]},
        }
    },
    "an unknown key": {"response_metadata": {"model_name": "gpt-4o", "surprise": {"text": CANARY}}},
    "an id": {"response_metadata": {"model_name": "gpt-4o", "id": f"chatcmpl-{CANARY}"}},
}


@pytest.mark.parametrize("name", PRIVATE)
def test_no_word_of_a_user_or_model_is_kept(name: str) -> None:
    case = _case(**PRIVATE[name])
    COMPILED.learn(case.answer(), case.run_start())
    read.read_answer(case.answer(), case.run_start())
    COMPILED.work_off()
    kept = kept_texts(STATE[READERS])
    assert [text for text in kept if CANARY in text] == []


@pytest.mark.parametrize(
    "start",
    [
        {"invocation_params": {"stop": [CANARY]}},
        {"invocation_params": {"tools": [{"function": {"description": CANARY}}]}},
        {"metadata": {"user": CANARY}},
    ],
    ids=lambda start: next(iter(start)),
)
def test_no_word_of_a_start_is_kept(start: dict[str, Any]) -> None:
    handler = RespMetaHandler(metadata=False, feedback=False)
    case = _case()
    case.start |= start
    for _ in range(3):
        priced.read_as_run(case, handler)
        COMPILED.work_off()
    assert [text for text in kept_texts(STATE[READERS]) if CANARY in text] == []


def test_readers_are_bounded_whatever_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of shapes that are learned, of shapes that cannot be, and of words that differ from call to call."""
    monkeypatch.setattr(table, "MAX_READERS", 30)

    def learn(number: int) -> None:
        for metadata in (
            {"model_name": "gpt-4o", f"key{number}": 1},
            {"model_name": f"gpt-{number}", "finish_reason": "stop"},
            {"model_name": "gpt-4o", f"key{number}": [{"b": object()}]},
            {"model_name": "gpt-4o", f"key{number}": list(range(300))},
        ):
            case = _case(response_metadata=metadata)
            COMPILED.learn(case.answer(), case.run_start())

    sizes = []
    for number in range(120):
        learn(number)
        if number in {59, 119}:
            sizes.append(len(kept_texts(STATE[READERS])))
    assert sizes[1] < 1.5 * sizes[0]


def test_threads_that_learn_and_read_at_once_read_what_one_thread_reads(
    fixtures: list[Case], pools: Pools
) -> None:
    gates = [Gate(COMPILED, pools, Random(number), alone=False) for number in range(4)]  # noqa: S311 - no secret
    faults: list[BaseException] = []

    def work(gate: Gate, part: list[Case]) -> None:
        try:
            for case in part:
                gate.hold(case, 3)
        except BaseException as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    threads = [Thread(target=work, args=(gate, fixtures[:40])) for gate in gates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [str(one) for gate in gates for one in gate.counts.findings] == []


def test_an_answer_is_let_go_once_it_is_learned() -> None:
    case = _case()
    read.read_answer(case.answer(), case.run_start())
    COMPILED.work_off()
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Answer]


def test_words_that_differ_with_every_call_are_not_learned_with_every_call() -> None:
    """Titles of sources, say: a reader for each would cost more than it ever spares."""
    learned = 0
    for number in range(400):
        annotation = {"type": "citation", "url": "https://a.example/", "title": f"Title {number}"}
        case = _case(
            content=[{"type": "text", "text": "x", "annotations": [annotation], "surprise": f"w{number}"}]
        )
        if COMPILED.read(case.answer(), case.run_start()) is None:
            learned += COMPILED.learn(case.answer(), case.run_start())
    assert learned < 200
