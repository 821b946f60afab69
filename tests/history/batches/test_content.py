"""Without content no text of an answer is in any column."""

from __future__ import annotations

import json

import pytest

from langchain_respmeta.history.batches import ReadOptions, read_batch
from tests.history.batches.test_parity import batch_of, of_cases
from tests.privacy.canaries import planted

CANARY = "Herr Grün wohnt im Birkenweg"


def runs_with(text: str) -> list[dict[str, object]]:
    """Runs with the text in each place of their outputs by turns, and in their errors."""
    runs = []
    for run in of_cases()[::6]:
        for _, tree in planted(run["outputs"], text):
            runs.append({**run, "outputs": tree})
        runs.append({**run, "error": text, "outputs": None})
        runs.append({**run, "error": text})
        runs.append({**run, "outputs": {text: text}})
        runs.append({**run, "outputs": {"generations": [[{"message": text}]]}})
    return runs


def test_no_text_of_an_answer_is_in_any_column_unasked() -> None:
    runs = runs_with(CANARY)
    read = read_batch(batch_of(runs), ReadOptions(include_content=False))
    assert read.table.num_rows >= len(runs)
    leaks = [
        row
        for row in read.table.drop_columns(["run_name"]).to_pylist()
        if CANARY in json.dumps(row, default=str, ensure_ascii=False)
    ]
    assert leaks == []
    assert not any(CANARY in one.problem for one in read.bad)


@pytest.mark.parametrize("column", ["record", "citations"])
def test_they_are_there_when_asked_for(column: str) -> None:
    read = read_batch(batch_of(runs_with(CANARY)), ReadOptions())
    assert any(CANARY in json.dumps(one, ensure_ascii=False) for one in read.table.column(column).to_pylist())
