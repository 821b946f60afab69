"""All requests together stay within one bound, also once unpacked, and ordinary requests still succeed."""

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import zstandard
from starlette.exceptions import HTTPException

from langchain_respmeta.local import Limits, LocalServer
from langchain_respmeta.local.gate import Gate
from langchain_respmeta.local.weight import Weight, weight
from tests.local.seed import new_id
from tests.local.test_order import BOUNDARY, multipart

PATIENCE_S = 900
"""The bombs are taken one after the other: on a busy machine the last one waits long."""
GIGABYTE = 1 << 30
PROGRAM = "from langchain_respmeta.local import serve; serve(port=0, db=':memory:')"
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


class Process:
    """The server as a program of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def peak(self) -> int:
        """The most bytes of memory it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        line = next(line for line in started.stdout if "Page and API" in line)
        yield Process(started, line.split()[-1])
        started.kill()


def packed(*pieces: bytes, times: int) -> bytes:
    """zstd of the first piece, the second one many times, the third."""
    first, repeated, last = pieces
    compressor = zstandard.ZstdCompressor().compressobj()
    step = repeated * (1_000_000 // len(repeated))
    body = [compressor.compress(first), *(compressor.compress(step) for _ in range(times))]
    return b"".join([*body, compressor.compress(last), compressor.flush()])


def parts() -> bytes:
    """The beginning of a multipart body: one small part, whole."""
    return multipart([(f"post.{new_id()}", {})]).rsplit(f"--{BOUNDARY}--".encode(), 1)[0]


BOMBS = {
    "plain text": ("/runs/batch", (b'{"post":["', b"0", b'"]}'), 250),
    "lists": ("/runs/batch", (b'{"post":[0', b",[]", b"]}"), 250),
    "objects": ("/runs/batch", (b'{"post":[0', b',{"":0}', b"]}"), 100),
    "runs": ("/runs/batch", (b'{"post":[0', b',{"id":"%s"}' % new_id().encode(), b"]}"), 20),
    "wide": ("/runs/batch", ('{"post":["😀'.encode(), b"0", b'"]}'), 200),
    "parts": ("/runs/multipart", (b"", parts(), b""), 60),
    "one part": ("/runs/multipart", (parts()[:-4], b"[],", b""), 200),
    "a query": ("/runs/query", (b'{"id":[0', b",[]", b"]}"), 250),
    "feedback": ("/feedback", (b'{"value":[0', b",[]", b"]}"), 250),
}
"""Address; beginning, what is repeated, end; megabytes that it unpacks to."""


@needs_proc
def test_many_bombs_at_once_take_no_more_than_one_bound_and_ordinary_runs_go_on(process: Process) -> None:
    headers = {"Content-Encoding": "zstd", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def send(path: str, bomb: bytes) -> httpx.Response:
        return httpx.post(f"{process.url}{path}", content=bomb, headers=headers, timeout=PATIENCE_S)

    bombs = [(path, packed(*pieces, times=size)) for path, pieces, size in BOMBS.values()]
    assert max(len(bomb) for _, bomb in bombs) < 200_000
    with ThreadPoolExecutor(2 * len(bombs)) as pool:
        sent = [pool.submit(send, *bomb) for bomb in bombs * 2]
        runs = [post_run(process.url) for _ in range(20)]
        answers = [one.result() for one in sent]
    assert {answer.status_code for answer in answers} <= {400, 413, 422, 503}
    assert all("\n" not in answer.json()["detail"] for answer in answers)
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)
    assert runs == [202] * 20
    assert process.peak() < GIGABYTE


def post_run(url: str) -> int:
    """Send an ordinary run as LangSmith's client does: retry a 503 after its delay."""
    run = {"id": new_id(), "name": "r", "run_type": "llm", "inputs": {"x": "y" * 1000}}
    for _ in range(10):
        answer = httpx.post(f"{url}/runs", json=run, timeout=PATIENCE_S)
        if answer.status_code != 503:
            break
        time.sleep(float(answer.headers["retry-after"]))
    return answer.status_code


def connected(url: str, head: str) -> socket.socket:
    """A client that sent this and then stays silent."""
    host, port = url.removeprefix("http://").split(":")
    sock = socket.create_connection((host, int(port)))
    sock.sendall(head.encode())
    return sock


HEAD = "POST /runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000000\r\n\r\n"


@needs_proc
def test_clients_that_stop_in_the_middle_of_large_bodies_take_no_more_than_the_bound(
    process: Process,
) -> None:
    stalled = [connected(process.url, HEAD) for _ in range(12)]
    for sock in stalled:
        sock.settimeout(0.5)
        with contextlib.suppress(TimeoutError):  # the server takes no more of it
            sock.sendall(b"x" * 20_000_000)
    assert httpx.get(f"{process.url}/ok", timeout=PATIENCE_S).status_code == 200
    assert post_run(process.url) == 202
    assert process.peak() < GIGABYTE // 2
    for sock in stalled:
        sock.close()


def test_a_body_that_does_not_come_is_given_up_and_its_place_is_free_again() -> None:
    limits = Limits(at_once=1, slow_s=0.2, wait_s=0.2)
    with LocalServer(limits=limits) as server:
        sock = connected(server.url, HEAD)
        assert b" 408 " in sock.recv(1000)
        sock.close()
        assert post_run(server.url) == 202


def test_a_client_that_does_not_take_its_answer_is_given_up_and_its_place_is_free_again() -> None:
    limits = Limits(at_once=1, slow_s=0.5, wait_s=60)
    with LocalServer(limits=limits) as server:
        run = {"id": new_id(), "name": "r", "run_type": "llm", "inputs": {"x": "y" * 30_000_000}}
        assert httpx.post(f"{server.url}/runs", json=run, timeout=PATIENCE_S).status_code == 202
        sock = connected(server.url, f"GET /runs/{run['id']} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert post_run(server.url) == 202
        sock.close()


def test_more_connections_than_allowed_are_turned_away_with_503() -> None:
    with LocalServer(limits=Limits(connections=3)) as server:
        idle = [connected(server.url, "") for _ in range(3)]
        deadline = time.monotonic() + PATIENCE_S
        while (status := httpx.get(f"{server.url}/ok").status_code) != 503 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert status == 503
        for sock in idle:
            sock.close()
        while (status := httpx.get(f"{server.url}/ok").status_code) != 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert status == 200


def test_large_requests_go_one_after_another_and_small_ones_beside_them() -> None:
    async def story() -> list[str]:
        gate, told = Gate(Limits(memory=100, small=10, at_once=2, wait_s=0.1)), []
        async with gate.lease() as first:
            await first.take(50)
            async with gate.lease() as small:
                await small.take(10)
                told.append("small")
            async with gate.lease() as second:
                with pytest.raises(HTTPException) as busy:
                    await second.take(50)
                assert (busy.value.status_code, busy.value.headers) == (503, {"Retry-After": "2"})
            with pytest.raises(HTTPException) as too_much:
                await first.take(51)
            assert too_much.value.status_code == 413
        async with gate.lease() as third:
            await third.take(50)
            told.append("next large")
        async with gate.lease(), gate.lease():
            with pytest.raises(HTTPException) as full:
                await gate.lease().__aenter__()
            assert full.value.status_code == 503
        return told

    assert asyncio.run(story()) == ["small", "next large"]


def size_of(value: Any) -> int:
    """Bytes of a parsed value with everything in it."""
    parts = (
        [*value.keys(), *value.values()]
        if isinstance(value, dict)
        else value
        if isinstance(value, list)
        else []
    )
    return sys.getsizeof(value) + sum(map(size_of, parts))


SHAPES = {
    "empty lists": [[] for _ in range(1000)],
    "empty objects": [{} for _ in range(1000)],
    "small objects": [{"": 0} for _ in range(1000)],
    "lists in lists": [[[0.5]] for _ in range(1000)],
    "floats": [0.5] * 1000,
    "large numbers": [10**15] * 1000,
    "short texts": ["ab"] * 1000,
    "keys": {str(number): 1 for number in range(1000)},
    "a long text": "x" * 10_000,
    "a wide text": "x" * 10_000 + "😀",
    "an escaped text": "x" * 10_000 + "\N{GRINNING FACE}",
    "nothing": 0,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_parsed_json_takes_no_more_than_its_weight(shape: str) -> None:
    for text in (orjson.dumps(SHAPES[shape]), json.dumps(SHAPES[shape]).encode()):
        assert size_of(orjson.loads(text)) <= weight(text) + 100


def test_a_wide_character_late_in_a_body_widens_what_came_before() -> None:
    text = '"' + "x" * 10_000 + '😀"'
    pieces = [text.encode()[at : at + 1000] for at in range(0, 10_006, 1000)]
    whole = Weight()
    assert sum(map(whole.add, pieces)) == weight(text)


def test_a_page_of_large_runs_is_shorter_and_its_cursor_leads_to_all() -> None:
    with LocalServer() as server, httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        ids = [new_id() for _ in range(4)]
        for run_id in ids:
            run = {"id": run_id, "name": "r", "run_type": "llm", "inputs": {"x": "y" * 10_000_000}}
            assert client.post("/runs", json=run).status_code == 202
        found: list[str] = []
        body: dict[str, Any] = {"id": ids, "select": ["inputs"]}
        while True:
            page = client.post("/runs/query", json=body).json()
            assert 1 <= len(page["runs"]) < 4
            found += [run["id"] for run in page["runs"]]
            if page["cursors"]["next"] is None:
                break
            body["cursor"] = page["cursors"]["next"]
        assert sorted(found) == sorted(ids)


def test_deep_and_long_payloads_make_no_endless_page() -> None:
    with LocalServer() as server, httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        run_id = new_id()
        deep = b"[" * 200 + b"[]," * 300_000 + b"0" + b"]" * 200
        main = b'{"id":"%s","name":"deep","run_type":"llm","outputs":{"x":%s}}' % (run_id.encode(), deep)
        assert client.post("/runs", content=main).status_code == 202
        page = client.get(f"/run/{run_id}")
        assert page.status_code == 200
        assert len(page.content) < 40_000_000
