"""Bad input, limits and foreign callers get a clear 4xx, and nothing of them is stored."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zstandard

from langchain_respmeta.local import Fault, Limits, LocalServer
from tests.local.seed import new_id
from tests.local.test_order import BOUNDARY, multipart, post_parts, send

MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
SMALL = Limits(body=100_000, decompressed=1_000_000)


@pytest.fixture
def small() -> Iterator[LocalServer]:
    with LocalServer(limits=SMALL) as server:
        yield server


def bad_requests() -> list[tuple[str, str, str, Any, int, str]]:
    """Method, path, content (bytes) or JSON, status, and words of the answer."""
    run = {"name": "r", "run_type": "llm"}
    unknown = "00000000-0000-4000-8000-00000000dead"  # fixed: parallel workers must collect the same cases
    return [
        ("POST", "/runs", b"{not json", 400, "not valid JSON"),
        ("POST", "/runs", [1], 422, "must be a JSON object"),
        ("POST", "/runs", {"id": "x", **run}, 422, "must be a UUID"),
        ("POST", "/runs", {"run_type": "llm"}, 422, "lacks name"),
        ("POST", "/runs", {"name": "r"}, 422, "lacks run_type"),
        ("POST", "/runs", {**run, "start_time": "yesterday"}, 422, "ISO 8601"),
        ("POST", "/runs", {**run, "extra": [1]}, 422, "extra must be a JSON object"),
        ("POST", "/runs", {**run, "tags": "t"}, 422, "list of strings"),
        ("POST", "/runs", {**run, "error": 5}, 422, "must be a string"),
        ("POST", "/runs", {**run, "trace_id": "t"}, 422, "must be a UUID"),
        ("POST", "/runs", {**run, "session_id": unknown}, 404, "not found"),
        ("POST", "/runs", {**run, "address": "home"}, 422, "lrn:agents"),
        ("PATCH", "/runs/nope", {}, 422, "must be a UUID"),
        ("POST", "/runs/batch", {"post": [{"id": unknown, **run}]}, 422, "lacks trace_id, dotted_order"),
        ("POST", "/runs/batch", {"post": {}, "patch": 1}, 422, "must be lists"),
        ("POST", "/runs/multipart", {}, 415, "multipart/form-data"),
        ("GET", f"/runs/{unknown}", None, 404, "not found"),
        ("GET", "/runs/nope", None, 422, "must be a UUID"),
        ("GET", f"/v2/runs/{unknown}?project_id={unknown}", None, 404, "not found"),
        ("GET", f"/v2/runs/{unknown}", None, 422, "project_id"),
        ("POST", "/runs/query", {}, 400, "At least one of"),
        ("POST", "/runs/query", {"id": [unknown], "magic": 1}, 400, "not supported here: magic"),
        ("POST", "/runs/query", {"id": [unknown], "order": "up"}, 400, "asc or desc"),
        ("POST", "/runs/query", {"id": [unknown], "limit": 0}, 400, "limit"),
        ("POST", "/runs/query", {"id": [unknown], "cursor": "zzz"}, 400, "cursor"),
        ("POST", "/runs/query", {"id": [unknown], "select": ["nope"]}, 400, "unknown fields: nope"),
        ("POST", "/runs/query", {"id": [unknown], "is_root": "maybe"}, 400, "true or false"),
        ("POST", "/v2/runs/query", {}, 400, "project_ids"),
        ("POST", "/v2/runs/query", {"project_ids": [unknown], "selects": ["NOPE"]}, 400, "nope"),
        ("POST", "/v2/runs/query", {"project_ids": [unknown], "ai_search": "x"}, 400, "ai_search"),
        ("POST", "/feedback", {"key": "k"}, 422, "run_id"),
        ("POST", "/feedback", {"run_id": unknown}, 422, "needs a key"),
        ("POST", "/feedback", {"run_id": unknown, "key": "k" * 181}, 422, "at most 180"),
        ("POST", "/feedback", {"run_id": unknown, "key": "k", "score": "high"}, 422, "score"),
        ("POST", "/feedback", {"run_id": unknown, "key": "k", "comment": {"a": 1}}, 422, "comment must be"),
        ("POST", "/feedback", {"run_id": unknown, "key": "k", "address": {"a": 1}}, 422, "address must be"),
        ("GET", f"/feedback?offset={'9' * 30}", None, 422, "whole number"),
        ("GET", f"/feedback/{unknown}", None, 404, "not found"),
        ("DELETE", f"/feedback/{unknown}", None, 404, "not found"),
        ("PATCH", f"/feedback/{unknown}", {"score": 1}, 404, "not found"),
        ("GET", "/feedback?colour=red", None, 400, "not supported here: colour"),
        ("GET", "/feedback?limit=many", None, 422, "whole number"),
        ("POST", "/sessions", {}, 422, "needs a name"),
        ("GET", f"/sessions/{unknown}", None, 404, "not found"),
        ("GET", "/sessions?colour=red", None, 400, "not supported here: colour"),
        ("POST", "/feedback-configs", {"feedback_key": "k"}, 422, "feedback_config"),
        ("GET", "/datasets", None, 404, "not part of the embedded server"),
        ("PUT", "/runs", {}, 405, "Method Not Allowed"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "words"),
    bad_requests(),
    ids=lambda value: value if isinstance(value, str) and "-" not in value else None,
)
def test_bad_requests_say_what_is_wrong(
    shared_http: httpx.Client, method: str, path: str, content: Any, status: int, words: str
) -> None:
    body = (
        content if isinstance(content, bytes) else None if content is None else json.dumps(content).encode()
    )
    answer = shared_http.request(method, path, content=body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def test_what_is_nested_deeper_than_can_be_written_is_kept_and_shown(http: httpx.Client) -> None:
    run_id, other = new_id(), new_id()
    main = {"id": run_id, "name": "deep", "run_type": "llm"}
    fields = b',"outputs":%b,"extra":{"metadata":{"respmeta_provider":"openai","respmeta":{"routing":%b}}}}'
    body = json.dumps(main).encode()[:-1] + fields % (nested(300), nested(300))
    assert http.post("/runs", content=body).status_code == 202
    parts = [*post_parts(other), (f"post.{other}.outputs", nested(900))]
    assert send(http, parts).status_code == 202
    for one in (run_id, other):
        assert "nested deeper than" in http.get(f"/run/{one}").text
    assert http.get(f"/runs/{other}").content.count(b'{"a":') == 900
    feedback = b'{"run_id":"%b","key":"k","value":%b}' % (run_id.encode(), nested(300))
    assert http.post("/feedback", content=feedback).status_code == 200


@pytest.fixture(scope="module")
def shared_http() -> Iterator[httpx.Client]:
    with LocalServer() as server, httpx.Client(base_url=server.url) as client:
        yield client
        assert server.store.runs() == []
        assert server.store.feedback() == []


def broken_bodies() -> dict[str, tuple[bytes, int, str]]:
    run_id = new_id()
    whole = multipart(post_parts(run_id))
    return {
        "cut": (whole[:-40], 400, "ends before its last boundary"),
        "no boundary": (b"hello", 400, "cannot be read"),
        "bad json": (multipart([(f"post.{run_id}", b"{nope")]), 400, "not valid JSON"),
        "list": (multipart([(f"post.{run_id}", [1])]), 422, "must be a JSON object"),
        "no main part": (multipart([(f"post.{run_id}.inputs", {})]), 422, "itself is missing"),
        "unknown field": (
            multipart([*post_parts(run_id), (f"post.{run_id}.colour", 1)]),
            422,
            "names no field",
        ),
        "unknown event": (multipart([("put.1", {})]), 422, "none of post, patch"),
        "bad id": (multipart([("post.1", {})]), 422, "must be a UUID"),
        "nameless file": (multipart([(f"attachment.{run_id}", b"x")]), 422, "names no file"),
        "bad feedback": (multipart([*post_parts(run_id), (f"feedback.{run_id}", {})]), 422, "run_id"),
        "incomplete": (
            multipart([(f"post.{run_id}", {"name": "r", "run_type": "llm"})]),
            422,
            "lacks trace_id",
        ),
    }


@pytest.mark.parametrize("case", broken_bodies())
def test_broken_multipart_bodies_are_refused_whole(shared_http: httpx.Client, case: str) -> None:
    body, status, words = broken_bodies()[case]
    answer = shared_http.post("/runs/multipart", content=body, headers=MULTIPART)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


def test_bodies_that_are_no_zstd_or_cut_short_are_refused(shared_http: httpx.Client) -> None:
    headers = {**MULTIPART, "Content-Encoding": "zstd"}
    packed = zstandard.ZstdCompressor().compress(multipart(post_parts(new_id())) * 50)
    for body in (b"plain", packed[: len(packed) // 2]):
        assert shared_http.post("/runs/multipart", content=body, headers=headers).status_code == 400
    headers["Content-Encoding"] = "br"
    assert shared_http.post("/runs/multipart", content=b"x", headers=headers).status_code == 415


def test_bodies_over_the_limit_are_refused_with_and_without_a_length(small: LocalServer) -> None:
    body = json.dumps({"name": "x" * SMALL.body, "run_type": "llm"}).encode()
    for content in (body, iter([body])):
        answer = httpx.post(f"{small.url}/runs", content=content)
        assert answer.status_code == 413
        assert str(SMALL.body) in answer.json()["detail"]
    assert small.store.runs() == []


def test_a_zstd_bomb_is_refused_at_the_limit(small: LocalServer) -> None:
    bomb = zstandard.ZstdCompressor().compress(b"0" * 100_000_000)
    assert len(bomb) < SMALL.body
    answer = httpx.post(
        f"{small.url}/runs/multipart",
        content=bomb,
        headers={**MULTIPART, "Content-Encoding": "zstd"},
        timeout=120,
    )
    assert answer.status_code == 413
    assert "decompressed" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1"])
def test_other_host_names_are_refused_on_loopback(http: httpx.Client, host: str) -> None:
    for path in ("/", "/info", "/runs/query"):
        assert http.get(path, headers={"Host": host}).status_code == 403


def test_loopback_names_are_served_with_any_port(http: httpx.Client) -> None:
    for host in ("localhost", "127.0.0.1:1", "[::1]:80", "LOCALHOST:5"):
        assert http.get("/info", headers={"Host": host}).status_code == 200


def test_other_web_sites_cannot_write(server: LocalServer, http: httpx.Client) -> None:
    run = {"name": "r", "run_type": "llm"}
    assert http.post("/runs", json=run, headers={"Origin": "https://evil.example"}).status_code == 403
    assert http.post("/runs", json=run, headers={"Origin": "null"}).status_code == 403
    assert server.store.runs() == []
    assert http.post("/runs", json=run, headers={"Origin": server.url}).status_code == 202


def test_every_answer_forbids_framing_and_scripts_but_for_files_of_the_package(http: httpx.Client) -> None:
    for path in ("/", "/info", "/run/x", "/assets/base.css", "/assets/keys.js", "/nothing"):
        headers = http.get(path).headers
        policy = headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy
        assert [one for one in policy if one.startswith("script")] == ["script-src 'self'"]
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_attachments_a_browser_might_run_are_only_offered_as_downloads(
    server: LocalServer, http: httpx.Client
) -> None:
    run_id = new_id()
    body = multipart([*post_parts(run_id), (f"attachment.{run_id}.page", b"<script>1</script>")])
    body = body.replace(
        b'page"\r\nContent-Type: application/json', b'page"\r\nContent-Type: text/html; length=18'
    )
    assert http.post("/runs/multipart", content=body, headers=MULTIPART).status_code == 202
    answer = http.get(f"/attachments/{run_id}/page")
    assert answer.content == b"<script>1</script>"
    assert answer.headers["content-disposition"] == "attachment"
    assert http.get(f"/attachments/{run_id}/other").status_code == 404


def test_faults_are_used_up_and_then_the_server_serves_again(server: LocalServer, http: httpx.Client) -> None:
    server.requests.fail(Fault("POST", "/runs", status=429, times=2, headers={"Retry-After": "3"}))
    answers = [http.post("/runs", json={"name": "r", "run_type": "llm"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 202]
    assert answers[0].headers["retry-after"] == "3"
    assert [record.status for record in server.requests] == [429, 429, 202]
