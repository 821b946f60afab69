"""What the caller notices while LangSmith refuses, hangs, or answers 500 or 429: nothing is the goal.

Two tables. *The user's calls*: a model that takes some milliseconds to answer and is always cut off, so that every call
has feedback; called without anything, with LangSmith's tracer, and with the tracer and a `RespMetaHandler`, in blocks
that take turns. *Handing feedback over*: what `submit` alone costs the calling thread. Each kind of server is a process of its own, so that only the SDK's and
delivery's own threads compete with the caller; all of them answer 404 for /info.

    python -m benchmarks.outage [--rounds 5] [--calls 400] [--answer-ms 20]
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ["LANGSMITH_TRACING"] = "false"

from langchain_core.outputs import ChatResult
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client

from benchmarks.calls import ChatOpenAI
from langchain_respmeta import RespMetaHandler
from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.service import DeliverySettings
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.langsmith.feedback.rules import Target, items_for, rules_for
from tests.delivery.feedback_server import FeedbackServer

Mode = str | int
MODES: tuple[Mode, ...] = ("ok", "refuse", "hang", 500, 429)
PAUSE_S = 0.001
RULES = rules_for("all")
VIEW = {
    "provider": "openai",
    "model": "gpt-5",
    "finish_reason": "refusal",
    "refused": True,
    "truncated": False,
    "usage.input_tokens": 900,
    "usage.cache_read_tokens": 300,
    "timing.time_to_first_token_s": 0.4,
    "timing.tokens_per_second": 70.0,
    "cost.total": "0.0123",
}


def serve(mode: Mode, pipe: Connection) -> None:
    """A server in a process of its own, until it is told that it was enough."""
    server = FeedbackServer()
    server.become(mode)
    pipe.send(server.url)
    pipe.recv()


def p95(values: list[float]) -> float:
    """95 % of the values are below it."""
    return statistics.quantiles(values, n=20)[18]


# --- the user's calls ------------------------------------------------------------------------------------------------


class Patient(ChatOpenAI):
    """Takes its time, as a provider does, and is cut off."""

    seconds: float = 0.0

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        time.sleep(self.seconds)
        result = super()._generate(*args, **kwargs)
        result.generations[0].message.response_metadata["finish_reason"] = "length"
        return result


Variant = Callable[[Client], list[Any]]
VARIANTS: dict[str, Variant] = {
    "nothing": lambda _: [],
    "tracer": lambda client: [LangChainTracer(client=client)],
    "tracer + handler": lambda client: [LangChainTracer(client=client), RespMetaHandler()],
    '... feedback="all"': lambda client: [LangChainTracer(client=client), RespMetaHandler(feedback="all")],
}


def user_calls(urls: dict[Mode, str], rounds: int, calls: int, seconds: float) -> None:
    """Milliseconds of the user's calls."""
    price.preload()
    model = Patient(seconds=seconds)
    print(
        f"The user's calls, of a model that takes {seconds * 1e3:.0f} ms (ms; ratios to calls without anything)"
    )
    print(f"{'server':>8} | {'callbacks':<18} | {'p50':>6} {'p95':>6} {'p99':>6} | {'p50':>5} {'p95':>5}")
    for mode, url in urls.items():
        times: dict[str, list[float]] = {name: [] for name in VARIANTS}
        with tempfile.TemporaryDirectory() as folder:
            service.configure(DeliverySettings(state_dir=Path(folder), drain_s=0.0))
            configs = {
                name: {"callbacks": make(Client(api_url=url, api_key="benchmark"))}
                for name, make in VARIANTS.items()
            }
            for _ in range(rounds):
                for name, config in configs.items():
                    times[name] += _block(model, config, calls)
        _print_calls(mode, times)


def _block(model: Patient, config: Any, calls: int) -> list[float]:
    """Milliseconds of calls with the same callbacks; the worker, if they have one, ends with them."""
    times = []
    for _ in range(calls + 5):
        start = time.perf_counter_ns()
        model.invoke("hi", config=config)
        times.append((time.perf_counter_ns() - start) / 1e6)
    service.close(0.2)
    return times[5:]


def _print_calls(mode: Mode, times: dict[str, list[float]]) -> None:
    bare = times["nothing"]
    for name, found in times.items():
        p50, p99 = statistics.median(found), statistics.quantiles(found, n=100)[98]
        ratios = f"{p50 / statistics.median(bare):5.2f} {p95(found) / p95(bare):5.2f}"
        print(f"{mode!s:>8} | {name:<18} | {p50:6.2f} {p95(found):6.2f} {p99:6.2f} | {ratios}")


# --- handing feedback over -------------------------------------------------------------------------------------------


def measure(url: str, client: Client, calls: int) -> dict[str, list[float]]:
    """Microseconds of each call on the clock, and of the calling thread's CPU."""
    times: dict[str, list[float]] = {"wall": [], "cpu": []}
    for _ in range(calls):
        run = uuid4()
        target = Target(run_id=run, trace_id=run, project="default", api_url=url)
        cpu, start = time.thread_time_ns(), time.perf_counter_ns()
        service.submit(partial(items_for, RULES, VIEW, target, record=dict), client)  # type: ignore[arg-type]
        times["wall"].append((time.perf_counter_ns() - start) / 1e3)
        times["cpu"].append((time.thread_time_ns() - cpu) / 1e3)
        time.sleep(PAUSE_S)
    return times


def one_round(url: str, calls: int) -> dict[str, list[float]]:
    """With a worker and an outbox of its own."""
    with tempfile.TemporaryDirectory() as folder:
        service.configure(DeliverySettings(state_dir=Path(folder), drain_s=0.2))
        client = Client(api_url=url, api_key="benchmark", auto_batch_tracing=False)
        measure(url, client, 20)
        times = measure(url, client, calls)
        service.close(0.2)
    return times


def hand_overs(urls: dict[Mode, str], rounds: int, calls: int) -> None:
    """Rounds go over all kinds of servers in turn; a call submits the feedback of one model run with all rules."""
    times: dict[Mode, dict[str, list[float]]] = {mode: {"wall": [], "cpu": []} for mode in urls}
    for _ in range(rounds):
        for mode, url in urls.items():
            for name, values in one_round(url, calls).items():
                times[mode][name] += values
    print("Handing the feedback of one run over (µs; ratios to a healthy server)")
    print(f"{'server':>8} | {'p50':>8} {'p95':>8} {'p99':>8} | {'p95':>5} | {'cpu p50':>7}")
    healthy = times["ok"]
    for mode, found in times.items():
        wall, cpu = found["wall"], found["cpu"]
        p99 = statistics.quantiles(wall, n=100)[98]
        print(
            f"{mode!s:>8} | {statistics.median(wall):8.1f} {p95(wall):8.1f} {p99:8.1f}"
            f" | {p95(wall) / p95(healthy['wall']):5.2f}"
            f" | {statistics.median(cpu) / statistics.median(healthy['cpu']):7.2f}"
        )


def main() -> int:
    """Start the servers, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.outage", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--answer-ms", type=float, default=20.0)
    asked = parser.parse_args()
    for name in ("langchain_respmeta", "langsmith"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context = multiprocessing.get_context("spawn")
    urls: dict[Mode, str] = {}
    pipes = []
    for mode in MODES:
        ours, theirs = context.Pipe()
        context.Process(target=serve, args=(mode, theirs), daemon=True).start()
        urls[mode] = ours.recv()
        pipes.append(ours)
    user_calls(urls, asked.rounds, asked.calls // 4, asked.answer_ms / 1e3)
    hand_overs(urls, asked.rounds, asked.calls)
    for pipe in pipes:
        pipe.send("enough")
    # The SDK would try for minutes to deliver its traces to servers that are gone.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
