"""docs/langsmith.md agrees with the code: each table is compared with what it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._process.settings import DELIVERY, HANDLER
from langchain_respmeta.cli.outbox import outbox
from langchain_respmeta.langsmith import metadata
from langchain_respmeta.langsmith.feedback import rules
from langchain_respmeta.langsmith.feedback.builtin import FINISH_REASON_NUMBERS
from langchain_respmeta.langsmith.feedback.rules import rules_for
from langchain_respmeta.record import flat_values

PAGE = (Path(__file__).parents[2] / "docs" / "langsmith.md").read_text("utf-8")


def part(name: str) -> str:
    """The text between a table's two marks."""
    found = re.search(rf"<!-- {name}\b[^>]*-->\n(.*?)<!-- end of {name} -->", PAGE, re.DOTALL)
    assert found, f"docs/langsmith.md has no {name}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """Cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_rules_are_those_of_the_code() -> None:
    table = rows(part("rules"))
    assert table == rows(rules.__doc__ or "")
    always = {rule.key: rule.config for rule in rules_for("all")}
    assert [f"respmeta_{key}" for key, *_ in table] == list(always)
    for key, when, _, config in table:
        assert (always[f"respmeta_{key}"] or {})["type"] == config
        is_exceptional = f"respmeta_{key}" in {rule.key for rule in rules_for("exceptions")}
        assert is_exceptional == (when != "never")


def test_the_finish_reasons_numbers_are_those_of_the_code() -> None:
    found = {word: int(number) for word, number in re.findall(r"`(\w+)` (\d+)", part("categories"))}
    assert found == FINISH_REASON_NUMBERS


def test_the_variables_and_their_defaults_are_those_of_the_code() -> None:
    table = rows(part("variables"))
    assert [(name, meaning) for name, _, meaning in table] == [
        (setting.variable, setting.meaning) for setting in DELIVERY.values()
    ]
    assert DeliverySettings.from_environment({name: value for name, value, _ in table}) == DeliverySettings()


def test_the_limits_are_those_of_the_code() -> None:
    assert [int(value) for _, value in rows(part("limits"))] == [
        metadata.MAX_FLAT,
        flat_values.MAX_TEXT,
        metadata.MAX_RECORD_BYTES,
        rules.KEY_LENGTH,
        rules.COMMENT_LENGTH,
        HANDLER["max_records"].default,
    ]


def test_twelve_is_the_most_that_a_call_gives() -> None:
    assert len(rules_for("all")) == 12
    assert "at most twelve" in PAGE


@pytest.mark.parametrize("command", ["status", "retry", "export", "purge"])
def test_the_commands_are_there(command: str) -> None:
    assert f"respmeta outbox {command}" in PAGE
    assert command in {each.name for each in outbox.registered_commands}
