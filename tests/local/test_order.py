"""Posts and patches make the same run in any order, and none is stored twice."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
import zstandard

from langchain_respmeta.local import LocalServer
from tests.local.seed import START, new_id, segment

BOUNDARY = "test-boundary"


def multipart(parts: Sequence[tuple[str, Any]]) -> bytes:
    """The body the SDK sends: JSON parts with a length."""
    body = b""
    for name, value in parts:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: application/json\r\n'
        body += f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def send(http: httpx.Client, parts: Sequence[tuple[str, Any]], *, zstd: bool = False) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    body = multipart(parts)
    if zstd:
        headers["Content-Encoding"] = "zstd"
        body = zstandard.ZstdCompressor().compress(body)
    return http.post("/runs/multipart", content=body, headers=headers)


def post_parts(run_id: str) -> list[tuple[str, Any]]:
    main = {
        "id": run_id,
        "trace_id": run_id,
        "dotted_order": segment(START, run_id),
        "name": "Chat",
        "run_type": "llm",
        "start_time": START.isoformat(),
        "session_name": "p",
        "tags": ["a"],
    }
    extra = {"metadata": {"mine": 1, "both": "post"}, "runtime": {"sdk": "x"}, "options": 1}
    return [(f"post.{run_id}", main), (f"post.{run_id}.inputs", {"q": 1}), (f"post.{run_id}.extra", extra)]


def patch_parts(run_id: str, **more: Any) -> list[tuple[str, Any]]:
    main = {
        "id": run_id,
        "trace_id": run_id,
        "dotted_order": segment(START, run_id),
        "name": None,
        "end_time": "2026-11-20T09:00:02+00:00",
        "session_name": None,
    }
    extra = {"metadata": {"respmeta_provider": "openai", "both": "patch"}}
    return [
        (f"patch.{run_id}", {**main, **more}),
        (f"patch.{run_id}.outputs", {"a": 2}),
        (f"patch.{run_id}.extra", extra),
        (f"patch.{run_id}.error", "bad end"),
    ]


def comparable(server: LocalServer, run_id: str) -> dict[str, Any]:
    (run,) = server.store.runs(id=run_id)
    volatile = ("id", "trace_id", "dotted_order", "app_path", "session_id")
    return {key: value for key, value in run.items() if key not in volatile}


@pytest.mark.parametrize("zstd", [False, True])
def test_every_order_of_the_parts_gives_the_same_run(
    server: LocalServer, http: httpx.Client, *, zstd: bool
) -> None:
    results = []
    for first_is_post, together in itertools.product((True, False), (True, False)):
        run_id = new_id()
        parts = [post_parts(run_id), patch_parts(run_id)]
        parts = parts if first_is_post else parts[::-1]
        requests = [parts[0] + parts[1]] if together else parts
        assert [send(http, each, zstd=zstd).status_code for each in requests] == [202] * len(requests)
        results.append(comparable(server, run_id))
    assert results[1:] == results[:1] * 3
    run = results[0]
    assert run["extra"] == {
        "metadata": {"mine": 1, "both": "patch", "respmeta_provider": "openai"},
        "runtime": {"sdk": "x"},
        "options": 1,
    }
    assert (run["name"], run["inputs"], run["outputs"], run["error"]) == (
        "Chat",
        {"q": 1},
        {"a": 2},
        "bad end",
    )
    assert (run["status"], run["posts"], run["patches"]) == ("error", 1, 1)


def test_a_patch_alone_is_a_run_that_can_be_read(server: LocalServer, http: httpx.Client) -> None:
    run_id = new_id()
    assert send(http, patch_parts(run_id)).status_code == 202
    run = http.get(f"/runs/{run_id}").json()
    assert (run["name"], run["start_time"]) == ("unnamed", "2026-11-20T09:00:00.000000+00:00")
    assert server.store.runs(id=run_id)[0]["session_id"] is None


def test_a_second_patch_of_a_finished_run_is_refused_and_loses_nothing(
    server: LocalServer, http: httpx.Client
) -> None:
    run_id, other = new_id(), new_id()
    send(http, post_parts(run_id) + patch_parts(run_id))
    before = comparable(server, run_id)
    answer = send(http, patch_parts(run_id, name="changed") + post_parts(other))
    assert answer.status_code == 409
    assert "payloads already received" in answer.json()["detail"]
    assert comparable(server, run_id) == {**before, "patches": 2}
    assert server.store.runs(id=other), "the fresh part of a batch with a duplicate is stored"
    assert server.requests.operations("patch", run_id) == [run_id, run_id]


def test_two_patches_in_one_body_count_as_first_and_second(server: LocalServer, http: httpx.Client) -> None:
    run_id = new_id()
    answer = send(http, post_parts(run_id) + patch_parts(run_id) + patch_parts(run_id, name="changed"))
    assert answer.status_code == 409
    run = comparable(server, run_id)
    assert (run["name"], run["patches"]) == ("Chat", 2)


def test_a_second_post_is_refused(server: LocalServer, http: httpx.Client) -> None:
    run_id = new_id()
    assert send(http, post_parts(run_id)).status_code == 202
    assert send(http, post_parts(run_id)).status_code == 409
    assert comparable(server, run_id)["posts"] == 2


def test_a_merged_post_is_finished(server: LocalServer, http: httpx.Client) -> None:
    run = {"id": new_id(), "name": "r", "run_type": "llm", "end_time": "2026-11-20T09:00:02Z", "outputs": {}}
    assert http.post("/runs", json=run).status_code == 202
    assert http.patch(f"/runs/{run['id']}", json={"outputs": {"x": 1}}).status_code == 409


def test_an_unfinished_run_takes_patches_until_its_end(server: LocalServer, http: httpx.Client) -> None:
    run_id = new_id()
    patches = ({"name": "a"}, {"tags": ["t"]}, {"end_time": "2026-11-20T09:00:02Z"}, {"name": "late"})
    assert [http.patch(f"/runs/{run_id}", json=patch).status_code for patch in patches] == [
        202,
        202,
        202,
        409,
    ]
    run = comparable(server, run_id)
    assert (run["name"], run["tags"], run["status"]) == ("a", ["t"], "success")


def test_a_child_sent_without_a_place_finds_it_under_its_parent(
    server: LocalServer, http: httpx.Client
) -> None:
    root, child = new_id(), new_id()
    http.post("/runs", json={"id": root, "name": "root", "run_type": "chain"})
    http.post("/runs", json={"id": child, "name": "child", "run_type": "llm", "parent_run_id": root})
    (run,) = server.store.runs(id=child)
    assert run["trace_id"] == root
    assert run["parent_run_ids"] == [root]


def test_fields_no_column_knows_are_kept(server: LocalServer, http: httpx.Client) -> None:
    run_id = new_id()
    http.post("/runs", json={"id": run_id, "name": "r", "run_type": "llm", "manifest_id": "m-1"})
    with server.store.read() as connection:
        (rest,) = connection.execute("SELECT rest FROM run_view WHERE id = ?", (run_id,)).fetchone()
    assert json.loads(rest) == {"manifest_id": "m-1"}
