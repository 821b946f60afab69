"""Two runs beside each other: what differs is marked, what is the same is not, and nothing of it costs much."""

import random
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from langchain_respmeta.local import LocalServer
from langchain_respmeta.local.page.compare import diff, talks
from langchain_respmeta.local.page.conversation.model import Message, Section, Text
from langchain_respmeta.record.views import short
from tests.local import seed

CANARY = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"


def chat(model: str, question: str, answer: str, **more: Any) -> dict[str, Any]:
    def message(kind: str, word: str, text: str) -> dict[str, Any]:
        return {
            "lc": 1,
            "type": "constructor",
            "id": ["langchain", "schema", kind],
            "kwargs": {"content": text, "type": word},
        }

    said = [message("SystemMessage", "system", "Be short."), message("HumanMessage", "human", question)]
    return seed.run_body(
        name="ChatOpenAI",
        metadata={**seed.record("openai", model, flat=more), "customer": "Zoe", "build": model},
        inputs={"messages": [said]},
        outputs={"generations": [[{"text": answer, "message": message("AIMessage", "ai", answer)}]]},
    )


FIRST = chat("gpt-5-mini", "Weather in Berlin?", "It is sunny.", cost_usd=0.0125, latency_s=1.25)
SECOND = chat("gpt-4o", "Weather in Paris?", f"It is rainy. {CANARY}", cost_usd=0.02, latency_s=1.0)


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    with LocalServer() as server:
        seed.store_runs(server.store, [FIRST, SECOND, *seed.agent()])
        yield server


@pytest.fixture
def http(running: LocalServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, timeout=120) as client:
        yield client


def compared(
    http: httpx.Client, first: object = FIRST["id"], second: object = SECOND["id"], **more: str
) -> str:
    answer = http.get("/compare", params={"a": str(first), "b": str(second), **more})
    assert answer.status_code == 200
    return answer.text


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_figures_stand_beside_each_other_with_their_change(http: httpx.Client) -> None:
    text = plain(compared(http))
    assert "Cost $0.0125 $0.0200 +$0.00750 +60%" in text
    assert "Latency 1.25 s 1.00 s \N{MINUS SIGN}250 ms \N{MINUS SIGN}20%" in text
    assert "Input tokens 1,200 1,200 same" in text


def test_a_fact_that_differs_is_marked_in_words_and_one_that_is_the_same_is_not(http: httpx.Client) -> None:
    text = plain(compared(http))
    assert "≠ different: model gpt-5-mini gpt-4o" in text
    assert "≠ different: build gpt-5-mini gpt-4o" in text
    assert "customer Zoe Zoe" in text
    assert "different: customer" not in text


def test_only_differences_are_shown_when_asked_for(http: httpx.Client) -> None:
    text = plain(compared(http, only="different"))
    assert "different: model" in text
    assert "customer Zoe" not in text
    assert "Be short." not in text


def test_words_that_differ_are_marked_and_texts_of_strangers_stay_texts(http: httpx.Client) -> None:
    page = compared(http)
    assert "Weather in <del>Berlin</del>?" in page
    assert "Weather in <ins>Paris</ins>?" in page
    assert "System, the same in both:" in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_figures_of_a_run_without_a_record_are_unknown_and_not_zero(
    http: httpx.Client, running: LocalServer
) -> None:
    tool = running.store.runs(name="search")[0]["id"]
    text = plain(compared(http, second=tool))
    assert f"Cost $0.0125 {short.NOTHING} {short.NOTHING}" in text


def test_the_form_of_the_list_leads_to_the_address_of_two_runs(http: httpx.Client) -> None:
    ids = [FIRST["id"], SECOND["id"]]
    answer = http.get("/compare", params={"run": ids})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/compare?a={ids[0]}&b={ids[1]}")


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({}, 400, "Choose two runs"),
        ({"run": ["1"]}, 400, "1 is chosen"),
        ({"run": [FIRST["id"]] * 3}, 400, "3 are chosen"),
        ({"a": "x"}, 400, "is no id of a run"),
        ({"a": FIRST["id"], "b": FIRST["id"]}, 400, "the same run twice"),
        ({"a": FIRST["id"], "b": seed.new_id()}, 404, "There is no run"),
    ],
)
def test_a_wrong_choice_is_answered_with_a_page_that_says_what_to_do(
    http: httpx.Client, parameters: dict[str, Any], status: int, words: str
) -> None:
    answer = http.get("/compare", params=parameters)
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.startswith("<!doctype html>")


def test_one_run_offers_those_of_its_name(http: httpx.Client) -> None:
    page = http.get("/compare", params={"a": FIRST["id"]}).text
    assert f"/compare?a={FIRST['id']}&amp;b={SECOND['id']}" in page
    assert page.count("<li>") == 1


def test_two_runs_are_compared_by_hand_without_any_script_of_strangers(
    running: LocalServer, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{running.url}/compare?a={FIRST['id']}")
    page.get_by_label("Id of another run").fill(SECOND["id"])
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("heading", name="Compare two runs").is_visible()
    assert page.locator("ins").count() > 0
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_both_sides_of_a_diff_are_the_texts_themselves() -> None:
    chance = random.Random(3)  # noqa: S311 (the same in each run of the test)
    words = ["so", "Kälte", "x_1", "東", "\n", "  ", ".", "a"]
    for _ in range(300):
        left, right = ("".join(chance.choices(words, k=chance.randrange(12))) for _ in range(2))
        found = diff.Comparer().diff(left, right)
        assert "".join(piece.html.unescape() for piece in found.left) == left
        assert "".join(piece.html.unescape() for piece in found.right) == right
        assert (left == right) == all(piece.kind == "same" for piece in (*found.left, *found.right))


def test_a_text_too_long_to_compare_is_shown_without_marks() -> None:
    long = [" ".join(f"{side}{n}" for n in range(diff.MOST_WORDS)) for side in "ab"]
    comparer = diff.Comparer(effort=1_000_000)
    assert comparer.diff("a b", "a c").is_marked
    assert not comparer.diff(long[0].replace(" ", "\n"), long[1].replace(" ", "\n")).is_marked
    cut = diff.Comparer().diff("a" * (diff.MOST_SHOWN + 7), "b").cut
    assert cut == (7, 0)


def test_the_effort_of_a_page_is_bounded_whatever_the_texts_are() -> None:
    chance = random.Random(4)  # noqa: S311 (the same in each run of the test)

    def sections() -> list[Section]:
        texts = (" ".join(chance.choices("abcdefghij", k=700)) for _ in range(2 * talks.MOST_MESSAGES))
        return [Section(None, [Message("human", "human", [Text(text)]) for text in texts])]

    began = time.process_time()
    found = talks.together(talks.said(sections()), talks.said(sections()), diff.Comparer())
    assert time.process_time() - began < 2
    assert found.left_out == (talks.MOST_MESSAGES, talks.MOST_MESSAGES)
    assert {row.diff.is_marked for row in found.rows} == {True, False}


def test_a_message_that_only_one_run_has_stands_alone() -> None:
    def spoken(*texts: str) -> list[talks.Said]:
        return talks.said(
            [Section(None, [Message("human" if n % 2 else "ai", "", [Text(t)]) for n, t in enumerate(texts)])]
        )

    rows = talks.together(
        spoken("hi", "one", "two"), spoken("hi", "one", "more", "else", "two"), diff.Comparer()
    ).rows
    shown = [(row.left and row.left.text, row.right and row.right.text) for row in rows]
    assert shown == [("hi", "hi"), ("one", "one"), (None, "more"), (None, "else"), ("two", "two")]
    assert [row.is_same for row in rows] == [True, True, False, False, True]
