"""What lists count and sum: always what a recount of the stored runs gives, however they came and went."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest

from langchain_respmeta.local import Store, times
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.store import listing, sessions
from langchain_respmeta.local.store.purge import Purge, remove
from langchain_respmeta.local.store.run_parts import part_of
from langchain_respmeta.local.store.selection import Selection, View, read_where
from langchain_respmeta.local.store.tally import Tally, own_keys, tally_of, values_of
from tests.local.seed import START, record, run_body

DAY_US = 86_400_000_000
BEGIN_US = int(START.timestamp() * 1e6)
SUMS = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.close()


def some_run(dice: random.Random, parent: dict[str, Any] | None = None) -> dict[str, Any]:
    """A run with or without a record, of one of some projects, days, models and ways to end."""
    metadata: dict[str, Any] = {"user_id": dice.choice(("ada", "bo", "cy")), "score": dice.randrange(4)}
    if dice.random() < 0.8:
        flat = {
            "input_tokens": dice.choice((None, 7, 1200, 10**13)),
            "output_tokens": dice.choice((None, 0, 80)),
            "cache_read_tokens": dice.choice((None, 0, 5)),
            "cost_usd": dice.choice((None, 0, 0.0125, 3.75e-08, 1.1)),
            "service_tier": dice.choice((None, "flex")),
            "cache_hit": dice.choice((None, None, True)),
        }
        finish = dice.choice(("stop", "length", "refusal", "error"))
        made = record(dice.choice(("openai", "groq")), dice.choice(("m-1", "m-2")), finish)
        made |= {f"respmeta_{key}": value for key, value in flat.items()}
        metadata |= {key: value for key, value in made.items() if value is not None}
    return run_body(
        at_s=dice.randrange(4 * 86_400) + dice.random(),
        parent=parent,
        project=dice.choice(("a", "b")),
        metadata=metadata,
        tags=dice.sample(("prod", "test", "old"), dice.randrange(3)),
        error=dice.choice((None, None, "failed")),
    )


def write(store: Store, dice: random.Random) -> None:
    """Runs in one part, or started in one batch and finished in another."""
    posts, patches = [], []
    parent = None
    for _ in range(dice.randrange(1, 12)):
        run = some_run(dice, parent if dice.random() < 0.4 else None)
        parent = run
        if dice.random() < 0.5:
            posts.append(part_of("post", run["id"], run))
            continue
        early = {
            **run,
            "end_time": None,
            "error": None,
            "extra": {"metadata": {"user_id": "nobody", "early": "yes"}},
        }
        posts.append(part_of("post", run["id"], early))
        patches.append(part_of("patch", run["id"], run))
    store_batch(store, Batch(posts))
    if patches:
        store_batch(store, Batch(patches))


def take_away(store: Store, dice: random.Random) -> None:
    """What is older than some day, of a project or of all; or a whole project."""
    with store.read() as connection:
        projects = [row["id"] for row in connection.execute("SELECT id FROM sessions ORDER BY name")]
    if dice.random() < 0.3 and projects:
        with store.write() as connection:
            sessions.delete(connection, dice.choice(projects))
        return
    before = BEGIN_US + dice.randrange(-1, 4) * DAY_US
    remove(store, Purge(before_us=before, session_id=dice.choice((None, *projects))))


def recount(store: Store, selection: Selection) -> Tally:
    """The same from the stored runs, one by one, in the plainest way."""
    found = Tally()
    values: dict[str, Counter[str]] = {}
    with store.read() as connection:
        projects = {row["id"]: row["name"] for row in connection.execute("SELECT id, name FROM sessions")}
    for run in store.runs():
        run["project"] = projects[run["session_id"]]
        metadata = run["extra"]["metadata"]
        flat = {key.removeprefix("respmeta_"): value for key, value in metadata.items()}
        is_call = "respmeta_provider" in metadata
        if not _is_meant(run, metadata, selection, is_call=is_call):
            continue
        found.runs += 1
        found.errors += run["status"] == "error"
        for key in ("provider", "model", "finish_reason", "service_tier", "refused"):
            if f"respmeta_{key}" in metadata:
                value = flat[key]
                text = str(value).lower() if isinstance(value, bool) else value
                values.setdefault(key, Counter())[text] += 1
        if selection.view == "all" and not is_call:
            continue
        found.summed += 1
        found.refused += flat.get("refused") is True
        found.truncated += flat.get("truncated") is True
        known = [flat.get(key) for key in ("input_tokens", "output_tokens", "total_tokens", "cost_usd")]
        is_cached = flat.get("cache_hit") is True and flat.get("cost_usd") is None
        is_free = is_call and (is_cached or (flat.get("finish_reason") == "error" and known == [None] * 4))
        found.billable += not is_free
        found.priced += flat.get("cost_usd") is not None
        for key in SUMS:
            if flat.get(key) is not None:
                found.sums[key] = found.sums.get(key, 0) + flat[key]
        if flat.get("cache_read_tokens") is not None:
            found.cacheable_tokens += flat.get("input_tokens") or 0
        if flat.get("cost_usd") is not None:
            found.cost_usd = (found.cost_usd or Decimal(0)) + Decimal(repr(flat["cost_usd"]))
    found.values = {key: sorted(c.items(), key=lambda pair: (-pair[1], pair[0])) for key, c in values.items()}
    return found


def _is_meant(run: dict[str, Any], metadata: dict[str, Any], selection: Selection, *, is_call: bool) -> bool:
    start = times.parse(run["start_time"])
    views: dict[View, bool] = {
        "calls": is_call,
        "all": True,
        "traces": is_call and run["parent_run_id"] is None,
    }
    if not views[selection.view] or (selection.project is not None and run["project"] != selection.project):
        return False
    if selection.since_us is not None and start < selection.since_us:
        return False
    if selection.until_us is not None and start >= selection.until_us:
        return False
    for where in selection.where:
        value = metadata.get(f"respmeta_{where.key}", metadata.get(where.key))
        is_equal = str(value) == where.value
        if is_equal is (where.operator == "!="):
            return False
    return True


SELECTIONS = [
    Selection(view=view, project=project, since_us=since, until_us=until, where=where)
    for view in ("calls", "all", "traces")
    for project, since, until, where in (
        (None, None, None, ()),
        ("a", None, None, ()),
        (None, BEGIN_US + DAY_US, None, ()),
        (None, BEGIN_US + 7, BEGIN_US + 3 * DAY_US + 5, (read_where("provider=groq"),)),
        (None, BEGIN_US + 100, BEGIN_US + 2000 * 10**6, ()),
        ("b", None, BEGIN_US + 2 * DAY_US, (read_where("model!=m-1"), read_where("user_id=ada"))),
        (None, None, None, (read_where("service_tier=flex"), read_where("finish_reason!=stop"))),
        (None, None, None, (read_where("score=2"),)),
        (None, None, None, (read_where("score!=2"), read_where("user_id!=bo"))),
        ("a", None, None, (read_where("user_id=ada"), read_where("score!=2"), read_where("early!=yes"))),
    )
]


@pytest.mark.parametrize("seed", range(3))
def test_counts_and_sums_are_those_of_a_recount(store: Store, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(6):
        for _ in range(4):
            write(store, dice)
        if dice.random() < 0.6:
            take_away(store, dice)
        for selection in SELECTIONS:
            with store.read() as connection:
                found = tally_of(connection, selection)
            expected = recount(store, selection)
            for name in (
                "runs",
                "errors",
                "summed",
                "refused",
                "truncated",
                "billable",
                "priced",
                "cost_usd",
            ):
                assert getattr(found, name) == getattr(expected, name), (name, selection)
            assert found.sums == pytest.approx(expected.sums), selection
            assert found.cacheable_tokens == expected.cacheable_tokens
            told = {key: found.values[key] for key in expected.values}
            assert told == expected.values, selection
            assert sum(one.runs for one in found.models) == found.summed
            assert sum(one.cost_usd or 0 for one in found.models) == (found.cost_usd or 0)


def test_money_is_summed_exactly(store: Store) -> None:
    made = []
    for number in range(1, 2001):
        metadata = record("openai", "m", flat={"cost_usd": number / 10**7})
        made.append(run_body(metadata=metadata))
    store_batch(store, Batch([part_of("post", run["id"], run) for run in made]))
    with store.read() as connection:
        assert tally_of(connection, Selection()).cost_usd == Decimal("0.2001")


def test_a_call_that_a_cache_answered_lacks_no_price(store: Store) -> None:
    flat: dict[str, Any] = {"cost_usd": None, "cache_hit": True}
    kept = {key: value for key, value in record("openai", "m", flat=flat).items() if value is not None}
    run = run_body(metadata=kept)
    store_batch(store, Batch([part_of("post", run["id"], run)]))
    with store.read() as connection:
        found = tally_of(connection, Selection())
    assert (found.billable, found.priced) == (0, 0)
    assert [one.unpriced for one in found.models] == [0]


def test_the_writer_may_be_asked_and_goes_on_writing(store: Store) -> None:
    selection, dice = Selection(view="all", where=(read_where("user_id!=nobody"),)), random.Random(1)  # noqa: S311 - no secret
    counted = []
    for _ in range(2):
        write(store, dice)
        with store.write() as connection:
            counted.append(tally_of(connection, selection).runs)
    assert 0 < counted[0] < counted[1] == len(store.runs())


def test_runs_are_sorted_by_any_number_and_those_without_it_come_last(store: Store) -> None:
    dice = random.Random(5)  # noqa: S311 - no secret
    for _ in range(12):
        write(store, dice)
    for sort in listing.SORTS:
        for least_first in (False, True):
            with store.read() as connection:
                rows = listing.rows_of(
                    connection, Selection(), sort=sort, least_first=least_first, limit=1000
                )
                pages = [
                    row["id"]
                    for start in range(0, len(rows), 7)
                    for row in listing.rows_of(
                        connection, Selection(), sort=sort, least_first=least_first, limit=7, offset=start
                    )
                ]
            assert pages == [row["id"] for row in rows], "pages continue each other"
            if sort in ("start", "cost_usd", "input_tokens"):
                told = [_told(row["extra"], sort) if sort != "start" else row["start_us"] for row in rows]
                known = [value for value in told if value is not None]
                assert told == known + [None] * (len(told) - len(known))
                assert known == sorted(known, reverse=not least_first)


def _told(extra: str, key: str) -> float | None:
    value: float | None = orjson.loads(extra)["metadata"].get(f"respmeta_{key}")
    return value


def test_own_keys_and_tags_are_counted_and_words_of_removed_runs_are_forgotten(store: Store) -> None:
    made = [
        run_body(metadata={**record("openai", "m"), "user_id": user}, tags=tags, project=user)
        for user, tags in (("ada", ["prod", "x"]), ("ada", ["prod"]), ("bo", []))
    ]
    store_batch(store, Batch([part_of("post", run["id"], run) for run in made]))
    with store.read() as connection:
        assert values_of(connection, Selection(), "user_id") == [("ada", 2), ("bo", 1)]
        assert values_of(connection, Selection(), "tags") == [("prod", 2), ("x", 1)]
        assert values_of(connection, Selection(where=(read_where("tags=x"),)), "user_id") == [("ada", 1)]
        assert own_keys(connection, "respmeta_") == ["user_id"]
        (project,) = connection.execute("SELECT id FROM sessions WHERE name = 'ada'").fetchone()
    with store.write() as connection:
        sessions.delete(connection, project)
    with store.read() as connection:
        words = {row["text"] for row in connection.execute("SELECT text FROM words")}
        assert {"bo", "openai"} <= words
        assert not words & {"ada", "prod", "x"}
        assert values_of(connection, Selection(), "user_id") == [("bo", 1)]
        (kinds,) = connection.execute("SELECT count(*) FROM kinds").fetchone()
        assert kinds == 1


def test_a_text_with_any_sign_is_found_again(store: Store) -> None:
    odd = "a\x00b' \" \\ \u202e \U0001f600"
    run = run_body(metadata={**record("openai", "m"), "note": odd, str(uuid.UUID(int=0)): "k"})
    store_batch(store, Batch([part_of("post", run["id"], run)]))
    with store.read() as connection:
        assert values_of(connection, Selection(), "note") == [(odd, 1)]
        assert tally_of(connection, Selection(where=(read_where(f"note={odd}"),))).runs == 1
