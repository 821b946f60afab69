"""What pricing one call costs: ours against `genai_prices.calc_price`, interleaved in one process.

    python benchmarks/pricing.py

Ratios hold on any machine, microseconds only on this one.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter, process_time

ROUNDS = 30
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CASES = {
    "gpt-5-mini, cache and reasoning": (
        "openai", "openai", "gpt-5-mini", None,
        {"input_tokens": 1000, "output_tokens": 200, "cache_read_tokens": 600, "reasoning_tokens": 120},
    ),
    "gpt-5-mini, flex (dated rates)": (
        "openai", "openai", "gpt-5-mini", "flex",
        {"input_tokens": 1000, "output_tokens": 200, "cache_read_tokens": 600, "reasoning_tokens": 120},
    ),
    "Sonnet 4.5, writes by lifetime": (
        "anthropic", "anthropic", "claude-sonnet-4-5", None,
        {"input_tokens": 3100, "output_tokens": 500, "cache_read_tokens": 1000, "cache_write_tokens": 2000,
         "cache_write_5m_tokens": 1000, "cache_write_1h_tokens": 1000},
    ),
    "Gemini 2.5 Pro, 250k": ("gcp.gemini", "google", "gemini-2.5-pro", None, {"input_tokens": 250_000, "output_tokens": 1000}),
    "unknown model": ("openai", "openai", "gpt-99", None, {"input_tokens": 1000, "output_tokens": 200}),
}  # fmt: skip


def per_call(run: Callable[[], object], calls: int) -> float:
    """Microseconds of CPU for one call."""
    start = process_time()
    for _ in range(calls):
        run()
    return (process_time() - start) / calls * 1e6


def main() -> None:
    """Print one row a case, and what loading costs."""
    start = perf_counter()
    from genai_prices import Usage, calc_price

    from langchain_respmeta.enrich.prices.price import preload, price

    preload(wait=True)
    print(f"loading the price data: {(perf_counter() - start) * 1e3:.0f} ms, once, on a thread of its own\n")
    print(f"{'case':34} {'ours µs':>9} {'calc_price µs':>14} {'ratio':>7}")
    for name, (provider, genai_id, model, tier, usage) in CASES.items():
        theirs_usage = {
            ("output_" + key if key == "reasoning_tokens" else key): count for key, count in usage.items()
        }
        context = {"service_tier": tier} if tier else None

        def ours() -> object:
            return price(provider, model, usage, service_tier=tier, at=NOW)  # noqa: B023

        def theirs() -> object:
            try:
                counts = Usage(**theirs_usage)  # noqa: B023
                return calc_price(counts, model, provider_id=genai_id, genai_request_timestamp=NOW, price_context=context)  # noqa: B023 # fmt: skip
            except LookupError:
                return None

        rounds = [(per_call(ours, 2000), per_call(theirs, 50)) for _ in range(ROUNDS)]
        mine, other = (median(column) for column in zip(*rounds, strict=True))
        print(f"{name:34} {mine:9.2f} {other:14.1f} {other / mine:6.0f}x")


if __name__ == "__main__":
    main()
