"""The refusal log: one line for each refusal, whoever writes it, and no fault of its file reaches the user's chain."""

from __future__ import annotations

import copy
import json
import os
import pickle
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler, ResponseMetadata, SettingsError, normalize, refusal_log
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_runnable
from langchain_respmeta.record.parts import Refusal
from langchain_respmeta.sinks import line_files as module
from tests.waiting import until

REFUSAL = Refusal(reason="I can't help with that.", category="cyber", source="message")


def refused(**fields: Any) -> ResponseMetadata:
    return ResponseMetadata(**{"provider": "openai", "refused": True, "refusal": REFUSAL, **fields})


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_line_says_who_declined_what_and_why(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    ids = {"run_id": "r", "trace_id": "t", "response_id": "chatcmpl-1", "request_id": "req_1"}
    sink = refusal_log(path)
    sink(refused(**ids, model="gpt-4.1", finish_reason="stop", received_at=datetime(2026, 5, 1, tzinfo=UTC)))
    assert lines(path) == [
        {
            "timestamp": "2026-05-01T00:00:00+00:00",
            **ids,
            "provider": "openai",
            "model": "gpt-4.1",
            "finish_reason": "stop",
            "source": "message",
            "category": "cyber",
            "reason": "I can't help with that.",
        }
    ]


def test_a_reason_is_written_without_what_looks_like_a_key(tmp_path: Path) -> None:
    sink = refusal_log(tmp_path / "refusals.jsonl")
    reason = "Not with sk-proj-0123456789abcdefghij in it."
    sink(refused(refusal=Refusal(reason=reason, category=None, source="message")))
    (line,) = lines(tmp_path / "refusals.jsonl")
    assert line["reason"] == "Not with [secret removed] in it."


def test_only_what_was_refused_is_written(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    sink = refusal_log(str(path))
    sink(ResponseMetadata(refused=False))
    sink(ResponseMetadata(refused=None))
    sink(refused(refusal=None))
    (line,) = lines(path)
    assert set(line) == {"timestamp", "provider"}


@pytest.mark.parametrize("include_content", [True, False])
def test_as_a_handler_s_sink_it_holds_reasons_only_with_content(
    replay: ReplayServer, tmp_path: Path, *, include_content: bool
) -> None:
    path = tmp_path / "refusals.jsonl"
    handler = RespMetaHandler(feedback=False, sinks=[refusal_log(path)], include_content=include_content)
    for name in ("basic", "refusal"):
        scenario = demo_scenarios()["openai"][name]
        scenario_runnable(replay, scenario).invoke(scenario.messages, {"callbacks": [handler]})
    (line,) = until(lambda: lines(path), "the refusal's line")
    record = handler.records[-1]
    assert (line["run_id"], line["response_id"]) == (record.run_id, record.response_id)
    assert ("reason" in line) is include_content


def test_a_raw_answer_s_record_is_written_too(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    refusal_log(path)(normalize(demo_scenarios()["anthropic"]["refusal"].answers[0].body))
    (line,) = lines(path)
    assert (line["provider"], line["source"]) == ("anthropic", "stop_reason")


def test_a_record_that_comes_again_has_one_line_and_each_candidate_its_own(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    sink = refusal_log(path)
    for _ in range(2):
        sink(refused(run_id="r", candidates=2, candidate_index=0))
        sink(refused(run_id="r", candidates=2, candidate_index=1))
        sink(refused())  # nobody knows whether it is the same
    assert len(lines(path)) == 4


def test_lines_of_threads_and_processes_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    sink = refusal_log(path)
    long = Refusal(reason="é\ud800" * 20_000, source="message")

    def write(name: str) -> None:
        for number in range(20):
            sink(refused(run_id=f"{name}-{number}", refusal=long))

    children = []
    for child in range(2):
        if (pid := os.fork()) == 0:
            write(f"child{child}")
            os._exit(0)
        children.append(pid)
    threads = [threading.Thread(target=write, args=(f"thread{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0]
    found = lines(path)
    assert len({line["run_id"] for line in found}) == len(found) == 100
    assert {len(line["reason"]) for line in found} == {40_000}


def test_it_can_be_copied_and_pickled_with_its_handler(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    sink = refusal_log(path)
    sink(refused(run_id="a"))
    for number, other in enumerate((copy.deepcopy(sink), pickle.loads(pickle.dumps(sink)))):  # noqa: S301 - ours
        other(refused(run_id=f"b{number}"))
    pickle.loads(pickle.dumps(RespMetaHandler(feedback=False, sinks=[sink])))  # noqa: S301 - ours
    assert [line["run_id"] for line in lines(path)] == ["a", "b0", "b1"]


def test_the_path_is_that_of_the_directory_where_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sink = refusal_log("refusals.jsonl")
    monkeypatch.chdir("/")
    sink(refused())
    assert len(lines(tmp_path / "refusals.jsonl")) == 1


def test_reasons_are_for_this_user_alone(tmp_path: Path) -> None:
    refusal_log(tmp_path / "refusals.jsonl")
    assert (tmp_path / "refusals.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("path", "match"), [("no/such/refusals.jsonl", "its directory is not there"), (".", "directory")]
)
def test_a_file_that_cannot_be_written_is_told_at_once(tmp_path: Path, path: str, match: str) -> None:
    with pytest.raises(SettingsError, match=match) as told:
        refusal_log(tmp_path / path)
    assert told.value.setting == "path"


def test_a_full_disk_is_told_once_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sink = refusal_log("/dev/full")
    for number in range(3):
        sink(refused(run_id=str(number)))
    (warned,) = caplog.records
    assert "No space left on device" in warned.getMessage()
    assert "I can't" not in warned.getMessage()


def test_a_line_that_a_full_disk_cut_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "refusals.jsonl"
    sink = refusal_log(path)
    with monkeypatch.context() as patch:
        real = os.write
        patch.setattr(module.os, "write", lambda file, data: real(file, data[:10]))
        sink(refused(run_id="cut"))
    assert "No space left" in caplog.text
    sink(refused(run_id="a"))
    path.write_text(path.read_text()[:-5])  # and one that another process left
    refusal_log(path)(refused(run_id="b"))
    cut, also_cut, whole = path.read_text().splitlines()
    assert (len(cut), also_cut[:2]) == (10, '{"')
    assert json.loads(whole)["run_id"] == "b"


def test_a_file_that_is_taken_away_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    sink = refusal_log(path)
    path.rename(tmp_path / "refusals.1.jsonl")  # as a rotating log does
    sink(refused())
    assert len(lines(path)) == 1
