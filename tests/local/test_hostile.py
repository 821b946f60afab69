"""Any request to any route gets an answer or a 4xx with one line, never a server error."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from langchain_respmeta.local import LocalServer, create_app
from tests.local.seed import new_id

ID = "00000000-0000-4000-8000-00000000dead"
STORED = "00000000-0000-4000-8000-00000000beef"
RUN = {"id": ID, "name": "r", "run_type": "llm"}
PLACED = {**RUN, "trace_id": ID, "dotted_order": f"20260101T000000000000Z{ID}"}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with LocalServer() as server, httpx.Client(base_url=server.url, timeout=120) as client:
        metadata = {"a": 1, "respmeta_provider": "x", "respmeta": {"usage": {"input_tokens": 1}}}
        run = {"id": STORED, "name": "r", "run_type": "llm", "tags": ["a"], "inputs": {"a": 1}}
        client.post("/runs", json={**run, "session_id": None, "extra": {"metadata": metadata}})
        client.post("/sessions", json={"id": ID, "name": "kept"})
        yield client


def check(answer: httpx.Response) -> int:
    """An answer, or a refusal of one line."""
    sent = f"{answer.request.method} {answer.request.url}"[:300]
    assert answer.status_code < 500, f"{sent} {answer.request.content[:300]!r}: {answer.text[:300]}"
    if answer.status_code >= 400 and answer.headers["content-type"] == "application/json":
        detail = answer.json()["detail"]
        assert detail.strip(), sent
        assert "\n" not in detail, sent
        assert len(detail) <= 1000, sent
    return answer.status_code


ROOTS = {
    "project_id": ID,
    "cursor": None,
    "page_size": 1,
    "min_start_time": 1,
    "max_start_time": 2,
    "filter": "eq(name, 'r')",
    "trace_filter": "eq(name, 'r')",
    "tree_filter": "eq(name, 'r')",
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/runs"): {
        **RUN,
        "session_name": "p",
        "session_id": ID,
        "parent_run_id": ID,
        "trace_id": ID,
        "error": "e",
        "start_time": 1,
        "end_time": 2,
        "dotted_order": "x",
        "tags": ["t"],
        "address": "lrn:agents/a/environments/b",
        "extra": {"metadata": {"usage_metadata": {"input_tokens": 1}}},
        "reference_example_id": ID,
        "events": [{"name": "new_token", "time": 1}],
        "inputs": {},
        "outputs": {"usage_metadata": {}},
        "serialized": {},
    },
    ("PATCH", "/runs/{run_id}"): {
        "name": "r",
        "end_time": 2,
        "extra": {"metadata": {}},
        "outputs": {},
        "tags": [],
    },
    ("POST", "/runs/batch"): {"post": [PLACED], "patch": [PLACED]},
    ("POST", "/runs/query"): {
        "session": [ID],
        "id": [ID],
        "trace": ID,
        "parent_run": ID,
        "run_type": "llm",
        "query": "q",
        "start_time": 1,
        "end_time": 2,
        "error": True,
        "is_root": True,
        "execution_order": 1,
        "limit": 1,
        "filter": "eq(name, 'r')",
        "trace_filter": "eq(name, 'r')",
        "tree_filter": "eq(name, 'r')",
        "cursor": None,
        "order": "asc",
        "select": ["id"],
        "reference_example": [ID],
    },
    ("POST", "/v2/runs/query"): {
        "project_ids": [ID],
        "ids": [ID],
        "trace_id": ID,
        "run_type": "llm",
        "reference_examples": [ID],
        "min_start_time": 1,
        "max_start_time": 2,
        "has_error": True,
        "is_root": True,
        "page_size": 1,
        "filter": "eq(name, 'r')",
        "trace_filter": "eq(name, 'r')",
        "tree_filter": "eq(name, 'r')",
        "cursor": None,
        "selects": ["ID"],
    },
    ("POST", "/feedback"): {
        "id": ID,
        "run_id": ID,
        "trace_id": ID,
        "key": "k",
        "score": 1,
        "value": 1,
        "comment": "c",
        "correction": {},
        "feedback_source": {"type": "api"},
        "feedback_config": {"type": "x"},
        "error": True,
        "start_time": 1,
        "created_at": 1,
        "modified_at": 1,
        "extra": {},
        "address": "a",
        "extend_trace_retention": True,
        "feedback_group_id": ID,
        "session_id": ID,
    },
    ("PATCH", "/feedback/{feedback_id}"): {"score": 1, "value": 1, "comment": "c", "correction": {}},
    ("POST", "/feedback-configs"): {
        "feedback_key": "k",
        "feedback_config": {"type": "x"},
        "is_lower_score_better": True,
        "is_enforced": True,
    },
    ("PATCH", "/feedback-configs"): {
        "feedback_key": "k",
        "feedback_config": {"type": "x"},
        "is_lower_score_better": True,
        "is_enforced": True,
    },
    ("POST", "/sessions"): {
        "id": ID,
        "name": "s",
        "description": "d",
        "extra": {"metadata": {}},
        "start_time": 1,
        "end_time": 2,
        "reference_dataset_id": ID,
    },
    ("PATCH", "/sessions/{session_id}"): {"name": "s", "description": "d", "extra": {}, "end_time": 1},
    ("POST", "/runs/multipart"): {},
    ("POST", "/delete"): {"trace": ID, "where": "a=b", "agreed": "1"},
    ("POST", "/v2/sessions"): {"id": ID, "name": "s", "description": "d", "extra": {}, "start_time": 1},
    ("PATCH", "/v2/sessions/{session_id}"): {"name": "s", "description": "d", "extra": {}, "end_time": 1},
    ("POST", "/v2/traces/query"): {**ROOTS, "trace_ids": [ID], "selects": ["ID", "TOTAL_COST"]},
    ("POST", "/v2/threads/query"): ROOTS,
}
"""What each route that takes a body reads of it."""
HOSTILE: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        2**64 - 1,
        1e308,
        "",
        "x\x00é😀",
        "a" * 2000,
        [],
        [1],
        [{}],
        {},
        {"": None},
        {"a": {"b": [1]}},
    ),
    *(
        "0001-01-01T00:00:00+23:59",
        "99999999T999999999999Z",
        "MS9hL2I=",
        "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkvYQ==",
    ),
    *([ID] * 200, "eq(name, 'r')" * 2, "kept"),
)
PARAMETERS = {
    ("GET", "/"): (
        *("view", "project", "where", "page", "refresh", "key", "op", "value"),
        *("q", "since", "until", "sort", "facet"),
    ),
    ("GET", "/compare"): ("a", "b", "run", "only"),
    ("GET", "/export.{ending}"): ("view", "where", "q", "since", "content"),
    ("GET", "/v2/traces/{trace_id}/runs"): (
        "project_id",
        "filter",
        "min_start_time",
        "max_start_time",
        "selects",
    ),
    ("GET", "/v2/threads/{thread_id:path}/traces"): (
        "project_id",
        "cursor",
        "filter",
        "page_size",
        "selects",
    ),
    ("GET", "/charts"): ("by", "every", "chapter", "view", "project", "where", "since", "q"),
    ("GET", "/charts/{part}"): ("by", "every", "where", "until"),
    ("GET", "/run/{run_id}"): ("from",),
    ("GET", "/v2/runs/{run_id}"): ("project_id", "selects"),
    ("GET", "/feedback"): ("run", "session", "key", "source", "has_comment", "has_score", "limit", "offset"),
    ("GET", "/feedback-configs"): ("key", "name_contains", "limit", "offset"),
    ("DELETE", "/feedback-configs"): ("feedback_key",),
    ("GET", "/sessions"): (
        *("id", "name", "name_contains", "reference_dataset", "reference_free", "metadata"),
        *("include_stats", "limit", "offset", "sort_by"),
    ),
    ("GET", "/sessions/resolutions"): ("kind", "id", "environment"),
    ("POST", "/sessions"): ("upsert",),
}
"""What each route reads of its query string."""
TEXTS = (
    *(
        "",
        "x",
        "%00",
        "%ff%fe",
        "-1",
        "99999999999999999999999",
        "%D9%A3",
        "%C2%B2",
        "1e999",
        "nan",
        ID,
        "a" * 9000,
    ),
    *(
        "true",
        quote("a>=1"),
        quote("a~x\ny"),
        quote('{"a": [1]}'),
        quote('{"a": {}}'),
        quote('{"a\\"]": 1}'),
        "[1]",
    ),
    *(
        quote('{"a": 18446744073709551615}'),
        quote(json.dumps({f"k{n}": 1 for n in range(900)})),
        "AGENT",
        "kept",
    ),
)


def routes() -> list[tuple[str, str]]:
    app = create_app()
    found = [(method, route.path) for route in app.routes for method in route.methods - {"HEAD"}]  # type: ignore[attr-defined]
    app.state.context.store.close()
    return sorted(found)


def address(path: str, value: str = STORED) -> str:
    """The path with something in its places."""
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def test_every_route_that_takes_a_body_or_parameters_is_in_the_tables() -> None:
    assert {route for route in routes() if route[0] in ("POST", "PATCH")} == set(BODIES)
    assert set(PARAMETERS) <= set(routes())


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
def test_any_value_in_any_field_of_a_body_is_no_fault(http: httpx.Client, route: tuple[str, str]) -> None:
    method, path = route
    for value in HOSTILE:
        check(http.request(method, address(path), content=json.dumps(value)))
        for field in BODIES[route]:
            body = {**BODIES[route], "id": new_id(), field: value}
            if path == "/runs/query":  # each condition on its own: the first wrong one would hide the others
                body = {"session": [ID], field: value}
            elif path == "/v2/runs/query":
                body = {"project_ids": [ID], field: value}
            elif path == "/runs":
                body = {**RUN, "id": new_id(), field: value}
            elif path == "/runs/batch":
                check(
                    http.request(method, path, json={field: [{**PLACED, "id": new_id(), "trace_id": value}]})
                )
            check(http.request(method, address(path), json=body))
            if path == "/sessions":
                check(http.request(method, "/sessions?upsert=true", json=body))


@pytest.mark.parametrize("route", PARAMETERS, ids=" ".join)
def test_any_value_of_any_parameter_is_no_fault(http: httpx.Client, route: tuple[str, str]) -> None:
    method, path = route
    for name in PARAMETERS[route]:
        for text in TEXTS:
            check(http.request(method, f"{address(path)}?{name}={text}", follow_redirects=True))
        check(http.request(method, f"{address(path)}?" + "&".join([f"{name}={ID}"] * 250)))
        check(http.request(method, f"{address(path)}?" + "&".join([f"{name}=a"] * 2000)))


@pytest.mark.parametrize("route", routes(), ids=" ".join)
def test_any_address_and_body_that_is_no_json_is_no_fault(http: httpx.Client, route: tuple[str, str]) -> None:
    method, path = route
    for text in ("x", "%00", "%ff", "..%2f..", "a" * 9000, ID, "%20"):
        check(http.request(method, address(path, text)))
    if method == "DELETE":
        return
    for content in (b"", b"{", b"\xff", b"[" * 5000, b"NaN", b'{"a":"\\ud800"}', b"{}", b'{"a":1e999}'):
        for headers in ({}, {"Content-Encoding": "zstd"}, {"Content-Encoding": "gzip"}):
            check(http.request(method, address(path), content=content, headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://[::1"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/form-data; boundary="},
        {"Content-Type": f"multipart/form-data; boundary={'b' * 5000}"},
        {"Content-Type": "multipart/form-data; boundary=\xff"},
        {"Content-Encoding": "zstd, zstd"},
    ],
    ids=str,
)
def test_any_header_is_no_fault(http: httpx.Client, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    for path in ("/runs/multipart", "/runs", "/feedback"):
        assert check(http.post(path, headers=encoded, content=b"x")) >= 400


def test_whatever_was_stored_can_be_read(http: httpx.Client) -> None:
    """After all of the above (where it ran): the lists, each project, each run, its page."""
    check(http.get("/sessions?include_stats=true"))
    sessions = [session["id"] for session in http.get("/sessions").json()]
    runs = http.post("/runs/query", json={"session": sessions, "limit": 300}).json()["runs"]
    assert runs
    for run in runs:
        selected = "&".join(f"selects={name}" for name in ("LATENCY_SECONDS", "METADATA", "OUTPUTS_PREVIEW"))
        for path in (f"/run/{run['id']}", f"/v2/runs/{run['id']}?project_id={run['session_id']}&{selected}"):
            assert check(http.get(path)) == 200
    for view in ("calls", "traces", "all"):
        assert check(http.get(f"/?view={view}")) == 200


def many(word: str, operand: str, count: int) -> str:
    return f"{word}({','.join([operand] * count)})"


def deep(shape: str, levels: int) -> str:
    text = "eq(id,1)"
    for _ in range(levels):
        text = shape % text
    return text


OPERANDS = (
    *(
        "eq(id,1)",
        'eq(metadata_key,"a")',
        'neq(metadata_key,"a")',
        'search("a")',
        'has(tags,"a")',
        "not(eq(id,1))",
    ),
    *("eq(thread_id,1)", "gt(latency,1)", "eq(total_tokens,1)", "eq(feedback_score,1)", "in(id,[1,2])"),
    """has(metadata,'{"a":{"b":1}}')""",
)
FILTERS = {
    **{
        f"{word} of {count} {operand}": many(word, operand, count)
        for word in ("and", "or")
        for operand in OPERANDS
        for count in (499, 16_000 // (len(operand) + 1))
        if count * (len(operand) + 1) < 16_384
    },
    "in of 8000": f"in(id,[{','.join('1' * 8000)}])",
    "in of 8000 values": f"in(metadata_value,[{','.join('1' * 8000)}])",
    "31 nots": deep("not(%s)", 31),
    "31 ors": deep(f"or({many('and', 'eq(id,3)', 50)},%s)", 30),
    "not or and": deep(f"not(or({','.join(['eq(metadata_key,3)'] * 45)},%s))", 15),
    "a long search": f'search("{"%" * 16_000}")',
    "a search for nothing readable": 'search("a\x00b")',
    "many metadata": "has(metadata,'{}')".format(json.dumps({f"k{n}": {"a": 1} for n in range(700)})),
    "deep metadata": "has(metadata,'{}')".format(900 * '{"a":' + "1" + 900 * "}"),
    "large numbers": """has(metadata,'{"a":{"b":18446744073709551615},"c":1e308}')""",
    "no time": "gt(start_time, 999999999999999999)",
    "before all time": "gt(start_time, '0001-01-01T00:00:00+14:00')",
    "no duration": f"gt(latency, '{'9' * 400}')",
    "other digits": "gt(latency, '\u0663s')",
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_of_any_width_and_depth_is_answered_or_refused(http: httpx.Client, name: str) -> None:
    for place in ("filter", "trace_filter", "tree_filter"):
        check(http.post("/runs/query", json={"id": [STORED], place: FILTERS[name]}))


@pytest.mark.parametrize("place", ["filter", "trace_filter", "tree_filter"])
@pytest.mark.parametrize("word", ["and", "or", "in"])
def test_hundreds_of_operands_select_what_they_say(http: httpx.Client, place: str, word: str) -> None:
    operands = 'eq(name,"r")' if word == "and" else 'eq(name,"other")'
    text = f'{word}({",".join([operands] * 800)},eq(run_type,"llm"))'
    if word == "in":
        text = f"in(name,[{','.join(['1'] * 5000)},'r'])"
    answer = http.post("/runs/query", json={"id": [STORED], place: text})
    assert [run["id"] for run in answer.json()["runs"]] == [STORED]


def test_a_page_of_hundreds_of_conditions_shows_what_they_leave(http: httpx.Client) -> None:
    page = http.get("/?view=all&" + "&".join(f"where=a{n}!=b" for n in range(900)))
    assert page.status_code == 200
    assert f"run-{STORED}" in page.text


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (sqlite3.OperationalError("parser stack overflow"), 400),
        (sqlite3.OperationalError("Expression tree is too large (maximum depth 1000)"), 400),
        (sqlite3.DataError("string or blob too big"), 400),
        (sqlite3.OperationalError("database or disk is full"), 507),
        (sqlite3.OperationalError("database is locked"), 503),
    ],
    ids=str,
)
def test_what_the_database_cannot_do_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, fault: sqlite3.Error, status: int
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise fault

    with LocalServer() as server:
        monkeypatch.setattr("langchain_respmeta.local.store.runs_read.select_page", fails)
        answer = httpx.post(f"{server.url}/runs/query", json={"id": [ID]})
    assert answer.status_code == status
    assert str(fault) in answer.json()["detail"]
