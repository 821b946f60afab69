"""What is wrong is told in one line that says what to do, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from langsmith import Client

from langchain_respmeta.errors import HistoryError, RespMetaError, SettingsError
from langchain_respmeta.history import give_feedback
from langchain_respmeta.history.feedback import place
from tests.delivery.feedback_server import FeedbackServer, project_id
from tests.history.feedback.stored import made, write

ARGUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "no such project": ({"project": "nope"}, "has no project 'nope'"),
    "no such table": ({"rules": "some"}, '"exceptions", "all" or module:attribute'),
    "no such module": ({"rules": "no_such_module:rules"}, "'no_such_module' cannot be imported"),
    "no such attribute": ({"rules": "math:rules"}, "module 'math' has no 'rules'"),
    "no rules": ({"rules": "math:pi"}, "list of FeedbackRule"),
    "an empty list": ({"rules": []}, "there is none"),
    "no such folder": ({"runs": "no/such/folder"}, "is no folder"),
    "no rate": ({"rate": 0}, "1 or more requests a minute"),
    "a filter and a folder": ({"filter": 'eq(status, "error")'}, "leave out the folder"),
    "no time": ({"since": "yesterday"}, "since is a date"),
    "a bad prefix": ({"prefix": "no.dots"}, "prefix must be"),
}


@pytest.mark.parametrize(("changes", "words"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_a_wrong_argument(
    server: FeedbackServer, client: Client, folder: Path, changes: dict[str, Any], words: str
) -> None:
    given = {"project": "default", "runs": folder, "client": client} | changes
    with pytest.raises(SettingsError) as error:
        give_feedback(**given)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert not server.feedback


def _cut(folder: Path) -> None:
    (part,) = folder.rglob("*.parquet")
    part.write_bytes(part.read_bytes()[:-100])


def _cut_within(folder: Path) -> None:
    (part,) = folder.rglob("*.parquet")
    data = bytearray(part.read_bytes())
    data[100:600] = bytes(500)
    part.write_bytes(data)


def _of_others(folder: Path) -> None:
    (part,) = folder.rglob("*.parquet")
    pq.write_table(pa.table({"id": ["a"], "start_time": [0]}), part)


def _empty(folder: Path) -> None:
    (part,) = folder.rglob("*.parquet")
    part.rename(part.with_name("_hidden.parquet"))


FOLDERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a truncated file": (_cut, "holds no runs that can be read"),
    "a damaged file": (_cut_within, "holds no runs that can be read"),
    "a file of something else": (_of_others, "has no column 'run_type'"),
    "no file": (_empty, "holds no Parquet file"),
}


@pytest.mark.parametrize(("damage", "words"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_cannot_be_read(
    server: FeedbackServer, client: Client, folder: Path, damage: Callable[[Path], None], words: str
) -> None:
    damage(folder)
    with pytest.raises(SettingsError, match=words):
        give_feedback("default", runs=folder, client=client)
    assert not server.feedback


def test_a_folder_of_another_project(server: FeedbackServer, client: Client, tmp_path: Path) -> None:
    folder = write([made(1, str(project_id("other")))], tmp_path / "runs")
    with pytest.raises(SettingsError, match="pulled from another one"):
        give_feedback("default", runs=folder, client=client)
    assert not server.feedback


def test_a_key_that_is_refused(server: FeedbackServer, client: Client, folder: Path) -> None:
    server.become(403)
    with pytest.raises(SettingsError, match="refuses the key"):
        give_feedback("default", runs=folder, client=client)


def test_a_server_that_is_not_there(
    server: FeedbackServer, client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "_PATIENCE_S", 0.0)
    server.become("refuse")
    with pytest.raises(HistoryError):
        give_feedback("default", runs=folder, client=client)


def test_a_state_directory_that_cannot_be_written(
    server: FeedbackServer, client: Client, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path / "file"))
    with pytest.raises(RespMetaError, match="RESPMETA_STATE_DIR"):
        give_feedback("default", runs=folder, client=client)
    assert not server.feedback
