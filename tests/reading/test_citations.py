"""A citation's span: Google's byte offsets drift, the segment's own words do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_respmeta import normalize
from langchain_respmeta._reading import text_spans
from langchain_respmeta._reading.citations import _without_told
from langchain_respmeta.demo import ReplayServer
from tests.peers.bodies import gemini
from tests.peers.calls import EVERY_WAY, ask

TEXT = "Über den Anfang. The wedge was cut in clay. It lasts. The wedge was cut in clay. Ende der Sätze."
USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 6, "totalTokenCount": 11}
CHUNKS = [{"web": {"uri": f"https://{name}.example", "title": name}} for name in ("a", "b")]


def grounded(segments: list[dict[str, Any]]) -> dict[str, Any]:
    body = gemini(USAGE, TEXT)
    supports = [
        {"segment": segment, "groundingChunkIndices": [index % 2]} for index, segment in enumerate(segments)
    ]
    body["candidates"][0]["groundingMetadata"] = {"groundingChunks": CHUNKS, "groundingSupports": supports}
    return body


def told(words: str, start: int, length: int | None = None) -> dict[str, Any]:
    end = start + (len(words.encode()) if length is None else length)
    return {"startIndex": start, "endIndex": end, "text": words}


WEDGE = "The wedge was cut in clay."
FIRST, SECOND = TEXT.index(WEDGE), TEXT.rindex(WEDGE)


@EVERY_WAY
@pytest.mark.parametrize(
    ("segment", "start", "text"),
    [
        (told(WEDGE, FIRST + 1), FIRST, WEDGE),  # right: one letter has two bytes
        (told(WEDGE, FIRST + 4), FIRST, WEDGE),
        (told(WEDGE, FIRST - 6), FIRST, WEDGE),
        (told(WEDGE, SECOND - 3), SECOND, WEDGE),  # the nearest of two
        (told("Ende der Sätze.", len(TEXT) + 40), TEXT.index("Ende"), "Ende der Sätze."),  # beyond the end
        (told("Words that stand nowhere.", 3), None, "Words that stand nowhere."),
        (
            {"startIndex": FIRST + 1, "endIndex": FIRST + 1 + len(WEDGE)},
            FIRST,
            WEDGE,
        ),  # no words: the offsets
    ],
)
def test_a_segment_stands_where_its_words_do(
    replay: ReplayServer, segment: dict[str, Any], start: int | None, text: str, mode: str
) -> None:
    first, *_ = ask(replay, "google", grounded([segment]), mode).citations
    assert (first.text, first.start_index, first.url) == (text, start, "https://a.example")
    if start is not None:
        assert TEXT[start : first.end_index] == text


def test_segments_that_stand_nowhere_are_all_told(replay: ReplayServer) -> None:
    record = ask(
        replay, "google", grounded([told("No such words.", 3), told("Nor these.", 9), told("Or these.", 1)])
    )
    assert [one.text for one in record.citations] == ["No such words.", "Nor these.", "Or these."]


def test_coheres_citations_stand_where_their_words_do() -> None:
    cited = {"start": 5, "end": 10, "text": "green", "sources": [{"type": "document", "id": "d"}]}
    message = {"type": "ai", "content": "It is green.", "response_metadata": {"citations": [cited]}}
    record = normalize(message, start={"serialized": {"id": ["ChatCohere"]}})
    (citation,) = record.citations
    assert (citation.text, citation.start_index, citation.end_index) == ("green", 6, 11)


MARKED = "Recent developments include...[1] and [1] again, then [2]."


def annotation(marker: str, url: str, **place: int) -> dict[str, Any]:
    return {"type": "url_citation", "text": marker, **place, "url_citation": {"url": url, "title": "T"}}


ANNOTATIONS = [
    annotation("[1]", "https://a.example", start_index=32, end_index=35),  # two letters too far
    annotation("[2]", "https://b.example"),
    annotation("[1]", "https://c.example"),
    annotation("[9]", "https://d.example", start_index=0, end_index=6),
]
FLAT = [{**one, **one["url_citation"]} for one in ANNOTATIONS]


def of_chat_completions() -> Any:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": MARKED, "annotations": ANNOTATIONS}}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4.1", "choices": [choice]}


def of_responses() -> Any:
    part = {"type": "output_text", "text": MARKED, "annotations": FLAT}
    output = [{"type": "message", "role": "assistant", "content": [part]}]
    return {"id": "resp_1", "object": "response", "status": "completed", "output": output}


def of_additional_kwargs() -> Any:
    return AIMessage(MARKED, additional_kwargs={"annotations": ANNOTATIONS}, response_metadata=OPENAI)


def of_blocks() -> Any:
    block: dict[str, Any] = {"type": "text", "text": MARKED, "annotations": FLAT}
    return AIMessage([block], response_metadata=OPENAI)


def of_v1_blocks() -> Any:
    return AIMessage(of_blocks().content_blocks, response_metadata={**OPENAI, "output_version": "v1"})


OPENAI = {"model_provider": "openai"}


@pytest.mark.parametrize(
    "answer", [of_chat_completions, of_responses, of_additional_kwargs, of_blocks, of_v1_blocks]
)
def test_an_annotation_keeps_its_own_text_and_stands_where_that_does(answer: Callable[[], Any]) -> None:
    first, second, third, fourth = normalize(answer()).citations
    assert (first.text, first.start_index, first.end_index) == ("[1]", 30, 33)
    assert (second.text, second.start_index) == ("[2]", MARKED.index("[2]"))
    assert (third.text, third.start_index) == ("[1]", None)  # it may be either
    assert (fourth.text, fourth.start_index, fourth.end_index) == ("[9]", 0, 6)
    assert [one.url for one in (first, second, third, fourth)] == [one["url"] for one in FLAT]


def test_an_annotation_s_own_text_leaves_with_content_only() -> None:
    (first, *_) = normalize(of_responses(), include_content=False).citations
    assert (first.text, first.start_index, first.url) == (None, 30, "https://a.example")


def test_a_text_is_searched_from_end_to_end_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of segments that the answer does not contain must not cost thousands of searches through it."""
    text = "." * 5000 + "far away"
    monkeypatch.setattr(text_spans, "_MOST_SEARCHED", 3 * len(text))
    segments = [
        {"start_index": 0, "end_index": 8, "text": words} for words in ("#", "%", "far away", "far away")
    ]
    supports = [{"segment": segment, "grounding_chunk_indices": [0]} for segment in segments]
    metadata = {"grounding_metadata": {"grounding_chunks": CHUNKS, "grounding_supports": supports}}
    message = {"type": "ai", "content": text, "response_metadata": metadata}
    record = normalize(message, start={"serialized": {"id": ["ChatGoogleGenerativeAI"]}})
    assert [one.start_index for one in record.citations[:4]] == [None, None, 5000, None]


class _Counted(str):  # noqa: SLOT000 - it counts in its class
    compared = 0

    def __eq__(self, other: object) -> bool:
        _Counted.compared += 1
        return str.__eq__(self, other)  # type: ignore[arg-type]

    __hash__ = str.__hash__


def test_sources_are_compared_with_few_others() -> None:
    """Not each with each: a look-up for each of them."""
    sources = 2_000
    _Counted.compared = 0
    _without_told(
        [{"type": "url", "url": _Counted(f"https://a.example/{number}")} for number in range(sources)]
    )
    assert _Counted.compared < 10 * sources
