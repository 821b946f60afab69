"""The price list, loaded: a handler never waits for it."""

from langchain_respmeta.enrich.prices.price import _loader, preload, price


def load_prices() -> None:
    preload()
    price("openai", "gpt-5-mini", {"input_tokens": 1, "output_tokens": 1})
    assert _loader.ready
