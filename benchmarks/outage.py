"""What `submit` costs the caller while LangSmith refuses, hangs, or answers 500 or 429, compared with a healthy one.

Each kind of server is a process of its own, so that only delivery's own threads compete with the caller. Rounds go over
all kinds in turn; a call submits the feedback of one model run with all
rules, to be worked out on the worker's thread.

    python benchmarks/outage.py [--rounds 5] [--calls 400]
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import statistics
import sys
import tempfile
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "langsmith"))

from feedback_server import FeedbackServer
from langsmith import Client

from langchain_respmeta.langsmith import worker
from langchain_respmeta.langsmith.feedback import Target, items_for, rules_for
from langchain_respmeta.langsmith.worker import DeliverySettings

MODES: tuple[str | int, ...] = ("ok", "refuse", "hang", 500, 429)
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


def serve(mode: str | int, pipe: Connection) -> None:
    server = FeedbackServer()
    server.become(mode)
    pipe.send(server.url)
    pipe.recv()


def measure(url: str, client: Client, calls: int) -> dict[str, list[float]]:
    """Microseconds of each call on the clock, and of the calling thread's CPU."""
    times: dict[str, list[float]] = {"wall": [], "cpu": []}
    for _ in range(calls):
        run = uuid4()
        target = Target(run_id=run, trace_id=run, project="default", api_url=url)
        cpu, start = time.thread_time_ns(), time.perf_counter_ns()
        worker.submit(partial(items_for, RULES, VIEW, target, record=dict), client)  # type: ignore[arg-type]
        times["wall"].append((time.perf_counter_ns() - start) / 1e3)
        times["cpu"].append((time.thread_time_ns() - cpu) / 1e3)
        time.sleep(PAUSE_S)
    return times


def one_round(url: str, calls: int) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        worker.configure(DeliverySettings(state_dir=Path(folder), drain_s=0.2))
        client = Client(api_url=url, api_key="benchmark", auto_batch_tracing=False)
        measure(url, client, 20)
        times = measure(url, client, calls)
        worker.close(0.2)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=400)
    asked = parser.parse_args()
    logging.getLogger("langchain_respmeta").setLevel(logging.ERROR)
    context = multiprocessing.get_context("spawn")
    urls: dict[str | int, str] = {}
    pipes = []
    for mode in MODES:
        ours, theirs = context.Pipe()
        context.Process(target=serve, args=(mode, theirs), daemon=True).start()
        urls[mode] = ours.recv()
        pipes.append(ours)
    times: dict[str | int, dict[str, list[float]]] = {mode: {"wall": [], "cpu": []} for mode in MODES}
    for _ in range(asked.rounds):
        for mode in MODES:
            for name, values in one_round(urls[mode], asked.calls).items():
                times[mode][name] += values
    for pipe in pipes:
        pipe.send("enough")
    report(times)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def report(times: dict[str | int, Any]) -> None:
    print(f"{'server':>8} | {'p50':>8} {'p95':>8} {'p99':>8} | p95 to healthy | cpu p50 to healthy")
    healthy = times["ok"]
    for mode, found in times.items():
        wall, cpu = found["wall"], found["cpu"]
        p99 = statistics.quantiles(wall, n=100)[98]
        print(
            f"{mode!s:>8} | {statistics.median(wall):6.1f}us {p95(wall):6.1f}us {p99:6.1f}us"
            f" | {p95(wall) / p95(healthy['wall']):14.2f}"
            f" | {statistics.median(cpu) / statistics.median(healthy['cpu']):18.2f}"
        )


if __name__ == "__main__":
    main()
