"""The filter language selects exactly the runs it describes, and refuses what it does not know."""

import uuid

import httpx
import pytest
from starlette.exceptions import HTTPException

from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.store.filter_parse import MAX_DEPTH, parse
from langchain_respmeta.local.store.filter_sql import compile_filter
from tests.local.seed import run_body, store_runs

RUNS = {
    "fast": {
        "lasts_s": 0.2,
        "tags": ["beta", "x"],
        "metadata": {"tier": "flex", "n": 3, "ok": True, "deep": {"a": {"b": 1}}, "thread_id": "t1"},
    },
    "slow": {
        "lasts_s": 20,
        "tags": ["prod"],
        "metadata": {"tier": "default", "n": 10, "flex": "tier", "ok": False},
    },
    "bad": {"error": 'it\'s "broken" 100%', "metadata": {"n": "3", "session_id": "t1"}},
    "open": {"lasts_s": None, "run_type": "chain", "inputs": {"question": "weather", "k": 4}},
}


@pytest.fixture(scope="module")
def store() -> Store:
    made = Store()
    bodies = [run_body(name=name, at_s=index, **fields) for index, (name, fields) in enumerate(RUNS.items())]
    store_runs(made, bodies)
    with made.write() as connection:
        for key, score, name in (("user", 1.0, "fast"), ("user", 0.0, "slow"), ("judge", 1.0, "slow")):
            run_id = made.runs(name=name)[0]["id"]
            connection.execute(
                "INSERT INTO feedback (id, run_id, key, score, extend_trace_retention, received_by,"
                " created_us, modified_us) VALUES (?, ?, ?, ?, 0, 'request', 0, 0)",
                (f"{key}-{name}", run_id, key, score),
            )
    return made


CASES = {
    'eq(name, "fast")': "fast",
    "eq(name, 'fast')": "fast",
    'neq(name, "fast")': "bad open slow",
    'in(name, ["fast", "bad"])': "bad fast",
    'eq(run_type, "chain")': "open",
    'eq(status, "error")': "bad",
    'eq(status, "pending")': "open",
    "eq(error, null)": "fast open slow",
    "neq(error, null)": "bad",
    r'eq(error, "it\'s \"broken\" 100%")': "bad",
    "gt(latency, 5)": "slow",
    "gt(latency, '5s')": "slow",
    "lt(latency, '300ms')": "fast",
    "gte(latency, 20)": "slow",
    'gt(start_time, "2026-11-20T09:00:01Z")': "bad open",
    'lte(start_time, "2026-11-20T10:00:01+01:00")': "fast slow",
    "eq(is_root, true)": "bad fast open slow",
    'has(tags, "beta")': "fast",
    'not(has(tags, "beta"))': "bad open slow",
    'or(has(tags, "beta"), has(tags, "prod"))': "fast slow",
    'eq(metadata_key, "tier")': "fast slow",
    'neq(metadata_key, "tier")': "bad open",
    'and(eq(metadata_key, "tier"), eq(metadata_value, "flex"))': "fast",
    'and(eq(metadata_key, "tier"), neq(metadata_value, "flex"))': "slow",
    'and(eq(metadata_key, "flex"), eq(metadata_value, "flex"))': "",
    'and(eq(metadata_key, "n"), gt(metadata_value, 3))': "slow",
    'and(eq(metadata_key, "n"), gte(metadata_value, 3))': "fast slow",
    'and(eq(metadata_key, "n"), eq(metadata_value, 3))': "fast",
    'and(eq(metadata_key, "n"), eq(metadata_value, "3"))': "bad fast",
    'and(eq(metadata_key, "ok"), eq(metadata_value, true))': "fast",
    'and(eq(metadata_key, "tier"), eq(metadata_value, "default"), eq(metadata_key, "n"), gt(metadata_value, 5))': "slow",
    'has(metadata, \'{"tier": "flex"}\')': "fast",
    'has(metadata, \'{"tier": "flex", "n": 10}\')': "",
    'has(metadata, \'{"deep": {"a": {"b": 1}}}\')': "fast",
    'has(metadata, \'{"deep": {"a": {"b": 2}}}\')': "",
    'has(metadata, "{\\"ok\\": false}")': "slow",
    'eq(thread_id, "t1")': "bad fast",
    'eq(feedback_key, "judge")': "slow",
    'and(eq(feedback_key, "user"), eq(feedback_score, 1))': "fast",
    'and(eq(feedback_key, "user"), eq(feedback_score, 0.0))': "slow",
    "eq(feedback_score, 1)": "fast slow",
    'and(eq(input_key, "question"), eq(input_value, "weather"))': "open",
    'and(eq(input_key, "k"), gt(input_value, 3))': "open",
    'search("WEATHER")': "open",
    'search("100%")': "bad",
    'search("%")': "bad",
    'and(gt(latency, 0), or(eq(name, "fast"), and(eq(name, "slow"), eq(metadata_key, "tier"))))': "fast slow",
    'eq(name, "x\' OR 1=1 --")': "",
}


@pytest.mark.parametrize(("text", "names"), CASES.items())
def test_a_filter_selects_exactly(store: Store, text: str, names: str) -> None:
    condition = compile_filter(text)
    with store.read() as connection:
        rows = connection.execute(
            f"SELECT r.name FROM run_view r WHERE {condition.sql}",  # noqa: S608
            condition.parameters,
        ).fetchall()
    assert " ".join(sorted(row["name"] for row in rows)) == names


REFUSED = {
    "": "found the end",
    "name": "must be a comparison",
    "eq(name)": "takes a field and a value",
    'eq("name", name)': "takes a field and a value",
    'eq(name, "x"': "found the end",
    'eq(name, "x"))': "expected the end",
    'eq(name, "x") or eq(name, "y")': "expected the end",
    "eq(name, x)": "takes a field and a value",
    'like(name, "x%")': "function 'like' is not supported",
    'eq(colour, "red")': "field 'colour' is not supported",
    'gt(latency, "soon")': "in seconds",
    'gt(start_time, "soon")': "ISO 8601",
    'gt(total_tokens, "many")': "is a number",
    "gt(latency, null)": "cannot compare with null",
    "in(name, [])": "takes a field and a list",
    "in(name, [eq(name, 'x')])": "only strings",
    "has(metadata, 'x')": "JSON object",
    "has(metadata, '{\"a\": [1]}')": "cannot compare lists",
    "has(colour, 'x')": "has takes tags",
    "search(name)": "search takes one string",
    "and()": "at least one comparison",
    "not(eq(name, 'a'), eq(name, 'b'))": "not takes one comparison",
    "and(neq(metadata_key, 'a'), eq(metadata_value, 'b'))": "cannot be joined",
    "and(eq(feedback_key, 'a'), or(eq(feedback_score, 1), eq(name, 'x')))": "into the same and",
    "eq(name, 'a'); DROP TABLE runs": "cannot be read",
    "eq(name, 'a": "cannot be read",
    "not(" * (MAX_DEPTH + 2) + "eq(name, 'a')" + ")" * (MAX_DEPTH + 2): "nested deeper",
    "eq(name, '" + "a" * 20_000 + "')": "longer than",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_not_understood_is_a_400(text: str, words: str) -> None:
    with pytest.raises(HTTPException) as caught:
        compile_filter(text)
    assert caught.value.status_code == 400
    assert words in caught.value.detail


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (f"in(name, [{','.join(repr(str(number)) for number in range(1500))},'r'])", 1),
        (f"eq(total_tokens, {'9' * 5000})", 0),
        ("lt(total_tokens, 99999999999999999999)", 0),
        ("eq(metadata_value, 99999999999999999999)", 0),
    ],
    ids=["many names", "no number", "beyond 64 bits", "beyond 64 bits in metadata"],
)
def test_long_lists_and_large_numbers_are_no_fault(server: LocalServer, text: str, runs: int) -> None:
    run = {"id": str(uuid.uuid4()), "name": "r", "run_type": "llm"}
    httpx.post(f"{server.url}/runs", json=run).raise_for_status()
    answer = httpx.post(f"{server.url}/runs/query", json={"trace": [run["id"]], "filter": text})
    assert answer.status_code == 200
    assert len(answer.json()["runs"]) == runs


def test_a_filter_without_scope_is_answered_over_http(server: LocalServer) -> None:
    body = {"session": ["00000000-0000-0000-0000-000000000000"], "filter": "like(name, 'x')"}
    answer = httpx.post(f"{server.url}/runs/query", json=body)
    assert answer.status_code == 400
    assert "supported: and, eq" in answer.json()["detail"]


def test_escapes_and_numbers_are_read_as_written() -> None:
    call = parse(r'in(name, ["a\n\"b\"", -1.5e3, 7, true, null])')
    assert call.arguments[1].values == ('a\n"b"', -1500.0, 7, True, None)
