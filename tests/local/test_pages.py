"""The pages' content, parsed as HTML."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

import httpx
import pytest

from langchain_respmeta.local import LocalServer
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.store.selection import Where, read_where
from tests.local.seed import HOSTILE, agent, calls, record, run_body, store_runs


@pytest.fixture(scope="module")
def seeded() -> Iterator[LocalServer]:
    with LocalServer() as server:
        store_runs(server.store, [*calls(), *agent()])
        yield server


def page(server: LocalServer, path: str, status: int = 200) -> str:
    answer = httpx.get(f"{server.url}{path}", follow_redirects=True)
    assert answer.status_code == status
    assert "StrictUndefined" not in answer.text
    return answer.text


def listed(server: LocalServer, path: str) -> int:
    return page(server, path).count('<tr id="run-')


def run_named(server: LocalServer, name: str, **where: Any) -> str:
    return next(run["id"] for run in server.store.runs(**where) if run["name"] == name)


COUNTS = {
    "/": 9,
    "/?view=traces": 8,
    "/?view=all": 12,
    "/?project=agents": 2,
    "/?project=nothing": 0,
    "/?where=provider=openai": 1,
    "/?where=respmeta_provider=openai": 1,
    "/?where=provider!=openai": 8,
    "/?where=model~CLAUDE": 3,
    "/?where=refused=true": 1,
    "/?where=refused=True": 1,
    "/?where=refused!=true": 8,
    "/?where=input_tokens>=9000": 1,
    "/?where=input_tokens<9000": 8,
    "/?where=cost_usd<=0.0002": 1,
    "/?where=cost_usd=0.0125": 8,
    "/?where=cost_usd=1.25e-2": 8,
    "/?where=service_tier": 2,
    "/?where=service_tier=flex&where=provider=groq": 1,
    "/?where=service_tier=flex&where=provider=openai": 0,
    "/?where=metadata.usage_metadata": 0,
    "/?where=metadata.respmeta_provider=groq": 1,
    "/?key=provider&op=%3D&value=groq": 1,
    "/?key=input_tokens&op=>&value=5000&where=provider=groq": 1,
    "/?where=model=%25": 0,
    "/?where=provider='+OR+1=1+--": 0,
    "/?page=2": 0,
    "/?page=none&view=none&refresh=none": 9,
}


@pytest.mark.parametrize(("path", "runs"), COUNTS.items())
def test_the_list_shows_what_its_address_asks_for(seeded: LocalServer, path: str, runs: int) -> None:
    assert listed(seeded, path) == runs


def test_runs_stand_newest_first(seeded: LocalServer) -> None:
    shown = re.findall(r'<tr id="run-([0-9a-f-]+)"', page(seeded, "/?view=all"))
    starts = {run["id"]: run["start_time"] for run in seeded.store.runs()}
    assert [starts[one] for one in shown] == sorted(starts.values(), reverse=True)


def test_the_summary_adds_up_what_the_filter_leaves(seeded: LocalServer) -> None:
    tiles = re.findall(r'tile-value"[^>]*>([^<]+)<', page(seeded, "/"))
    assert tiles == ["9", "18.6k", "720", "$0.100", "11%", "11%"]
    tiles = re.findall(r'tile-value"[^>]*>([^<]+)<', page(seeded, "/?where=finish_reason=refusal"))
    assert tiles == ["1", "1,200", "80", "$0.0125", "100%", "0%"]
    tiles = re.findall(r'tile-value"[^>]*>([^<]+)<', page(seeded, "/?view=all&project=agents"))
    assert tiles[:4] == ["5", "2,400", "160", "$0.0250"], "a roll-up is not added to the calls below it"


@pytest.mark.parametrize("view", ["calls", "all"])
def test_shares_are_of_the_calls_whatever_else_is_listed(seeded: LocalServer, view: str) -> None:
    tiles = re.findall(r'tile-value"[^>]*>([^<]+)<', page(seeded, f"/?view={view}"))
    assert tiles[-2:] == ["11%"] * 2
    assert re.search(r"\b\d+ of 9\b[^<]* priced", page(seeded, f"/?view={view}"))


def test_a_call_that_failed_before_any_token_is_not_one_without_a_price() -> None:
    failed = {"respmeta_provider": "openai", "respmeta_finish_reason": "error"}
    begun = {**failed, "respmeta_time_to_first_token_s": 0.2}
    with LocalServer() as server:
        runs = [record("openai", "m"), record("openai", "m"), failed, begun]
        store_runs(server.store, [run_body(run_type="llm", metadata=metadata) for metadata in runs])
        for view in ("calls", "all"):
            assert re.search(r"\b2 of 3\b[^<]* priced", page(server, f"/?view={view}"))


def test_a_call_without_a_trace_around_it_is_among_the_traces() -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(run_type="llm", metadata=record("openai", "m"))])
        text = page(server, "/?view=traces")
    assert re.search(r"1 call · m\b", text)
    for key, value in (("model", "m"), ("provider", "openai")):  # it has no sums to be found by
        assert f"view=traces&amp;where={key}%3D{value}" in text


def test_every_shown_value_filters_by_itself(seeded: LocalServer) -> None:
    text = page(seeded, "/")
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/\?[^"]*where=[^"]*)"', text)}
    assert len(links) > 20
    for link in links:
        assert 1 <= listed(seeded, link) <= 9, link


def test_pages_of_the_list_hold_every_run_once() -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(at_s=n, metadata=record("openai", "m")) for n in range(120)])
        shown = [
            one
            for number in (1, 2, 3)
            for one in re.findall(r'<tr id="run-([0-9a-f-]+)"', page(server, f"/?page={number}"))
        ]
        assert len(shown) == len(set(shown)) == 120
        assert 'rel="next"' in page(server, "/?page=2")
        assert 'rel="next"' not in page(server, "/?page=3")


def test_the_form_leads_to_the_plain_address(seeded: LocalServer) -> None:
    query = "key=cost_usd&op=>%3D&value=0.01&where=provider=openai&view=all&project=demo&refresh=5"
    answer = httpx.get(f"{seeded.url}/?{query}")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location == "/?view=all&project=demo&where=provider%3Dopenai&where=cost_usd%3E%3D0.01&refresh=5"


def test_conditions_that_make_no_sense_are_explained(seeded: LocalServer) -> None:
    assert "compares with a number" in page(seeded, "/?where=model>=gpt", 400)
    assert "is no condition" in page(seeded, "/?where==x", 400)
    page(seeded, f"/?refresh={'9' * 5000}")


def test_refresh_is_off_until_it_is_asked_for(seeded: LocalServer) -> None:
    assert 'http-equiv="refresh"' not in page(seeded, "/")
    assert '<meta http-equiv="refresh" content="5">' in page(seeded, "/?refresh=5")
    assert 'http-equiv="refresh"' not in page(seeded, "/?refresh=1")


def test_an_empty_server_says_how_to_send_runs(server: LocalServer) -> None:
    text = page(server, "/")
    for line in ("LANGSMITH_TRACING=true", f"LANGSMITH_ENDPOINT={server.url}", "LANGSMITH_API_KEY=anything"):
        assert f"export {line}" in text
    assert "RespMetaHandler" in text


def test_runs_without_a_record_are_one_click_away(server: LocalServer) -> None:
    store_runs(server.store, [run_body(name="plain")])
    assert "none carries the record" in page(server, "/")
    assert listed(server, "/?view=all") == 1
    assert "No record" in page(server, f"/run/{run_named(server, 'plain')}")


def test_a_run_shows_its_record_in_groups(seeded: LocalServer) -> None:
    text = page(seeded, f"/run/{run_named(seeded, 'Chat 1')}")
    for words in (
        "Outcome",
        "Refusal",
        "Tokens",
        "Cost",
        "Identity",
        "response_metadata",
        "$0.0125",
        "1,280",
    ):
        assert words in text
    error = page(seeded, f"/run/{run_named(seeded, 'Chat 6')}")
    assert "RateLimitError(&#39;slow down&#39;)" in error
    warned = page(seeded, f"/run/{run_named(seeded, 'Chat 3')}")
    assert "input + output is not total" in warned


def test_a_run_shows_its_place_in_the_trace(seeded: LocalServer) -> None:
    root = run_named(seeded, "agent")
    text = page(seeded, f"/run/{root}")
    assert re.findall(r'<li class="depth-(\d)', text) == ["0", "1", "2", "1", "1"]
    assert re.findall(r"</i>([A-Za-z]+)</span>", text) == [
        "agent",
        "model",
        "ChatAnthropic",
        "search",
        "ChatAnthropic",
    ]
    assert "Roll-up" in text
    assert "By model" in text
    child = page(seeded, f"/run/{run_named(seeded, 'search')}")
    assert f'href="/run/{root}"' in child


def test_traces_claim_no_share_of_refusals_which_stand_on_their_calls(server: LocalServer) -> None:
    sums = {"llm_calls": 2, "refused_calls": 1, "finish_reason": "refusal"}
    root = run_body(run_type="chain", metadata={f"respmeta_{key}": value for key, value in sums.items()})
    store_runs(server.store, [root])
    tiles = page(server, "/?view=traces").split('class="tiles"')[1].split("</section>")[0]
    for label in ("Refused", "Truncated"):
        assert f'{label}</span><span class="tile-value">\N{EN DASH}<' in tiles


def test_tiles_say_nothing_of_tokens_that_nobody_told_of(server: LocalServer) -> None:
    for told in (None, 0):
        flat: dict[str, Any] = {} if told is None else {"cache_read_tokens": told, "reasoning_tokens": told}
        flat["response_id"] = str(told)
        run = run_body(metadata=record("openai", "m", flat=flat))
        store_runs(server.store, [run])
        for path in (f"/run/{run['id']}", f"/?where=response_id={told}"):
            text = page(server, path)
            assert ("none from cache" in text) is (told == 0)
            assert ("no reasoning" in text) is (told == 0)


def test_feedback_stands_on_its_run(server: LocalServer) -> None:
    run = run_body(metadata=record("openai", "m"))
    store_runs(server.store, [run])
    body = {"run_id": run["id"], "key": "respmeta_refused", "score": 1, "comment": HOSTILE}
    assert httpx.post(f"{server.url}/feedback", json=body).status_code == 200
    for path in ("/", f"/run/{run['id']}"):
        text = page(server, path)
        assert "refused <b>1</b>" in text
        assert HOSTILE not in text


SCRIPTS = {f'<script src="/assets/{name}.js" defer>' for name in ("times", "keys", "live")}


def test_nothing_that_was_sent_becomes_markup(server: LocalServer) -> None:
    hostile = {
        "name": HOSTILE,
        "run_type": HOSTILE,
        "error": HOSTILE,
        "tags": [HOSTILE],
        "inputs": {HOSTILE: HOSTILE},
        "project": HOSTILE,
        "metadata": record(HOSTILE, HOSTILE, HOSTILE, warnings=[HOSTILE], citations=[{HOSTILE: HOSTILE}])
        | {f"respmeta_{HOSTILE}": HOSTILE},
    }
    run = run_body(**hostile)
    store_runs(server.store, [run])
    for path in ("/", "/?view=all", f"/?where=model={HOSTILE}", f"/run/{run['id']}", f"/run/{HOSTILE}"):
        text = httpx.get(f"{server.url}{path}").text
        assert set(re.findall(r"<script[^>]*>", text)) <= SCRIPTS
        assert "&lt;script&gt;" in text or path.startswith("/run/<")


STRANGE: list[Any] = [
    "text",
    [1],
    None,
    {"usage": "many", "cost": [1], "tool_calls": {"a": 1}, "warnings": "w", "timing": None},
    {"usage": {"input_tokens": "ten", "deep": {"a": [1, {"b": None}]}}, "tool_calls": [1, {}]},
    {"rollup": [1]},
    {"rollup": {"by_model": {"m": 3}, "cost_usd": "NaN"}, "new_field": {"x": 1}},
    {"cost": {"total": "free"}, "created_at": "once", "timing": {"latency_s": True}},
]


@pytest.mark.parametrize("nested", STRANGE, ids=range(len(STRANGE)))
def test_a_record_of_any_shape_is_shown(server: LocalServer, nested: Any) -> None:
    flat = {
        "respmeta_provider": 7,
        "respmeta_cost_usd": "x",
        "respmeta_latency_s": "y",
        "respmeta_refused": "no",
    }
    outputs = {"generations": [[{"message": [1]}], 3, {"text": "t"}]}
    run = run_body(metadata={"respmeta": nested, **flat}, outputs=outputs)
    store_runs(server.store, [run])
    page(server, "/")
    page(server, f"/run/{run['id']}")


@pytest.mark.parametrize("value", [7, 0.5, True, ["m"], {"m": 1}])
def test_a_model_and_provider_of_any_type_are_shown(server: LocalServer, value: Any) -> None:
    run = run_body(
        metadata={"respmeta_provider": value, "respmeta_model": value, "respmeta_tool_name": value}
    )
    store_runs(server.store, [run])
    page(server, f"/run/{run['id']}")


@pytest.mark.parametrize("thread", [{"a": 1}, ["a"], 5, None])
def test_a_thread_of_any_shape_is_no_fault(server: LocalServer, thread: Any) -> None:
    metadata = record("openai", "m", tool_calls=[{"id": "call-1"}]) | {"thread_id": thread}
    run = run_body(metadata=metadata)
    store_runs(server.store, [run])
    page(server, f"/run/{run['id']}")


def test_values_of_an_unknown_field_are_not_lost(server: LocalServer) -> None:
    run = run_body(metadata=record("openai", "m", brand_new={"x": "seen"}, usage="of another shape"))
    store_runs(server.store, [run])
    text = page(server, f"/run/{run['id']}")
    assert "brand new" in text
    assert "of another shape" in text


def test_unknown_addresses_are_pages_for_people_and_json_for_programs(server: LocalServer) -> None:
    assert "There is no run" in page(server, "/run/00000000-0000-0000-0000-000000000000", 404)
    assert "a UUID" in page(server, "/run/xyz", 404)
    assert httpx.get(f"{server.url}/nothing").json()["detail"]


def test_conditions_are_written_as_they_are_read() -> None:
    for text in ("provider=openai", "cost_usd>=0.01", "model~gpt", "refused!=true", "tier", "a.b-c=x=y"):
        assert str(read_where(text)) == text
    assert read_where(" respmeta_model = gpt 4 ") == Where("model", "=", "gpt 4")
    first = PageQuery().with_where("model", "a")
    assert first == "/?where=model%3Da"
    query = PageQuery(where=(Where("model", "=", "a"), Where("cost_usd", ">=", "1")))
    assert query.with_where("model", "b") == "/?where=cost_usd%3E%3D1&where=model%3Db"


@pytest.fixture(scope="module")
def own() -> Iterator[LocalServer]:
    """Runs with metadata of their own, and some under another prefix."""
    with LocalServer() as server:
        store_runs(
            server.store,
            [
                run_body(
                    at_s=n, metadata={**record("openai", "m"), "project": "atlas", "team size": 3, "n": n}
                )
                for n in range(60)
            ],
        )
        yield server


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        ("/?where=project=atlas", 50),
        ("/?key=project&op=%3D&value=atlas", 50),
        ("/?where=metadata.project=atlas", 50),
        ("/?where=project=other", 0),
        ("/?where=project!=atlas", 0),
        ("/?where=project", 50),
        ("/?where=n>=55", 5),
    ],
)
def test_metadata_of_ones_own_is_filtered_by_its_plain_name(own: LocalServer, path: str, runs: int) -> None:
    assert listed(own, path) == runs


def test_the_form_offers_the_keys_of_the_record_and_ones_own(own: LocalServer) -> None:
    offered = re.findall(r'<option value="([^"]+)">', page(own, "/"))
    assert {"finish_reason", "project", "n"} <= set(offered)


def test_a_page_beyond_the_end_says_so_and_links_to_the_last(own: LocalServer) -> None:
    text = page(own, "/?page=99999&where=project=atlas")
    assert "There is no page 99,999" in text
    assert "none carries the record" not in text
    assert "No run matches" not in text
    (link,) = re.findall(r'href="([^"]+)">go to the last one', text)
    assert listed(own, link.replace("&amp;", "&")) == 10


@pytest.mark.parametrize("prefix", ["acme", "a<b>", "my_own"])
def test_records_under_another_prefix_are_named_as_such(prefix: str) -> None:
    with LocalServer() as server:
        flat = {
            f"{prefix}_{key.removeprefix('respmeta_')}": value for key, value in record("openai", "m").items()
        }
        store_runs(server.store, [run_body(metadata={**flat, f"{prefix}_schema_version": "1.0"})])
        text = page(server, "/")
    assert "stand under another prefix" in text
    assert f"<code>{escape(prefix)}</code>" in text
    assert "none carries the record" not in text


def test_one_run_fills_one_page() -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(metadata=record("openai", "m"))])
        assert "1 run fills 1 page" in page(server, "/?page=7")


def test_runs_without_any_record_are_told_how_to_get_one() -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(metadata={"project": "atlas"})])
        assert "none carries the record" in page(server, "/")


def test_the_sums_by_model_show_each_model_s_cost() -> None:
    sums = {"llm_calls": 1, "input_tokens": 10, "cost_usd": 0.0125}
    rollup = {"llm_calls": 2, "cost_usd": 0.0375, "by_model": {"m": sums, "n": {**sums, "cost_usd": 0.025}}}
    with LocalServer() as server:
        metadata = {"respmeta_llm_calls": 2, "respmeta": {"rollup": rollup}}
        store_runs(server.store, [run_body(name="root", run_type="chain", metadata=metadata)])
        text = page(server, f"/run/{run_named(server, 'root')}")
    table = text[text.index("By model") :]
    assert "$0.0125" in table
    assert "$0.025" in table
