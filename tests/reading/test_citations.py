"""A citation's span: Google's byte offsets drift, the segment's own words do not."""

from __future__ import annotations

from typing import Any

import pytest

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
