"""The table of compiled readers: what it learns, when it forgets, and that source text is made of any key."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled import table
from langchain_respmeta._reading.compiled.table import READERS, Readers
from langchain_respmeta._reading.general import read_generally
from langchain_respmeta._reading.read import draft_of, read_answer
from langchain_respmeta._reading.starts import STARTS
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import answers_of
from langchain_respmeta.providers.engine.symbols import SeenText, Tape, Untraceable, noted
from langchain_respmeta.providers.registry import REGISTRY

START = {
    "serialized": {"id": ["langchain", "ChatOpenAI"]},
    "metadata": {"ls_provider": "openai"},
    "invocation_params": {"_type": "openai-chat", "model": "gpt-5"},
}


def _message(**facts: Any) -> AIMessage:
    usage: Any = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    metadata = {
        "model_name": "gpt-5-2025-08-07",
        "model_provider": "openai",
        "finish_reason": "stop",
        **facts,
    }
    return AIMessage("hi", usage_metadata=usage, response_metadata=metadata)


def _answer(**facts: Any) -> Answer:
    return answers_of(_message(**facts))[0]


def _start() -> Any:
    return STATE[STARTS].of_mapping(START)


def _is_fast(**facts: Any) -> bool:
    return STATE[READERS].read(_answer(**facts), _start()) is not None


@pytest.mark.parametrize(
    "key",
    [
        "{0.__class__}",
        "{",
        "}{",
        "{0!r}",
        "{}",
        "%s",
        "'",
        '"',
        "'\"'",
        "\\",
        "\n",
        "\\'",
        "\x00",
        "é",
        "\ud800",
        "\x02n0\x03",
    ],
)
def test_any_key_is_read_as_the_general_reader_reads_it(key: str) -> None:
    message = _message(**{"more": {key: {key: 3}}, key: {"y": 1}})
    for _ in range(4):
        found = draft_of(message, START)
    (answer,) = answers_of(message)
    general = read_generally(answer, _start())
    assert {name: found[name] for name in general} == general  # type: ignore[literal-required]


def test_where_a_text_begins_is_counted_in_each_answer() -> None:
    """A symbol of a text holds a mark in the text's place, whose length is not the text's."""

    def answer(*texts: str) -> Answer:
        reference = {"reference_ids": [1], "type": "reference"}
        blocks: list[Any] = [{"type": "text", "text": text} for text in texts]
        blocks.append({"type": "text", "text": "", "reference": reference})
        return answers_of(AIMessage(blocks, response_metadata={"model_provider": "openai"}))[0]

    for texts in (("ab12", "cd34"), ("a longer text", "and another"), ("x", "y")):
        STATE[READERS].learn(answer(*texts), _start())
        for other in (("ab12", "cd34"), ("much longer", "than before"), ("1", "2")):
            found = STATE[READERS].read(answer(*other), _start())
            assert found is None or found == read_generally(answer(*other), _start())


def test_the_length_of_a_text_is_never_that_of_its_mark() -> None:
    symbol = SeenText(Tape(), "t0", "a text of some length")
    with pytest.raises(Untraceable):
        len(symbol)
    length = noted(len, symbol)
    assert (length.value, length.source) == (21, "x0")
    assert symbol.tape.lines[0] == ("x0", "k0(t0)")


@pytest.mark.parametrize("head", ["a ", "no"])
def test_how_a_text_begins_is_a_guard_not_its_marks(head: str) -> None:
    symbol = SeenText(Tape(), "t0", "a text of some length")
    assert symbol.startswith(head) is (head == "a ")
    assert symbol.tape.lines == [("", f"t0.startswith({head!r}) is {head == 'a '}")]
    with pytest.raises(Untraceable):
        symbol.startswith((head, SeenText(Tape(), "t1", "no")))


class _Hostile:
    """A key that cannot be compared."""

    def __hash__(self) -> int:
        return hash("model_name")

    def __eq__(self, _: object) -> bool:
        raise RuntimeError("hostile")


@pytest.mark.parametrize(
    "hostile", [{"content": {_Hostile(): 1}}, {"response_metadata": {_Hostile(): 1}}, {"content": {"b": 2}}]
)
def test_what_cannot_be_compared_is_left_to_the_general_reader(hostile: dict[str, Any]) -> None:
    for content in ({"a": 1}, {"value": {"c": "d"}}):
        one: Any = {"type": "ai", "content": content, "response_metadata": {}}
        for _ in range(4):
            draft_of(one, START)
    for _ in range(3):
        draft_of({"type": "ai", "content": "", "response_metadata": {}, **hostile}, START)


def test_an_answer_that_comes_once_is_not_learned() -> None:
    read_answer(_answer(), _start())
    assert not STATE[READERS].has_work
    read_answer(_answer(), _start())
    assert STATE[READERS].has_work
    STATE[READERS].work_off()
    assert _is_fast()
    assert _is_fast(model_name="gpt-5-2025-08-07")
    assert not _is_fast(model_name="gpt-4o")


def test_registering_a_provider_forgets_all_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert STATE[READERS].learn(_answer(), _start())
    assert _is_fast()
    monkeypatch.setattr(REGISTRY, "changes", REGISTRY.changes + 1)
    assert not _is_fast()
    assert STATE[READERS].learn(_answer(), _start())
    assert _is_fast()


def test_readers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_READERS", 5)
    readers = Readers()
    for number in range(12):
        assert readers.learn(_answer(**{f"key{number}": 1}), _start())
        assert readers.read(_answer(**{f"key{number}": 2}), _start()) is not None
    known = [number for number in range(12) if readers.read(_answer(**{f"key{number}": 2}), _start())]
    assert 0 < len(known) <= 5


def test_words_that_are_always_others_are_not_learned_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_WORDS", 4)
    learned = [STATE[READERS].learn(_answer(node=f"node-{number}"), _start()) for number in range(8)]
    assert learned == [True] * 4 + [False] * 4


def test_what_waits_is_bounded() -> None:
    readers = Readers()
    done: list[int] = []
    for number in range(100):
        readers.do_later(lambda number=number: done.append(number))  # type: ignore[misc]
    readers.work_off()
    assert done == [*range(100 - table.MAX_WAITING, 100)]
    assert not readers.has_work


def test_a_reader_that_cannot_be_proven_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "is_proven", lambda *_: False)
    assert not STATE[READERS].learn(_answer(), _start())
    assert not _is_fast()
