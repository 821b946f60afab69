"""Every error on the command line is one line, with exit code 1 or 2 and no traceback."""

import io
import json
import socket
import sqlite3
import sys
from pathlib import Path

import pytest

from langchain_respmeta.cli.main import main
from langchain_respmeta.local import Store

FILES: dict[str, bytes] = {
    "garbage.json": b"garbage",
    "empty.json": b"",
    "list.json": b"[]",
    "object.json": b"{}",
    "other.json": b'{"id": 1}',
    "number.json": b"5",
    "null.json": b"null",
    "text.json": b'""',
    "lists.json": b"[[], []]",
    "chain.json": b'{"id": "1", "run_type": "chain", "outputs": {}}',
    "newer.json": b'{"schema_version": "99.0"}',
    "lines.jsonl": b'{"content": \n{"content": "x", "response_metadata": {"finish_reason": "stop"}}\n',
    "none.jsonl": b"\n",
    "broken.parquet": b"PAR1 and no more",
    "bytes.json": b"\xff\xfe\x00",
    "deep.json": b"[" * 100_000,
    "none.json": b'{"generations": []}',
    "corrupt.db": b"\x01" * 5000,
}

WRONG: dict[str, str] = {
    "nothing": "No such command",
    "--nothing": "o such option",
    "normalize garbage.json": "garbage.json is not JSON",
    "normalize empty.json": "empty.json is empty",
    "normalize list.json": "list.json holds nothing to read: []",
    "normalize object.json": "object.json holds nothing to read: {}",
    "normalize null.json": "null.json holds nothing to read: null",
    "normalize text.json": 'text.json holds nothing to read: ""',
    "normalize other.json": "other.json holds nothing to read: expected a message or a result, got dict",
    "normalize number.json": "number.json holds nothing to read: expected a message or a result, got int",
    "normalize lists.json": "lists.json holds nothing to read: expected a message or a result, got list",
    "normalize chain.json": "chain.json holds nothing to read: ",
    "normalize none.json": "holds no generation",
    "normalize bytes.json": "not text in UTF-8",
    "normalize deep.json": "",
    "normalize missing.json": "missing.json cannot be read",
    "normalize .": "cannot be read",
    "normalize": "standard input is empty",
    "normalize list.json more": "several inputs need -o",
    "show garbage.json": "not JSON",
    "show empty.json": "is empty",
    "show list.json": "list.json holds nothing to read: []",
    "show object.json": "object.json holds nothing to read: {}",
    "show null.json": "null.json holds nothing to read: null",
    "show other.json": "other.json holds nothing to read: expected a message or a result, got dict",
    "show lists.json": "lists.json holds nothing to read: ",
    "show chain.json": "chain.json holds nothing to read: ",
    "show newer.json": "schema_version",
    "show": "standard input is empty",
    "show -": "standard input is empty",
    "show lines.jsonl": "lines.jsonl: line 1 is not JSON",
    "show lines.jsonl --run-id 1": "lines.jsonl holds no run 1",
    "show none.jsonl": "none.jsonl holds no record",
    "show broken.parquet": "broken.parquet cannot be read as Parquet",
    "show 0197a000-0000-4000-8000-000000000001 --server http://127.0.0.1:1": "nobody answers at http://127.0.0.1:1",
    "show 0197a000-0000-4000-8000-000000000001 --server nowhere": "begins with http:// or https://, 'nowhere' does not",
    "show missing.json": "cannot be read",
    "show bytes.json": "UTF-8",
    "serve --port 99999": "no port 99999",
    "serve --port -1": "no port -1",
    "serve --port x": "--port",
    "serve --port 0 --host nope.invalid --db new.db": "nope.invalid",
    "serve --port 0 --host 192.0.2.1 --db new.db": "192.0.2.1",
    "serve --port 0 --host= --db new.db": "the host is empty",
    "serve --port TAKEN --db new.db": "is taken",
    "serve --port 0 --db foreign.db": "a database of another program",
    "serve --port 0 --db newer.db": "newer version",
    "serve --port 0 --db corrupt.db": "cannot be used as a database",
    "serve --port 0 --db garbage.json": "cannot be used as a database",
    "serve --port 0 --db .": "cannot be used as a database",
    "serve --port 0 --db empty.json/x.db": "cannot be used as a database",
    "demo --port 99999 --once": "no port 99999",
    "demo --port x": "--port",
    "doctor --no-ask-server more": "unexpected extra argument",
    "providers more": "unexpected extra argument",
    "feedback": "Missing option",
    "feedback -p x --rate 0": "--rate",
    "feedback -p x --rules some": "module:attribute",
    "feedback -p x --rules none.such:rules": "cannot be imported",
    "report": "give files of records, or --project",
    "report missing.parquet": "there is no file or folder missing.parquet",
    "report object.json": "object.json holds no records",
    "report broken.parquet": "cannot be read",
    "report list.json -p x": "not both",
    "report list.json --since soon": "since is a date",
    "report list.json -o x.docx": "ends in .html",
    "export": "Missing option",
    "export -o x.csv": "give files or folders of records, or --project",
    "export missing.parquet -o x.csv": "there is no file or folder missing.parquet",
    "export object.json -o x.csv": "object.json holds no records",
    "export broken.parquet -o x.csv": "broken.parquet cannot be read as Parquet",
    "export list.json -o x.docx": "ends in .parquet, .jsonl, .csv",
    "export list.json -o no/such/x.csv": "No such file or directory",
    "purge": "--older-than 30d, --project NAME, or both",
    "purge --older-than soon --db server.db": "--older-than is a date",
    "purge --older-than 1d --db missing.db": "there is no database missing.db",
    "purge --older-than 1d --db foreign.db": "a database of another program",
    "purge --older-than 1d --db garbage.json": "cannot be used as a database",
    "purge -p none --db server.db": "has no project 'none'; there are none",
    "outbox nothing": "No such command",
    "outbox export": "Missing argument",
    "outbox export no/such/file": "No such file or directory",
    "outbox export .": "directory",
    "outbox purge --state other": "waiting or failed",
    "outbox purge": "add --yes",
    "outbox retry --wait x": "--wait",
    "outbox retry --wait -1": "--wait",
    "outbox retry --wait nan": "--wait",
    "outbox retry --wait inf": "--wait",
    "outbox status more": "unexpected extra argument",
}


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    for name, sql in {"foreign.db": "CREATE TABLE runs (a)", "newer.db": "PRAGMA user_version = 99"}.items():
        with sqlite3.connect(tmp_path / name) as connection:
            connection.execute(sql)
        connection.close()
    Store(tmp_path / "server.db").close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_told_in_one_line(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        arguments = line.replace("TAKEN", str(taken.getsockname()[1])).split()
        monkeypatch.setattr(sys, "argv", ["respmeta", *arguments])
        code = main()
    said = capsys.readouterr().err
    assert code in (1, 2)
    assert said.startswith("respmeta: ")
    assert said.count("\n") == 1
    assert WRONG[line] in said


def test_a_port_for_administrators_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    monkeypatch.setattr(sys, "argv", ["respmeta", "serve", "--port", "80", "--db", ":memory:"])
    assert main() == 2
    assert capsys.readouterr().err == (
        "respmeta: port 80 may only be used by the system's administrator; choose one above 1023\n"
    )


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(
    ("line", "code"), [("--version", 0), ("", 2), ("outbox status", 0), ("--help", 0), ("providers", 0)]
)
def test_what_is_right_says_nothing_of_errors(
    line: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["respmeta", *line.split()])
    assert main() == code
    told = capsys.readouterr()
    assert "respmeta: " not in told.err
    assert told.out + told.err


@pytest.mark.usefixtures("_files")
def test_an_answer_is_normalized_and_its_record_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answer.json").write_text('{"content": "x", "response_metadata": {"finish_reason": "stop"}}')
    monkeypatch.setattr(sys, "argv", ["respmeta", "normalize", "answer.json"])
    assert main() == 0
    (tmp_path / "record.json").write_text(capsys.readouterr().out)
    monkeypatch.setattr(sys, "argv", ["respmeta", "show", "record.json"])
    assert main() == 0
    assert "stop" in capsys.readouterr().out


def test_the_json_of_a_stored_run_is_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = {"content": "Hi", "response_metadata": {"finish_reason": "length", "model_provider": "openai"}}
    run = {
        "id": "0197a000-0000-4000-8000-000000000001",
        "run_type": "llm",
        "outputs": {"generations": [[{"message": message}]], "llm_output": None},
        "end_time": "2026-05-06T07:08:10.350Z",
    }
    file = tmp_path / "run.json"
    file.write_text(json.dumps(run), "utf-8")
    monkeypatch.setattr(sys, "argv", ["respmeta", "normalize", str(file)])
    assert main() == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["run_id"], record["finish_reason"]) == (run["id"], "length")
