"""The filters in docs/keys.md and docs/agents.md, sent with the real SDK."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from langsmith import Client

from tests.sending import send_all

HOME = Path(__file__).parent.parent.parent
TEXT = (HOME / "docs" / "keys.md").read_text() + (HOME / "docs" / "agents.md").read_text()
FILTERS = sorted({one for one in re.findall(r"[`']((?:and|eq)\(.*?\))[`']", TEXT) if "metadata_key" in one})
_PAIR = re.compile(r'eq\(metadata_key, "(\w+)"\)(?:, eq\(metadata_value, "(\w+)"\))?')


def test_they_are_found_in_the_pages():
    assert len(FILTERS) >= 7


@pytest.mark.parametrize("asked", FILTERS)
def test_a_documented_filter_finds_the_runs_it_is_for_and_no_others(client: Client, asked: str):
    (found,) = _PAIR.findall(asked)
    key, value = found
    wanted, other = uuid4(), uuid4()
    for run_id, metadata in (
        (wanted, {key: {"true": True, "false": False}.get(value, value or 1)}),
        (other, {"a": 1}),
    ):
        client.create_run(
            name="x",
            run_type="chain",
            inputs={},
            id=run_id,
            project_name="p",
            start_time=datetime.now(UTC),
            end_time=datetime.now(UTC),
            extra={"metadata": metadata},
        )
    send_all(client)
    assert [run.id for run in client.list_runs(project_name="p", filter=asked)] == [wanted]
