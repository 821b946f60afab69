"""Loading the price data: late, in the background, once; following it when it changes; living without it."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest
from genai_prices.data import providers
from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot

from langchain_respmeta.enrich.prices.price import _loader, preload, price
from tests.waiting import CEILING_S

USAGE = {"input_tokens": 1000, "output_tokens": 100}


def run(program: str) -> str:
    """Run a program in a process of its own, where nothing is loaded yet."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)],
        capture_output=True,
        text=True,
        timeout=CEILING_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_does_not_load_the_data() -> None:
    run("""
        import sys
        import langchain_respmeta.enrich.prices.price
        assert not [name for name in sys.modules if name.startswith("genai_prices")]
    """)


def test_no_wait_answers_none_at_once_and_the_price_later() -> None:
    run("""
        from tests.waiting import until
        from langchain_respmeta.enrich.prices.price import _loader, price
        usage = {"input_tokens": 1000, "output_tokens": 100}
        assert price("openai", "gpt-5-mini", usage, wait=False) is None
        assert not _loader.ready, "so it did not wait"
        until(lambda: _loader.ready, "the prices")
        assert price("openai", "gpt-5-mini", usage, wait=False) == price("openai", "gpt-5-mini", usage)
    """)


def test_what_needs_no_data_is_answered_before_it_is_loaded() -> None:
    run("""
        from langchain_respmeta.enrich.prices.price import _loader, price, set_price
        set_price("mine", "m", input_mtok=1, output_mtok=2)
        assert price("mine", "m", {"input_tokens": 1, "output_tokens": 1}, wait=False)["cost.price_version"] == "user"
        assert price("openai", "gpt-5-mini", {}, wait=False) == {"cost.unpriced_reason": "no_usage"}
        assert not _loader.ready
    """)


def test_many_threads_load_once() -> None:
    run("""
        from concurrent.futures import ThreadPoolExecutor
        from langchain_respmeta.enrich.prices.price import preload, price
        usage = {"input_tokens": 1000, "output_tokens": 100}
        preload()
        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda _: str(price("openai", "gpt-5-mini", usage)), range(64)))
        assert len(set(found)) == 1 and "unpriced" not in found[0], found
    """)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_while_loading_leaves_a_working_child() -> None:
    run("""
        import os, signal
        from langchain_respmeta.enrich.prices.price import preload, price
        preload()
        child = os.fork()
        if not child:
            signal.alarm(100)
            cost = price("openai", "gpt-5-mini", {"input_tokens": 1000, "output_tokens": 100})
            os._exit(0 if "cost.total" in cost else 3)
        assert os.waitpid(child, 0)[1] == 0
        assert "cost.total" in price("openai", "gpt-5-mini", {"input_tokens": 1000, "output_tokens": 100})
    """)


def test_without_genai_prices_there_is_a_reason_and_one_warning() -> None:
    out = run("""
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(name)s %(message)s")
        sys.modules["genai_prices"] = None
        from langchain_respmeta.enrich.prices.price import price
        for _ in range(3):
            cost = price("openai", "gpt-5-mini", {"input_tokens": 1000, "output_tokens": 100})
            assert cost == {"cost.unpriced_reason": "prices_unavailable"}, cost
    """)
    assert out.count("langchain_respmeta No costs are computed") == 1


def test_preload_can_be_waited_for() -> None:
    preload(wait=True)
    assert _loader.ready


def test_replaced_price_data_is_followed_and_named() -> None:
    bundled = price("anthropic", "claude-sonnet-4-5", USAGE)
    set_custom_snapshot(
        DataSnapshot([item for item in providers if item.id != "anthropic"], from_auto_update=False)
    )
    try:
        assert price("anthropic", "claude-sonnet-4-5", USAGE) == {"cost.unpriced_reason": "unknown_provider"}
        custom = price("openai", "gpt-5-mini", USAGE)["cost.price_version"]
        set_custom_snapshot(DataSnapshot(list(providers), from_auto_update=True))
        updated = price("openai", "gpt-5-mini", USAGE)["cost.price_version"]
    finally:
        set_custom_snapshot(None)
    assert len({custom, updated, bundled["cost.price_version"]}) == 3
    assert "custom data" in custom
    assert "updated 20" in updated
    assert price("anthropic", "claude-sonnet-4-5", USAGE) == bundled
