"""Any body and any stream has a record or is told to be unreadable; neither is changed by being read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from random import Random
from typing import Any, Final

import pytest

from langchain_respmeta import UnreadableAnswer, normalize, normalize_stream
from langchain_respmeta.providers.raw import events as events_module
from langchain_respmeta.providers.raw import stream as stream_module
from langchain_respmeta.providers.raw.body import raw_body_of
from langchain_respmeta.providers.raw.recognize import dialect_of
from langchain_respmeta.providers.raw.table import DIALECTS
from tests.fuzz.check_raw import check_body, check_stream
from tests.fuzz.kept import Kept
from tests.fuzz.mutate import Hostile, mutated
from tests.fuzz.raw_seeds import RAW_SEEDS

EXECUTIONS: Final = 200
SEEDS: Final = [pytest.param(seed, id=f"{at}-{seed.dialect.name}") for at, seed in enumerate(RAW_SEEDS)]


def test_every_dialect_has_a_seed() -> None:
    assert {id(seed.dialect) for seed in RAW_SEEDS} == set(map(id, DIALECTS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_of_its_dialect_and_read(seed: Any) -> None:
    raw = raw_body_of(seed.body)
    assert raw is not None
    assert dialect_of(raw.body) is seed.dialect
    first = next(one for event in seed.events for one in DIALECTS if one.is_event(event))
    assert first is seed.dialect
    assert check_body(seed.body)
    assert check_stream(seed.events)
    assert normalize(seed.body).warnings == normalize_stream(seed.events).warnings == ()


def test_mutated_bodies_have_records_or_are_unreadable() -> None:
    random = Random(22)  # noqa: S311 - no secret
    read = [
        check_body(mutated(random.choice(RAW_SEEDS).body, random.choice(RAW_SEEDS).body, random))
        for _ in range(EXECUTIONS)
    ]
    assert {True, False} == set(read)


def test_mutated_streams_have_records_or_are_unreadable() -> None:
    random = Random(23)  # noqa: S311 - no secret
    read = [
        check_stream(mutated(random.choice(RAW_SEEDS).events, random.choice(RAW_SEEDS).events, random))
        for _ in range(EXECUTIONS)
    ]
    assert True in read


def _spoilt(text: str, random: Random) -> str:
    """The text with a piece gone, doubled or replaced."""
    start = random.randrange(len(text))
    piece = text[start : start + random.randint(1, 30)]
    put = random.choice(("", piece * 2, "\n", '"', "{", "\0", "\ud800", "data:", "1e999", "[" * 5_000))
    return text[:start] + put + text[start + len(piece) :]


@pytest.mark.parametrize("is_bytes", [False, True], ids=["text", "bytes"])
def test_spoilt_texts_have_records_or_are_unreadable(*, is_bytes: bool) -> None:
    random = Random(24)  # noqa: S311 - no secret
    read: set[bool] = set()
    for seed in RAW_SEEDS:
        lines = "".join(f"data: {json.dumps(event)}\n\n" for event in seed.events)
        for text, check in ((json.dumps(seed.body), check_body), (lines, check_stream)):
            for _ in range(3):
                spoilt = _spoilt(text, random)
                read.add(check(spoilt.encode("utf-8", "surrogatepass") if is_bytes else spoilt))
    assert read == {True, False}


# --- what can be gone through once -----------------------------------------------------------------------------------


def _breaking(events: Iterable[Any]) -> Iterator[Any]:
    yield from events
    raise RuntimeError("hostile")


def _cyclic() -> dict[str, Any]:
    body: dict[str, Any] = {"object": "chat.completion", "id": "c1"}
    body["choices"] = [{"message": body, "finish_reason": "stop"}]
    return body


def _nested_in_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


ODD: Final[dict[str, Callable[[], Any]]] = {
    "an object that raises": Hostile,
    "a number": lambda: 1,
    "a cycle of lists": _nested_in_itself,
}


@pytest.mark.parametrize("read", [normalize, normalize_stream], ids=["body", "stream"])
@pytest.mark.parametrize("name", ODD)
def test_what_holds_no_answer_is_unreadable(name: str, read: Callable[[Any], Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        read(ODD[name]())


def test_a_cyclic_body_has_a_record() -> None:
    body = _cyclic()
    assert check_body(body)
    assert normalize(body).finish_reason == "stop"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_object_that_raises_costs_no_more_than_its_own_place(seed: Any) -> None:
    body = seed.body[0] if isinstance(seed.body, list) else seed.body
    kept = Kept(beside := body | {"odd": Hostile(), "round": _nested_in_itself()})
    assert check_body(beside)
    assert normalize(beside).finish_reason == normalize(body).finish_reason
    kept.check()
    assert check_stream([*seed.events[:1], Hostile(), *seed.events[1:]])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stream_that_raises_is_unreadable(seed: Any) -> None:
    with pytest.raises(UnreadableAnswer, match="RuntimeError"):
        normalize_stream(_breaking(seed.events))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stream_without_an_end_is_read_as_far_as_its_bound(
    seed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "MAX_EVENTS", 300)
    record = normalize_stream(event for events in repeat(seed.events) for event in events)
    assert any("only 300 events" in warning for warning in record.warnings)


def test_texts_without_an_end_are_read_as_far_as_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "MAX_PIECES", 100)
    text = f"data: {json.dumps(RAW_SEEDS[0].events[0])}\n\n"
    assert normalize_stream(repeat(text)).provider_data is not None
    monkeypatch.setattr(events_module, "MAX_PIECES", 10**9)
    monkeypatch.setattr(events_module, "MAX_READ_CHARS", 10_000)
    assert normalize_stream(repeat(text)).provider_data is not None
    assert len(list(events_module.events_of(repeat(text.encode())))) < 100
