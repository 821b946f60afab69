"""The look-up itself: retries, limits, bounds, and a key that is never shown."""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any
from weakref import ref

import pytest
from pydantic import SecretStr

from langchain_respmeta import RunStart
from langchain_respmeta.enrich.openrouter.enricher import Lookups, OpenRouterEnricher
from langchain_respmeta.errors import MissingExtraError, SettingsError
from tests.enrich.openrouter.generation_server import GENERATION, KEY, GenerationServer, Says
from tests.waiting import CEILING_S, until

Make = Callable[..., OpenRouterEnricher]


class Asked:
    """The result of a look-up, and its thread."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.threads: list[str] = []

    def __call__(self, facts: Any) -> None:
        self.told.append(facts)
        self.threads.append(threading.current_thread().name)


def look_up(enricher: OpenRouterEnricher, response_id: str = "gen-1", **draft: Any) -> Asked:
    asked = Asked()
    enricher.look_up({"response_id": response_id, "provider": "openrouter", **draft}, asked)
    return asked


def test_a_generation_that_is_not_there_yet_is_asked_for_again(server: GenerationServer, make: Make) -> None:
    server.default = [Says(404), Says(404), Says()]
    enricher = make()
    asked = look_up(enricher)
    assert enricher.flush(CEILING_S)
    assert asked.told[0]["routing.upstream_provider"] == "Infermatic"
    assert len(server.asked) == 3
    assert server.keys == {f"Bearer {KEY}"}
    assert enricher.lookups == Lookups(found=1)


def test_an_enricher_that_nobody_holds_any_more_leaves_no_connection_open(server: GenerationServer) -> None:
    enricher = OpenRouterEnricher(KEY, base_url=server.url)
    asked = look_up(enricher)
    until(lambda: bool(asked.told), "the generation")
    used = enricher._client
    assert used is not None
    assert not used.is_closed
    enricher._close()
    gone = ref(enricher)
    del enricher

    def is_collected() -> bool:
        gc.collect()
        return gone() is None

    until(is_collected, "that the enricher is freed")
    assert used.is_closed


@pytest.mark.parametrize(("length", "wanted"), [(0, False), (1, True), (200, True), (201, False)])
def test_an_id_of_no_sensible_length_is_not_asked_for(make: Make, length: int, *, wanted: bool) -> None:
    draft = {"response_id": "x" * length, "provider": "openrouter"}
    assert make().wants(draft, RunStart()) is wanted


def test_the_waits_between_tries_double(server: GenerationServer, make: Make) -> None:
    server.default = [*[Says(404)] * 4, Says()]
    enricher = make(first_backoff_s=0.1)
    look_up(enricher)
    assert enricher.flush(CEILING_S)
    times = server.times("gen-1")
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert all(wait >= 0.05 * 2**number for number, wait in enumerate(waits)), waits


def test_nothing_of_it_happens_on_the_callers_thread(make: Make) -> None:
    asked = look_up(enricher := make())
    assert enricher.flush(CEILING_S)
    assert asked.threads[0].startswith("respmeta-openrouter-")


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_429_waits_as_long_as_it_is_told_and_for_all(server: GenerationServer, make: Make, form: str) -> None:
    later = datetime.now(UTC) + timedelta(seconds=2)
    told = "1" if form == "seconds" else format_datetime(later, usegmt=True)
    server.script["gen-1"] = [Says(429, headers={"Retry-After": told}), Says()]
    enricher = make()
    one = look_up(enricher)
    until(lambda: enricher._queue._breaker.failures == 1, "the answer that it is too much")
    two = look_up(enricher, "gen-2")
    assert enricher.flush(CEILING_S)
    assert one.told[0]
    assert two.told[0]
    first, *rest = [at for at, _ in server.asked]
    if form == "seconds":
        assert min(rest) - first >= 0.95
    else:
        assert min(rest) + time.time() - time.monotonic() >= int(later.timestamp()) - 0.05


def test_a_limit_beyond_the_longest_wait_gives_up(server: GenerationServer, make: Make) -> None:
    server.default = [Says(429, headers={"Retry-After": "3600"})]
    enricher = make(max_wait_s=2.0)
    asked = look_up(enricher)
    assert enricher.flush(CEILING_S)
    assert asked.told == [None]
    assert len(server.asked) <= 1
    assert enricher.lookups == Lookups(given_up=1)


@pytest.mark.parametrize(
    "says",
    [
        Says(500),
        Says(503, headers={"Retry-After": "0"}),
        Says(body=b"<html>not JSON</html>"),
        Says(body=b'{"data": {"latency": NaN}}'),
        Says(body=b"[" * 100_000),
        Says(body=b'{"data": [1]}'),
        Says(body=b'{"detail": "nothing"}'),
        Says(changes={"id": "gen-of-somebody-else"}),
        Says(body=b" " * 300_000),
        Says(408),
    ],
    ids=["500", "503", "html", "nan", "nested", "list", "other shape", "wrong id", "too large", "408"],
)
def test_a_server_in_trouble_is_asked_again_and_nothing_wrong_gets_in(
    server: GenerationServer, make: Make, says: Says
) -> None:
    server.default = [says, says, Says()]
    enricher = make()
    asked = look_up(enricher)
    assert enricher.flush(CEILING_S)
    assert len(server.asked) == 3
    assert asked.told[0]["response_id"] == "gen-1"


@pytest.mark.parametrize("says", [Says(hang=True), Says(trickle=True)], ids=["hang", "trickle"])
def test_a_server_that_holds_a_request_holds_it_for_a_bounded_time(
    server: GenerationServer, make: Make, says: Says
) -> None:
    server.default = [says, Says()]
    asked = look_up(enricher := make(timeout_s=1.0))
    assert enricher.flush(CEILING_S)
    assert asked.told[0], "the server lets go of the first request only after the test"


def test_one_request_that_hangs_does_not_hold_up_the_others(server: GenerationServer, make: Make) -> None:
    server.script["gen-slow"] = [Says(hang=True)]
    enricher = make(timeout_s=10 * CEILING_S, max_wait_s=10 * CEILING_S)
    look_up(enricher, "gen-slow")
    others = [look_up(enricher, "gen-at-once")]  # before the first thread had taken anything
    until(lambda: bool(others[0].told), "another one")
    others += [look_up(enricher, f"gen-{number}") for number in range(20)]
    until(lambda: all(other.told for other in others), "the others")


def test_what_is_never_there_is_given_up_in_time(server: GenerationServer, make: Make) -> None:
    server.default = [Says(404)]
    enricher = make(max_wait_s=0.6)
    asked = look_up(enricher)
    assert enricher.flush(CEILING_S)
    assert asked.told == [None]
    assert enricher.lookups == Lookups(given_up=1)


def test_a_key_that_is_not_taken_ends_the_look_up_and_is_told_once(
    server: GenerationServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.default = [Says(401)]
    enricher = make()
    asked = look_up(enricher)
    until(lambda: asked.told == [None], "the refusal")
    look_up(enricher, "gen-2")
    time.sleep(0.3)
    assert len(server.asked) == 1, "a key that is not taken is not tried over and over"
    assert sum("does not take the key" in record.getMessage() for record in caplog.records) == 1


def test_other_refusals_end_the_look_up(server: GenerationServer, make: Make) -> None:
    server.default = [Says(400)]
    asked = look_up(enricher := make())
    assert enricher.flush(CEILING_S)
    assert asked.told == [None]
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed_for_it_would_take_the_key_along(
    server: GenerationServer, make: Make
) -> None:
    with GenerationServer() as elsewhere:
        server.default = [Says(302, headers={"Location": f"{elsewhere.url}/generation?id=gen-1"})]
        asked = look_up(enricher := make())
        assert enricher.flush(CEILING_S)
        assert asked.told == [None]
        assert elsewhere.asked == []


def test_the_queue_is_bounded_and_says_what_it_leaves_out(
    server: GenerationServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.default = [Says(404)]
    enricher = make(max_pending=5, first_backoff_s=30.0, max_wait_s=60.0)
    asked = [look_up(enricher, f"gen-{number}") for number in range(8)]
    assert [one.told for one in asked[5:]] == [[None]] * 3
    assert (enricher.lookups.waiting, enricher.lookups.dropped) == (5, 3)
    assert sum("new ones are left out" in record.getMessage() for record in caplog.records) == 1


def test_the_rate_is_limited(server: GenerationServer, make: Make) -> None:
    enricher = make(requests_per_minute=1_200)  # a burst of 150, then 20 a second
    began = time.monotonic()
    for number in range(160):
        look_up(enricher, f"gen-{number}")
    assert enricher.flush(CEILING_S)
    assert len(server.asked) == 160
    assert time.monotonic() - began >= 0.3


def test_many_at_once_are_all_found_by_a_few_threads(server: GenerationServer, make: Make) -> None:
    enricher = make()
    asked = [look_up(enricher, f"gen-{number}") for number in range(300)]
    assert enricher.flush(CEILING_S)
    assert [one.told[0]["response_id"] for one in asked] == [f"gen-{number}" for number in range(300)]
    assert len({thread for one in asked for thread in one.threads}) <= 4
    assert server.most_at_once <= 4
    assert enricher.lookups == Lookups(found=300)


def test_threads_are_daemons_and_leave_when_there_is_nothing_to_do(
    server: GenerationServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_respmeta.enrich.openrouter.lookups._IDLE_S", 0.1)
    server.default = [Says(hang=True), Says()]
    enricher = make()
    look_up(enricher)
    mine = [thread for thread in threading.enumerate() if thread.name.startswith("respmeta-openrouter")]
    assert mine
    assert all(thread.daemon for thread in mine)
    server.released.set()
    assert enricher.flush(CEILING_S)
    until(lambda: not any(thread.is_alive() for thread in mine), "their end")
    asked = look_up(enricher, "gen-2")
    assert enricher.flush(CEILING_S)
    assert asked.told[0], "and come back"


# --- the key -----------------------------------------------------------------------------------------------------------


def test_the_key_is_in_no_log_record_and_no_repr(
    server: GenerationServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for says in (
        Says(404),
        Says(401),
        Says(500),
        Says(hang=True),
        Says(body=b"{"),
        Says(changes={"latency": "x"}),
    ):
        server.script[f"gen-{says}"] = [says]
        enricher = make(timeout_s=0.2, max_wait_s=0.3)
        look_up(enricher, f"gen-{says}")
        assert enricher.flush(CEILING_S)
        assert KEY not in repr(enricher)
        assert KEY not in str(vars(enricher))
    told = [
        f"{record.getMessage()} {record.args} {record.exc_text} {record.exc_info}"
        for record in caplog.records
    ]
    assert told
    assert not [line for line in told if KEY in line]


@pytest.mark.parametrize("key", [f"{KEY}\nX-Evil: 1", f"{KEY} and more", f"{KEY}é", "", "  ", 5])
def test_an_unusable_key_is_refused_without_being_shown(key: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        OpenRouterEnricher(key)
    assert caught.value.setting == "api_key"
    assert KEY not in str(caught.value)


def test_the_key_comes_from_the_argument_or_the_environment(
    server: GenerationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="OPENROUTER_API_KEY"):
        OpenRouterEnricher()
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-env")
    for given, sent in (
        (None, "sk-or-env"),
        (SecretStr("sk-or-arg"), "sk-or-arg"),
        (" sk-or-text\n", "sk-or-text"),
    ):
        enricher = OpenRouterEnricher(given, base_url=server.url)
        look_up(enricher)
        assert enricher.flush(CEILING_S)
        assert f"Bearer {sent}" in server.keys


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "openrouter.ai"),
        ("base_url", "ftp://openrouter.ai"),
        ("base_url", None),
        ("wait_s", -1),
        ("wait_s", float("inf")),
        ("max_wait_s", "long"),
        ("max_pending", 0),
        ("requests_per_minute", 0),
        ("timeout_s", 0),
        ("drain_s", True),
    ],
)
def test_settings_that_cannot_be_used_are_named(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        OpenRouterEnricher(KEY, **{name: value})
    assert caught.value.setting == name


def test_without_httpx_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langchain_respmeta.enrich.openrouter.enricher.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[openrouter\]"):
        OpenRouterEnricher(KEY)


# --- what is wanted ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "base_url", "wanted"),
    [
        ({"provider": "openrouter", "response_id": "gen-1"}, None, True),
        ({"provider": "openai", "response_id": "gen-1"}, "http://gateway:8080/api/v1", True),
        ({"provider": "openai", "response_id": "gen-1"}, "http://user@gateway:8080/other", True),
        ({"provider": "openai", "response_id": "gen-1"}, "http://gateway:9090/api/v1", False),
        ({"provider": "openai", "response_id": "gen-1"}, "http://[broken", False),
        ({"provider": "openai", "response_id": "chatcmpl-1"}, None, False),
        ({"provider": "openrouter"}, None, False),
        ({"provider": "openrouter", "response_id": "g" * 201}, None, False),
        ({"provider": "openrouter", "response_id": "gen-1", "langchain_cache_hit": True}, None, False),
    ],
)
def test_answers_of_openrouter_are_looked_up_and_no_others(
    draft: dict[str, Any],
    base_url: str | None,
    wanted: bool,  # noqa: FBT001
) -> None:
    enricher = OpenRouterEnricher(KEY, base_url="http://gateway:8080/api/v1")
    assert enricher.wants(draft, RunStart(base_url=base_url)) is wanted


# --- exits, forks ------------------------------------------------------------------------------------------------------


_PROGRAM = """
import sys, time
from langchain_respmeta.enrich.openrouter.enricher import OpenRouterEnricher
enricher = OpenRouterEnricher(
    "sk-or-x", base_url=sys.argv[1], first_backoff_s=0.2, drain_s=float(sys.argv[2]), max_wait_s=3600, timeout_s=3600
)
def done(facts):
    print("found" if facts else "none", flush=True)
enricher.look_up({"response_id": "gen-1", "provider": "openrouter"}, done)
"""


def _exit(server: GenerationServer, drain_s: float) -> list[str]:
    """The output of a program that ends while a look-up is under way which may take an hour."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, server.url, str(drain_s)],
        capture_output=True,
        text=True,
        timeout=2 * CEILING_S,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_the_exit_waits_for_what_is_under_way(server: GenerationServer) -> None:
    server.default = [Says(404), Says()]
    assert _exit(server, CEILING_S) == ["found"]


@pytest.mark.parametrize("says", [Says(404), Says(hang=True)], ids=["not there", "hang"])
def test_the_exit_does_not_wait_for_longer_than_it_may(server: GenerationServer, says: Says) -> None:
    server.default = [says]
    assert "found" not in _exit(server, 0.5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_with_nothing_and_works(server: GenerationServer, make: Make) -> None:
    server.script["gen-parent"] = [Says(hang=True)]
    enricher = make(timeout_s=10 * CEILING_S, max_wait_s=10 * CEILING_S)
    look_up(enricher, "gen-parent")
    until(lambda: len(server.asked) == 1, "the parent's request")
    child = os.fork()
    if child == 0:
        signal.alarm(int(CEILING_S))
        asked = look_up(enricher, "gen-child")
        fine = enricher.flush(CEILING_S) and bool(asked.told[0]) and enricher.lookups == Lookups(found=1)
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert enricher.lookups == Lookups(waiting=1)


def test_the_servers_example_is_the_page() -> None:
    assert len(GENERATION) == 31
