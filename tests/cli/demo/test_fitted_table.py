"""The demo's tables: whole in a pipe, two lines a row on a narrow terminal, every fact in both."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from langchain_respmeta.cli.demo.table import EnrichedRun, calls_table, traces_table

FACTS = {
    "respmeta_schema_version": "1.0",
    "respmeta_provider": "aws.bedrock",
    "respmeta_model": "global.anthropic.claude-sonnet-5-5",
    "respmeta_finish_reason": "content_filter",
    "respmeta_input_tokens": 118_452,
    "respmeta_output_tokens": 11_391,
    "respmeta_cache_read_share": 0.97,
    "respmeta_cost_usd": 12.016766,
    "respmeta_latency_s": 1.066,
    "respmeta_streamed": True,
    "respmeta_refused": True,
    "respmeta_reasoning_tokens": 1312,
    "respmeta_llm_calls": 12,
    "respmeta_providers": "anthropic, aws.bedrock",
    "respmeta_models": "claude-haiku-5-5, claude-sonnet-5-5",
    "respmeta_error_calls": 2,
}
CALL = EnrichedRun("call", "llm", is_root=False, metadata=FACTS, feedback=("respmeta_refused",))
BARE = EnrichedRun("bare", "llm", is_root=False, metadata={})
TRACE = EnrichedRun("museum agent", "chain", is_root=True, metadata=FACTS)
OF_CALL = (
    *("aws.bedrock", "global.anthropic.claude-sonnet-5-5", "content_filter", "118,452 + 11,391", "97%"),
    *("$12.016766", "1,066 ms", "stream", "refused", "1,312 reasoning"),
)
OF_TRACE = ("museum agent", "12", "anthropic", "claude-haiku-5-5", "118,452 + 11,391", "$12.016766", "2")


def lines(table: object, width: int) -> list[str]:
    console = Console(width=width, file=StringIO())
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [80, 100, 120, 400])
@pytest.mark.parametrize(
    ("table", "facts"), [(calls_table([CALL, BARE]), OF_CALL), (traces_table([TRACE]), OF_TRACE)]
)
def test_every_fact_is_there_and_no_line_is_too_long(
    table: object, facts: tuple[str, ...], width: int
) -> None:
    shown = lines(table, width)
    assert max(map(len, shown)) <= width
    text = "\n".join(shown)
    assert [fact for fact in facts if fact not in text] == []
    assert "…" not in text


def test_where_there_is_room_a_row_is_one_line() -> None:
    assert len(lines(calls_table([CALL, CALL]), 400)) == len(lines(calls_table([CALL]), 400)) + 1
    assert len(lines(calls_table([CALL, BARE]), 80)) == len(lines(calls_table([CALL]), 80)) + 1


def test_a_model_too_long_for_its_column_has_a_line_of_its_own() -> None:
    name = "an-uncommonly-long-name-of-a-model-of-a-provider-far-away"
    shown = lines(
        calls_table([EnrichedRun("x", "llm", is_root=False, metadata=FACTS | {"respmeta_model": name})]), 80
    )
    at = next(number for number, line in enumerate(shown) if line.rstrip() == name)
    assert "118,452 + 11,391" in shown[at + 1]


def test_markup_in_a_name_stays_text() -> None:
    run = EnrichedRun("x", "llm", is_root=False, metadata={"respmeta_model": "[bold]m[/bold]"})
    assert any("[bold]m[/bold]" in line for line in lines(calls_table([run]), 60))
