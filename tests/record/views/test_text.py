"""What people see: `describe`, `repr` and the notebook's HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from langchain_respmeta.record.measures import Cost, Timing, Usage
from langchain_respmeta.record.parts import Citation, ErrorInfo, Media, Refusal, SafetyRating, ToolCall
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.views.format import MAX_ENTRIES, instant, money, one_line, seconds, web_url
from tests.record.samples import BARE, CACHED, FAILED, REFUSED, SEARCH
from tests.record.strategies import records

SEARCH_TEXT = """\
Response Analysis
=================
ID: chatcmpl-abc123
Model: gpt-5-mini-2025-08-07 (requested gpt-5-mini)
Provider: openai (chat_completions, ChatOpenAI)
Created: 2025-01-15 10:30:00 UTC
Tier: default
Status: stop
Tokens: 1,117 in (1,024 cached, 92%), 223 out (192 reasoning, 86%), 1,340 total
Cost: $0.000512 (computed, genai-prices 0.2.3)
Time: 1.32 s, first token after 0.410 s, 168.9 tokens/s

Citations (3):
  [1] AI News Today - https://example.com/ai
  [2] Research Paper - https://arxiv.org/abs/1
  [3] q4.pdf

No refusal
No tool calls"""

REFUSED_TEXT = """\
Response Analysis
=================
!! REFUSED by a content filter (violence): I can't help with that.
!! TRUNCATED: a token limit cut the answer
!! BLOCKED completion: violence (high, azure_content_filter)
ID: msg_1
Model: claude-sonnet-4-5
Provider: openrouter (messages)
Routed to: Anthropic, own key, 2 attempts
Status: content_filter (SAFETY)
Tokens: 10 in, 0 out
Cost: unpriced: no price for this model
Structured output: Article, NOT PARSED: bad JSON

Tool calls (2):
  - get_weather (INVALID ARGUMENTS)
  - web_search (run by the provider)

Warnings (1):
  - total_tokens 12 is not input_tokens + output_tokens 10

Not known to any table (1):
  - usage.novelty"""

FAILED_TEXT = """\
Response Analysis
=================
!! ERROR RateLimitError, HTTP 429, rate_limit, retry after 7.50 s
Model: llama-4 (requested)
Provider: groq
Status: error
Attempt: 2, superseded by a later one
Time: 0.052 s"""

CACHED_TEXT = """\
Response Analysis
=================
Model: mistral-small-latest (as requested; the answer names none)
Provider: mistral_ai
Status: unknown (novel_word)
Cache: answered from LangChain's own cache
Tokens: 0 in, 5 out
Cost: 0 EUR (provider)

No refusal
No tool calls"""

BARE_TEXT = """\
Response Analysis
=================
Provider: unknown

No refusal
No tool calls"""

TEXTS = [
    pytest.param(SEARCH, SEARCH_TEXT, id="search"),
    pytest.param(REFUSED, REFUSED_TEXT, id="refused"),
    pytest.param(FAILED, FAILED_TEXT, id="failed"),
    pytest.param(CACHED, CACHED_TEXT, id="cached"),
    pytest.param(BARE, BARE_TEXT, id="bare"),
]


@pytest.mark.parametrize(("record", "text"), TEXTS)
def test_describe(record: ResponseMetadata, text: str) -> None:
    assert record.describe() == text


REPRS = [
    (SEARCH, "<ResponseMetadata openai gpt-5-mini-2025-08-07 stop 1117->223 tok $0.00051 1.32s>"),
    (REFUSED, "<ResponseMetadata openrouter claude-sonnet-4-5 content_filter REFUSED TRUNCATED 10->0 tok>"),
    (FAILED, "<ResponseMetadata groq llama-4 error RateLimitError 0.05s>"),
    (CACHED, "<ResponseMetadata mistral_ai mistral-small-latest unknown 0->5 tok 0 EUR>"),
    (BARE, "<ResponseMetadata unknown>"),
    (ResponseMetadata(usage=Usage(output_tokens=3)), "<ResponseMetadata unknown ?->3 tok>"),
]


@pytest.mark.parametrize(("record", "text"), REPRS)
def test_repr(record: ResponseMetadata, text: str) -> None:
    assert repr(record) == text
    assert repr([record]) == f"[{text}]"


LINES = [
    (
        ResponseMetadata(finish_reason="stop_sequence", stop_sequence="END\n"),
        'Status: stop_sequence (matched "END")',
    ),
    (ResponseMetadata(cancelled=True), "Status: not reported (cancelled)"),
    (ResponseMetadata(native_finish_reason="odd"), "Status: not reported (odd)"),
    (ResponseMetadata(finish_reason="cancelled", cancelled=True), "Status: cancelled"),
    (ResponseMetadata(candidates=3, candidate_index=0), "Candidate: 1 of 3"),
    (ResponseMetadata(refused=True), "!! REFUSED"),
    (ResponseMetadata(refusal=Refusal(source="guardrail")), "!! REFUSED by a guardrail"),
    (
        ResponseMetadata(usage=Usage(cache_read_tokens=20, input_tokens=10, cache_write_tokens=2_000)),
        "Tokens: 10 in (20 cached, 200%, 2,000 written to the cache)",
    ),
    (ResponseMetadata(usage=Usage(reasoning_tokens=7)), "Tokens: ? out (7 reasoning)"),
    (
        ResponseMetadata(cost=Cost(total=Decimal("1.5"), input=Decimal(1), output=Decimal("0.5"))),
        "Cost: $1.5 ($1 in, $0.5 out)",
    ),
    (ResponseMetadata(timing=Timing(queue_s=0.1931)), "Time: queued 0.193 s"),
    (ResponseMetadata(error=ErrorInfo(type="E", message="no\nway")), "!! ERROR E: no way"),
    (ResponseMetadata(citations=(Citation(type="document", document_index=2),)), "  [1] document 2"),
    (ResponseMetadata(citations=(Citation(type="url", url="https://a.b/c"),)), "  [1] https://a.b/c"),
    (
        ResponseMetadata(media=(Media(kind="image", mime_type="image/png", size_bytes=2048),)),
        "  - image, image/png, 2,048 bytes",
    ),
    (
        ResponseMetadata(tool_calls=(ToolCall(id="c9", args_size_bytes=1200),)),
        "  - c9 (1,200 bytes of arguments)",
    ),
]


@pytest.mark.parametrize(("record", "line"), LINES)
def test_single_lines(record: ResponseMetadata, line: str) -> None:
    assert line in record.describe().split("\n")


def test_nothing_stands_alone_that_has_no_value() -> None:
    empty = ResponseMetadata(
        usage=Usage(), cost=Cost(), timing=Timing(), attempt=1, candidates=1, candidate_index=0
    )
    assert empty.describe() == BARE_TEXT


@pytest.mark.parametrize("record", [SEARCH, REFUSED, FAILED, CACHED, BARE])
def test_our_own_words_print_on_any_terminal(record: ResponseMetadata) -> None:
    assert record.describe().isascii()
    assert repr(record).isascii()


def test_foreign_texts_cannot_forge_lines_or_steer_the_terminal() -> None:
    record = ResponseMetadata(
        model="m\nStatus: stop\x1b[31m",
        finish_reason="refusal",
        refused=True,
        citations=(Citation(type="url", title="a\u202egpj.exe\r\n", url="https://x.y/\x1b]0;title\x07"),),
    )
    for text in (record.describe(), repr(record)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert record.describe().count("\nStatus:") == 1
    assert "\n" not in repr(record)


def test_long_foreign_texts_are_cut() -> None:
    record = ResponseMetadata(refused=True, refusal=Refusal(source="message", reason="no " * 5000))
    assert len(record.describe()) < 600
    assert len(record._repr_html_()) < 3000


@given(records)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_record_can_be_shown(record: ResponseMetadata) -> None:
    assert record.describe().startswith("Response Analysis\n")
    assert "\n" not in repr(record)
    _parse(record._repr_html_())


# -------------------------------------------------------------------------------------------------------- HTML


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def _parse(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    assert page.open == []
    assert set(page.tags) <= {"div", "table", "tbody", "tr", "th", "td", "ol", "ul", "li", "a"}
    assert {name for name, _ in page.attributes} <= {"class", "style", "scope", "href", "target", "rel"}
    return page


def test_html_shows_what_the_text_shows() -> None:
    page = _parse(SEARCH._repr_html_())
    for line in SEARCH_TEXT.split("\n")[2:11]:
        label, _, value = line.partition(": ")
        assert f"{label}\n{value}\n" in page.text
    assert "Citations (3)\nAI News Today\nResearch Paper\nq4.pdf\nNo refusal\nNo tool calls\n" in page.text
    assert [value for name, value in page.attributes if name == "href"] == [
        "https://example.com/ai",
        "https://arxiv.org/abs/1",
    ]


def test_html_alarms() -> None:
    page = _parse(REFUSED._repr_html_())
    assert "REFUSED by a content filter (violence): I can't help with that.\n" in page.text
    assert "TRUNCATED: a token limit cut the answer\n" in page.text


EVIL = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&lt;"
BAD_URLS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "javascript://example.com/%0aalert(1)",
    "ftp://example.com/x",
    "file:///etc/passwd",
    "//example.com/x",
    "https:alert(1)",
    "https://",
    "https://[bad",
    "https://exa mple.com",
    "https://example.com/\u202egpj",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_url(url) is None
    record = ResponseMetadata(
        citations=(Citation(type="url", url=url, title="t", start_index=0, end_index=4),)
    )
    assert "a" not in _parse(record._repr_html_()).tags
    assert "](" not in record.render_with_citations("text")


def test_html_escapes_every_foreign_text() -> None:
    record = ResponseMetadata(
        response_id=EVIL,
        provider=EVIL,
        model=EVIL,
        native_finish_reason=EVIL,
        refused=True,
        refusal=Refusal(source="message", reason=EVIL, category=EVIL),
        error=ErrorInfo(type=EVIL, message=EVIL),
        tool_calls=(ToolCall(name=EVIL),),
        citations=(Citation(type="url", title=EVIL, url=f"https://x.y/?q={EVIL.replace(' ', '')}"),),
        warnings=(EVIL,),
        unmapped=(EVIL,),
        cost=Cost(total=Decimal(1), currency=EVIL),
    )
    html = record._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    page = _parse(html)
    assert page.text.count(EVIL) >= 9
    assert (
        next(value for name, value in page.attributes if name == "href")
        == f"https://x.y/?q={EVIL.replace(' ', '')}"
    )


# ------------------------------------------------------------------------------------------------------ numbers

AMOUNTS: list[tuple[str, dict[str, Any], str]] = [
    ("0.000512", {}, "$0.000512"),
    ("0.00051249999", {}, "$0.0005125"),
    ("0.0005125", {"digits": 2}, "$0.00051"),
    ("5E-9", {}, "$0.000000005"),
    ("12.50", {}, "$12.5"),
    ("100", {}, "$100"),
    ("2.0", {}, "$2"),
    ("NaN", {}, "$NaN"),
    ("1234567.891", {}, "$1234567.89"),
    ("1E+5", {"digits": 2}, "$100000"),
    ("0", {}, "$0"),
    ("-0.1", {}, "$-0.1"),
    ("1E+400000", {}, "$1E+400000"),
]


@pytest.mark.parametrize(("value", "options", "text"), AMOUNTS)
def test_money(value: str, options: dict[str, Any], text: str) -> None:
    assert money(Decimal(value), "USD", **options) == text


def test_other_currencies_stand_behind() -> None:
    assert money(Decimal("0.5"), "EUR") == "0.5 EUR"


def test_seconds_and_instants() -> None:
    assert (seconds(0.0521), seconds(1.319), seconds(75)) == ("0.052 s", "1.32 s", "75.00 s")
    assert instant(datetime.fromisoformat("2025-01-15T12:30:00+02:00")) == "2025-01-15 10:30:00 UTC"
    assert instant(datetime(2025, 1, 15, 10, 30, tzinfo=UTC)) == "2025-01-15 10:30:00 UTC"


def test_one_line() -> None:
    assert one_line(" a\t\nb\u2028c ") == "a b c"
    assert one_line("x" * 20, 10) == "xxxxxxx..."


def test_long_lists_are_shown_in_part_and_say_so() -> None:
    many = 1_234
    record = ResponseMetadata(
        citations=(Citation(type="url", url="https://a.example/", title="A"),) * many,
        tool_calls=(ToolCall(name="look"),) * many,
        media=(Media(kind="image"),) * many,
        safety=(SafetyRating(category="hate", source="openai", scope="output", blocked=True),) * many,
        warnings=("usage: odd",) * many,
        unmapped=("a.b",) * many,
    )
    more = f"... and {many - MAX_ENTRIES:,} more"
    for shown in (record.describe(), record._repr_html_()):
        assert shown.count(more) == 6
        assert len(shown) < 400 * 6 * MAX_ENTRIES
    attributes = record.to_otel()
    for name in ("warnings", "unmapped"):
        listed = attributes[f"langchain_respmeta.{name}"]
        assert isinstance(listed, list)
        assert (len(listed), listed[-1]) == (MAX_ENTRIES + 1, more)
