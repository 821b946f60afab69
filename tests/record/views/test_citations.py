"""The answer's text with its sources as Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langchain_core.messages.utils import convert_to_messages

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.parts import Citation
from langchain_respmeta.record.record import ResponseMetadata

TEXT = "Prices rose [1]. They will fall. Experts agree, says a report."
#       0         1         2         3         4         5         6


def cite(start: int | None, end: int | None, url: str | None = "https://a.b/c", **fields: Any) -> Citation:
    return Citation(type="url", start_index=start, end_index=end, url=url, **fields)


def render(*citations: Citation, text: Any = TEXT) -> str:
    return ResponseMetadata(citations=citations).render_with_citations(text)


def test_the_tutorials_example() -> None:
    text = "Recent AI developments include...[1]"
    citation = cite(33, 36, "https://example.com/ai-news", title="AI News Article", text="[1]")
    assert (
        render(citation, text=text)
        == 'Recent AI developments include...[[1]](https://example.com/ai-news "AI News Article")'
    )


def test_several_spans_in_any_order() -> None:
    first, second = cite(12, 15, "https://one.com/"), cite(17, 21, "https://two.com/", title="Two")
    expected = 'Prices rose [[1]](https://one.com/). [They](https://two.com/ "Two") will fall. Experts agree, says a report.'
    assert render(first, second) == expected
    assert render(second, first) == expected


def test_neighbours_keep_their_own_links() -> None:
    left, right = cite(0, 6, "https://one.com/"), cite(6, 11, "https://two.com/")
    expected = "[Prices](https://one.com/)[-rose](https://two.com/)."
    assert render(left, right, text="Prices-rose.") == expected
    assert render(right, left, text="Prices-rose.") == expected


def test_several_citations_of_one_span_stand_behind_it_in_their_order() -> None:
    one, two = cite(17, 32, "https://one.com/", title="One"), cite(17, 32, "https://two.com/")
    assert render(one, two) == (
        'Prices rose [1]. They will fall. [\\[1\\]](https://one.com/ "One") [\\[2\\]](https://two.com/)'
        " Experts agree, says a report."
    )


def test_overlapping_spans_get_links_behind() -> None:
    outer, inner = cite(0, 11, "https://one.com/"), cite(7, 11, "https://two.com/")
    assert render(inner, outer, text="Prices rose.") == (
        "Prices rose [\\[1\\]](https://two.com/) [\\[2\\]](https://one.com/)."
    )
    crossing = cite(4, 12, "https://three.com/")
    assert render(outer, crossing, text="Prices rose.") == (
        "Prices rose [\\[1\\]](https://one.com/). [\\[2\\]](https://three.com/)"
    )


def test_long_or_broken_spans_get_the_link_behind() -> None:
    long = "word " * 30
    assert render(cite(0, len(long)), text=long + "end") == f"{long}[\\[1\\]](https://a.b/c) end"
    assert render(cite(0, 7), text="one\ntwo") == "one\ntwo [\\[1\\]](https://a.b/c)"
    assert render(cite(0, 4), text="a] b") == "a] b [\\[1\\]](https://a.b/c)"
    assert render(cite(0, 2), text="a\\") == "a\\ [\\[1\\]](https://a.b/c)"
    assert render(cite(0, 3), text="`a`") == "`a` [\\[1\\]](https://a.b/c)"
    assert render(cite(0, 14), text="[x](http://z) ") == "[x](http://z) [\\[1\\]](https://a.b/c) "


def test_a_link_that_the_answer_wrote_itself_is_left_as_it_is() -> None:
    text = "It rains ([bbc.com](https://bbc.com/w?utm_source=openai))."
    assert render(cite(9, 57, "https://bbc.com/w?utm_source=openai", title="BBC"), text=text) == text


def test_an_empty_span_marks_a_place() -> None:
    assert render(cite(6, 6), text="Prices rose.") == "Prices [\\[1\\]](https://a.b/c) rose."
    assert render(cite(0, 0), text="Prices") == "[\\[1\\]](https://a.b/c)Prices"


def test_sources_without_a_span_are_listed_under_their_numbers() -> None:
    assert render(
        cite(12, 15, "https://one.com/"),
        cite(None, None, "https://two.com/", title="Two [x]"),
        Citation(type="file", filename="q4_report.pdf"),
    ) == (
        "Prices rose [[1]](https://one.com/). They will fall. Experts agree, says a report.\n\n"
        "Sources:\n\n"
        '- \\[2\\] [Two \\[x\\]](https://two.com/ "Two [x]")\n'
        "- \\[3\\] q4\\_report.pdf"
    )


def test_a_source_without_an_address_is_marked_in_the_text_and_named_at_the_end() -> None:
    assert render(
        Citation(type="file", filename="q4.pdf", start_index=0, end_index=6), text="Prices rose"
    ) == ("Prices \\[1\\] rose\n\nSources:\n\n- \\[1\\] q4.pdf")


@pytest.mark.parametrize(("start", "end"), [(5, 3), (-1, 4), (0, 999), (None, 4), (3, None)])
def test_spans_that_do_not_fit_the_text_are_no_spans(start: int | None, end: int | None) -> None:
    assert render(cite(start, end, title="T"), text="Prices") == (
        'Prices\n\nSources:\n\n- \\[1\\] [T](https://a.b/c "T")'
    )


def test_titles_and_addresses_cannot_break_out() -> None:
    title = 'He said "hi" [x](javascript:alert(1)) `code` <b>\n\n\\'
    url = 'https://en.wikipedia.org/wiki/Foo_(bar)"><script>'
    assert render(cite(0, 6, url, title=title), text="Prices") == (
        "[Prices](https://en.wikipedia.org/wiki/Foo_%28bar%29%22%3E%3Cscript%3E "
        '"He said \\"hi\\" [x](javascript:alert(1)) \\`code\\` \\<b\\> \\\\")'
    )
    listed = render(cite(None, None, "javascript:alert(1)", title="<img src=x> [a](b) *b*"), text="")
    assert listed == "Sources:\n\n- \\[1\\] \\<img src=x\\> \\[a\\](b) \\*b\\*"


MESSAGES = [
    "Prices rose.",
    AIMessage("Prices rose."),
    AIMessage(
        [
            {"type": "text", "text": "Prices"},
            {"type": "tool_use", "text": "no"},
            {"type": "text", "text": " rose."},
        ]
    ),
    AIMessage(["Prices", " rose."]),
    AIMessage(
        [
            {"type": "reasoning", "reasoning": "hm"},
            {"type": "text", "text": "Prices rose.", "annotations": []},
        ]
    ),
    {"type": "ai", "content": "Prices rose."},
    SimpleNamespace(content="Prices rose."),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_places_count_over_all_text_blocks_joined(message: Any) -> None:
    assert render(cite(5, 8), text=message) == "Price[s r](https://a.b/c)ose."


@pytest.mark.parametrize("message", [None, 5, [], AIMessage])
def test_what_is_no_message_is_refused(message: Any) -> None:
    with pytest.raises(TypeError, match="expected an AIMessage or its text, got"):
        render(text=message)


def test_without_citations_the_text_stays() -> None:
    assert render() == TEXT
    assert render(text=convert_to_messages([("ai", "x")])[0]) == "x"


LETTERS = "abcdefghijklmnopqrstuvwxyz" * 5
_spans = st.tuples(st.integers(0, len(LETTERS)), st.integers(0, len(LETTERS))).map(sorted)


@given(st.lists(_spans, max_size=6))
@settings(max_examples=200, deadline=None)
def test_taking_the_links_out_again_gives_the_text(spans: list[list[int]]) -> None:
    """For any spans: no part of the answer is lost, moved or doubled, and every source is linked once."""
    citations = tuple(cite(start, end, f"https://x.y/{number}") for number, (start, end) in enumerate(spans))
    rendered = render(*citations, text=LETTERS)
    assert sorted(re.findall(r"\(https://x\.y/(\d+)\)", rendered)) == sorted(map(str, range(len(spans))))
    bare = re.sub(r" ?\[\\\[\d+\\\]\]\(https://x\.y/\d+\)", "", rendered)
    bare = re.sub(r"\[([a-z]+)\]\(https://x\.y/\d+\)", r"\1", bare)
    assert bare == LETTERS


def test_blanks_at_the_ends_of_a_span_stay_outside_the_link() -> None:
    assert render(cite(6, 12), text="Prices rose fast") == "Prices [rose](https://a.b/c) fast"
    assert render(cite(6, 7), text="Prices rose") == "Prices [\\[1\\]](https://a.b/c)rose"


# --- HTML --------------------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """What a browser would show: text, links, ids, and every tag and attribute that could do something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shown, self.links, self.ids, self.tags = "", [], [], set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert name in {"href", "title", "rel", "id", "class", "style"}
            {"href": self.links, "id": self.ids}.get(name, []).append(value)

    def handle_data(self, data: str) -> None:
        self.shown += data


def html(*citations: Citation, text: Any = TEXT) -> str:
    return ResponseMetadata(citations=citations).render_with_citations(text, format="html")


def test_html_links_the_same_places_as_markdown_and_lists_all_sources() -> None:
    page = html(
        cite(12, 15, "https://one.com/?a=1&b=2", title='One "1"'),
        cite(17, 32, "https://two.com/"),
        cite(17, 32, "https://three.com/"),
        Citation(type="file", filename="<q4>.pdf", start_index=55, end_index=61),
    )
    link = '<a href="https://one.com/?a=1&amp;b=2" title="One &quot;1&quot;" rel="noopener noreferrer">'
    assert f"Prices rose {link}[1]</a>. They will fall. <sup>" in page
    shown = _Page(page)
    assert shown.shown == (
        "Prices rose [1]. They will fall. [2] [3] Experts agree, says a report [4]."
        'One "1"https://two.com/https://three.com/<q4>.pdf'
    )
    inner = [link.removeprefix("#") for link in shown.links if link.startswith("#")]
    assert [each.rpartition("-")[2] for each in inner] == ["2", "3", "4"]
    assert set(inner) < set(shown.ids)
    assert len(shown.ids) == 4


def test_a_link_that_the_answer_wrote_in_markdown_is_one_in_html() -> None:
    text = "It rains ([bbc.com](https://bbc.com/w?a=1&b=2)) and https://bbc.com/w?a=1&b=2 <b>says so</b>."
    url = "https://bbc.com/w?a=1&b=2"
    page = html(cite(9, 47, url, title="BBC"), cite(52, 77, url), text=text)
    shown = _Page(page)
    assert shown.shown == "It rains (bbc.com) and https://bbc.com/w?a=1&b=2 [2] <b>says so</b>.BBC" + url
    assert shown.tags == {"div", "a", "sup", "ol", "li"}


def test_answers_on_one_page_have_anchors_of_their_own() -> None:
    one, two = (_Page(html(cite(0, 0), text=text)).ids for text in ("one", "two"))
    assert set(one).isdisjoint(two)


def test_a_marker_of_the_provider_s_own_is_what_the_link_shows() -> None:
    marked = cite(6, 6, text="[a]")
    assert render(marked, text="Prices rose.") == "Prices [[a]](https://a.b/c) rose."
    assert _Page(html(marked, text="Prices rose.")).shown == "Prices [a] rose.https://a.b/c"


HOSTILE = st.text(st.sampled_from("<>\"'&;/ab[]()!`\n\\"), max_size=30)


@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(["https://a.b/", "javascript:", "data:", "//"]), _spans)
@settings(max_examples=200, deadline=None)
def test_nothing_of_an_answer_or_a_source_gets_out_of_its_place(
    text: str, title: str, rest: str, scheme: str, span: list[int]
) -> None:
    start, end = (place % (len(text) + 1) for place in span)
    page = _Page(html(cite(start, end, scheme + rest, title=title), text=text))
    assert page.tags <= {"div", "a", "sup", "ol", "li"}
    assert all(link.startswith(("https://a.b/", "#")) for link in page.links)


def test_only_two_formats_are_known() -> None:
    with pytest.raises(SettingsError, match="markdown, html"):
        ResponseMetadata().render_with_citations("x", format="rtf")  # type: ignore[arg-type]
