"""A search finds exactly the runs that have all its words, whatever was written, changed and removed before."""

import random
import sqlite3
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException

from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.store import purge, search, search_words, sessions
from langchain_respmeta.local.store.run_parts import part_of
from langchain_respmeta.local.store.selection import Selection
from tests.local import seed

THREAD = "7a7e6f0e-5c1d-4b8e-9b39-2f6c1d0a4e11"


def found(store: Store, text: str) -> set[str]:
    condition = Selection("all", text=text).condition()
    with store.read() as connection:
        rows = connection.execute(
            f"SELECT r.name FROM runs r WHERE {condition.sql}",  # noqa: S608 (made by the store)
            condition.parameters,
        )
        return {row["name"] for row in rows}


def message(text: str, **more: Any) -> dict[str, Any]:
    kwargs = {"content": text, "type": "human", **more}
    return {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", "HumanMessage"],
        "kwargs": kwargs,
    }


RUNS: dict[str, dict[str, Any]] = {
    "alpha": {"metadata": seed.record("openai", "gpt-4o-mini", flat={"response_id": "chatcmpl-Ab12"})},
    "beta": {
        "metadata": {"customer": "Zoë Müller", "thread_id": THREAD, "ticket": 48213},
        "tags": ["night-batch"],
    },
    "gamma": {"error": "RateLimitError('slow down, please')"},
    "delta": {"inputs": {"messages": [[message("Where is the STRASSE to Ærø? 東京タワーはどこですか")]]}},
    "epsilon": {"outputs": seed.answer({"id": "msg_0017"}) | {"note": "ein Straße"}},
    "eta": {
        "inputs": {"message": "run-time trouble of quite some length", "text": "told apart"},
        "metadata": {"thread_id": "run-time of that very thread, at length"},
    },
    "zeta": {"inputs": {"image": {"type": "image", "data": "needle needle"}, "blob": "needle" * 100}},
}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    made = Store()
    seed.store_runs(
        made, [seed.run_body(name=name, at_s=at, **more) for at, (name, more) in enumerate(RUNS.items())]
    )
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("alpha", "alpha"),
        ("ALPHA", "alpha"),
        ("4o-mini", "alpha"),
        ("openai gpt", "alpha"),
        ("gpt openai mini", "alpha"),
        ("openai sonnet", ""),
        ("chatcmpl-ab12", "alpha"),
        ("chatcmpl-ab1", "alpha"),
        ("chatcmp ab12", ""),  # only the last word may go on
        ('"chatcmp"', ""),
        ("zoe muller", "beta"),
        ("48213", "beta"),
        ("night", "beta"),
        (THREAD, "beta"),
        (THREAD[:13], "beta"),
        (THREAD.replace("-", ""), "beta"),
        ("ratelimiterror down", "gamma"),
        ("slow_down", "gamma"),
        ("strasse", "delta epsilon"),
        ("straße ærø", "delta"),
        ("東京", "delta"),
        ("タワー", "delta"),
        ("大阪", ""),
        ("msg_0017", "epsilon"),
        ("trouble apart", "eta"),
        ("very thread", "eta"),
        ("hel", "alpha beta gamma epsilon"),
        ("he", ""),  # too short to go on
        ("needle", ""),  # data, no text
        ("humanmessage", ""),  # a class, no text
        ("---", ""),
        ('" OR NEAR(', ""),
        ("alpha OR beta", ""),  # no operators: words
    ],
)
def test_a_search_finds_runs_by_names_models_ids_errors_tags_metadata_and_texts(
    store: Store, text: str, names: str
) -> None:
    assert found(store, text) == set(names.split())


def test_a_run_is_found_by_the_beginning_of_its_id_and_those_of_a_trace_by_the_traces(store: Store) -> None:
    root = seed.run_body(name="root", run_type="chain", at_s=50)
    seed.store_runs(store, [root, seed.run_body(name="leaf", at_s=51, parent=root)])
    leaf = store.runs(name="leaf")[0]["id"]
    for whole, names in ((leaf, {"leaf"}), (root["id"], {"root", "leaf"})):
        for text in (
            whole,
            whole[:8],
            whole[:11],
            whole.upper(),
            whole.replace("-", "")[:14],
            f"{whole[:8]} hello",
        ):
            assert found(store, text) == names
        assert found(store, f"{whole} openai") == set()


def test_a_search_of_too_many_characters_is_refused(store: Store) -> None:
    with pytest.raises(HTTPException, match="Search for fewer words"):
        found(store, "a" * (search.MOST_CHARACTERS + 1))


WORDS = ["red", "Blue", "GREEN", "gelb", "rosé", "blau-grün", "x1", "x2", "naïve"]


class History:
    """Whatever may happen to runs, by chance."""

    def __init__(self) -> None:
        self.chance, self.store = random.Random(5), Store()  # noqa: S311 (the same in each run of the test)
        self.ids: list[str] = []

    def some(self) -> str:
        return " ".join(self.chance.choices(WORDS, k=3))

    def post(self) -> None:
        body = seed.run_body(
            name=self.some(),
            at_s=self.chance.random() * 1000,
            lasts_s=None,
            project=self.chance.choice("ab"),
            metadata={"mood": self.some()},
            tags=self.some().split(),
            inputs={"q": self.some()},
        )
        self.ids.append(body["id"])
        store_batch(self.store, Batch([part_of("post", body["id"], body)]))

    def patch(self) -> None:
        run_id = self.chance.choice(self.ids or [seed.new_id()])
        more = {
            "outputs": {"a": self.some()},
            "inputs": {"q": self.some()},
            "extra": {"metadata": {"mood": self.some()}},
        }
        sent = {key: more[key] for key in self.chance.sample(sorted(more), 2)}
        changes: dict[str, object] = {**sent, "error": self.chance.choice([None, self.some()])}
        store_batch(self.store, Batch([part_of("patch", run_id, changes)]))

    def purge_old(self) -> None:
        seconds = seed.START.timestamp() + self.chance.random() * 300
        purge.remove(self.store, purge.Purge(before_us=int(seconds * 1e6)))

    def delete_project(self) -> None:
        with self.store.write() as connection:
            row = connection.execute("SELECT id FROM sessions ORDER BY name LIMIT 1").fetchone()
            if row is not None:
                sessions.delete(connection, row["id"])

    def check(self) -> int:
        """Each word has its runs in the index, and no other number; return how many runs there are."""
        fields = ("name", "error", "tags", "inputs", "outputs", "extra")
        words = {
            run["id"]: set(search_words.words_in(repr([run[field] for field in fields])))
            for run in self.store.runs()
        }
        with self.store.read() as connection:
            ids = {row["no"]: row["id"] for row in connection.execute("SELECT no, id FROM runs")}
            assert set(ids.values()) == words.keys()
            for word in search_words.words_in(" ".join(WORDS)):
                rows = connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (f'"{word}"',))
                assert {ids[row[0]] for row in rows} == {run for run in words if word in words[run]}
        return len(ids)


def test_the_index_is_what_the_runs_say_after_any_posts_patches_purges_and_deletions() -> None:
    history = History()
    deeds = (history.post, history.patch, history.purge_old, history.delete_project)
    for step in range(240):
        history.chance.choices(deeds, [10, 10, 1, 0.3])[0]()
        if step % 20 == 19:
            history.check()
    assert history.check() > 10
    assert history.store.give_back_space()
    history.check()
    history.store.close()


def test_runs_of_a_file_without_the_index_are_found_when_it_is_opened_again(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.db"
    monkeypatch.setattr(search, "is_available", lambda: False)  # a Python whose SQLite lacks FTS5
    store = Store(path)
    seed.store_runs(store, seed.agent() + seed.calls())
    assert found(store, "chatanthropic") == {"ChatAnthropic"}
    assert found(store, "slow ratelimit") == {"Chat 6"}
    assert found(store, "claude") == set()  # names and errors alone
    store.close()
    monkeypatch.undo()
    monkeypatch.setattr(search, "_AT_ONCE", 5)
    again = Store(path)
    assert found(again, "claude") == {"agent", "ChatAnthropic", "Chat 1"}
    again.close()
    monkeypatch.setattr(search, "is_available", lambda: False)
    less = Store(path)
    with less.write() as connection:  # removes runs although the index cannot be kept
        connection.execute("DELETE FROM runs WHERE name = 'agent'")
    less.close()
    monkeypatch.undo()
    last = Store(path)
    assert found(last, "claude") == {"ChatAnthropic", "Chat 1"}
    last.close()


def test_an_index_that_was_being_built_is_finished_at_the_next_start(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.db"
    store = Store(path)
    seed.store_runs(store, seed.calls())
    with store.write() as connection:
        connection.execute("UPDATE counters SET value = 0 WHERE name = 'search_version'")
    store.close()
    monkeypatch.setattr(search, "_AT_ONCE", 2)
    pieces = iter(range(2))
    whole = search._index_stored

    def killed(connection: sqlite3.Connection, after: int) -> bool:
        next(pieces)
        return whole(connection, after)

    monkeypatch.setattr(search, "_index_stored", killed)
    with pytest.raises(StopIteration):
        Store(path)
    monkeypatch.setattr(search, "_index_stored", whole)
    again = Store(path)
    assert found(again, "hello") == {f"Chat {n}" for n in range(7)}
    again.close()


def test_the_page_lists_what_a_search_finds(server: LocalServer, http: httpx.Client) -> None:
    seed.store_runs(server.store, seed.calls())
    page = http.get("/", params={"q": "kimi RateLimit"}).text
    assert "accounts/fireworks/models/kimi-k2" in page
    assert "gpt-5-mini</a>" not in page
