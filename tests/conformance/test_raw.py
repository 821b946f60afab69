"""Raw answers say what they say, and give LangChain's records: fixtures always, recorded answers where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

import langchain_respmeta
from langchain_respmeta.record.measures import Usage
from langchain_respmeta.record.parts import ToolCall
from tests.conformance import _raw_table, _table
from tests.conformance._outputs import wires
from tests.conformance._raw import RawReport, differences, judge_raw, read_raw
from tests.conformance._raw_known import reason_of
from tests.conformance._rows import OUTPUTS, RECORDED, Row, rows
from tests.conformance._run import run

ANSWERS: Final = Path(langchain_respmeta.__file__).parent / "cli" / "demo" / "answers"
"""This project's own, in the providers' documented shapes."""

AT: Final = {
    "anthropic": ("anthropic", "messages", "api.anthropic.com", "/v1/messages"),
    "bedrock": (
        "bedrock",
        "bedrock_converse",
        "bedrock-runtime.us-east-1.amazonaws.com",
        "/model/m/converse",
    ),
    "google": ("google_genai", "generate_content", "generativelanguage.googleapis.com", "/v1beta/models/m"),
    "groq": ("groq", "chat_completions", "api.groq.com", "/openai/v1/chat/completions"),
    "mistral": ("mistralai", "chat_completions", "api.mistral.ai", "/v1/chat/completions"),
    "openai": ("openai", "chat_completions", "api.openai.com", "/v1/chat/completions"),
    "openai_responses": ("openai", "responses", "api.openai.com", "/v1/responses"),
}

OF_ALL: Final = 0.9999
"""The least share of what recorded answers say that their records have."""


def _fixtures() -> Iterator[Row]:
    for file, (provider, kind, host, path) in AT.items():
        for scenario in json.loads((ANSWERS / f"{file}.json").read_text()).values():
            for answer in scenario["answers"]:
                if answer.get("status", 200) < 400 and "fault" not in answer:
                    yield Row(
                        0,
                        provider,
                        kind,
                        host,
                        path,
                        scenario["model"],
                        {},
                        200,
                        {name.lower(): value for name, value in answer.get("headers", {}).items()},
                        "json",
                        json.dumps(answer["body"]),
                        streaming=False,
                    )


NOT_RIGHT: Final = 0.0002
"""At the most, beside each right value: docs/fidelity.md counts them by dialect. The aim is none."""

NO_REASON: Final = 16
"""Values of the page that are not LangChain's, and nobody knows why, of a hundred thousand. The aim is none."""

FIXTURES: Final = tuple(_fixtures())


def test_the_fixtures_records_are_those_of_langchain_but_for_what_is_explained() -> None:
    report = run(FIXTURES, workers=1, raw_only=True).raw
    unexplained = [
        str(one)
        for one in report.differences
        if one.likeness in ("less", "differs") and reason_of(one) is None
    ]
    assert unexplained == []
    assert sum(report.compared.values()) > len(FIXTURES) / 2
    assert len(report.compared) > 3


@pytest.mark.parametrize("row", FIXTURES, ids=lambda row: f"{row.provider} {row.kind}")
def test_a_fixture_s_record_says_what_its_body_does(row: Row) -> None:
    report = RawReport()
    judge_raw(row, report)
    assert [str(one) for one in report.mistakes] == []
    assert not report.unread


def test_a_false_record_is_noticed() -> None:
    record = read_raw(FIXTURES[0], None)
    tokens = replace(record.usage or Usage(), input_tokens=1)
    call = ToolCall(id="c1", name="f", valid=True, server_side=False)
    false = replace(record, finish_reason="length", usage=tokens, tool_calls=(call,), model=None)
    found = {
        name: likeness
        for name, likeness, *_ in differences(record, false, right=set())
        if likeness != "equal"
    }
    assert found == {
        "finish_reason": "differs",
        "usage.input_tokens": "differs",
        "model": "less",
        "tool_calls": "more",
    }


def test_the_page_has_the_figures_of_raw_answers() -> None:
    section = _raw_table.section_of(_table.DOCS.read_text())
    assert "### What raw answers give more" in section
    without = re.findall(r"(?m)^\| \*\*no reason is known\*\* \| [^|]+ \| (\d+) \|$", section)
    assert sum(map(int, without)) <= NO_REASON
    assert section.count("no reason is known") == len(without)


def test_a_section_takes_the_place_of_the_one_before() -> None:
    report = RawReport()
    report.read["messages, whole"] = 7
    page = _raw_table.with_section(_raw_table.with_section("# Page\n", RawReport()), report)
    assert page.startswith("# Page\n")
    assert page.count(_raw_table.BEGIN) == page.count(_raw_table.END) == 1
    assert "| messages, whole | 7 |" in page


@pytest.mark.shared
@pytest.mark.skipif(not RECORDED.exists() or not OUTPUTS.exists(), reason="the recorded answers are not here")
def test_recorded_answers_are_read_as_they_came() -> None:
    report = RawReport()
    for answers in (rows, wires):
        for row in answers():
            judge_raw(row, report)
    counted = _raw_table.sums(report)
    assert (counted["wrong"] + counted["invented"]) / counted["right"] < NOT_RIGHT
    assert counted["right"] / (counted["right"] + counted["missing"]) > OF_ALL
