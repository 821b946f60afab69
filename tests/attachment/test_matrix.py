"""Every model run carries its record once, in its own payload: for each way of calling and each place of the handler."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from langchain_respmeta.demo import ReplayServer, chat_model
from tests.attachment.matrix import Bench, bench
from tests.attachment.places import PLACES
from tests.attachment.setting import STYLES

_PACKINGS: Final = ("zstd", "plain")
_CROSSING: Final = ("invoke", "astream", "bind_tools", "agent_stream", "deferred_inputs", "traceable_async")
"""Ways of calling that meet every place without zstd too; `python -m tests.attachment` runs all with all."""

_CELLS: Final = [
    (packing, style, place)
    for packing in _PACKINGS
    for place in PLACES
    for style in STYLES
    if packing == "zstd" or place == "root_config" or style in _CROSSING
]


@pytest.fixture(scope="module")
def benches() -> Iterator[dict[str, Bench]]:
    with ExitStack() as stack:
        yield {packing: stack.enter_context(bench(zstd=packing == "zstd")) for packing in _PACKINGS}


@pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
@pytest.mark.parametrize(("packing", "style", "place"), _CELLS)
def test_every_model_run_carries_its_record_once(
    benches: dict[str, Bench], packing: str, style: str, place: str
) -> None:
    outcome = benches[packing].run(style, place)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.calls > 0
    assert outcome.faults == ()


_REAL_STYLES: Final = (
    *("invoke", "ainvoke", "stream", "astream", "batch", "abatch", "generate", "agenerate"),
    *("lcel", "lcel_astream", "astream_events_v2", "deferred_inputs", "parallel_async"),
    *("traceable_async", "langgraph_stream", "plain_threads"),
)
_REAL_PLACES: Final = (
    *("root_config", "constructor", "tracer_then_handler", "handler_then_tracer", "two_prefixes"),
)


def _completion(number: int) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_790_000_000 + number,
        "model": f"gpt-5-mini-{number % 3}",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": f"answer {number}"},
            }
        ],
        "usage": {
            "prompt_tokens": number + 7,
            "completion_tokens": 5,
            "total_tokens": number + 12,
            "prompt_tokens_details": {"cached_tokens": number % 5},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    }


@pytest.mark.parametrize("place", _REAL_PLACES)
@pytest.mark.parametrize("style", _REAL_STYLES)
def test_so_does_every_run_of_a_real_integration(
    benches: dict[str, Bench], replay: ReplayServer, style: str, place: str
) -> None:
    url = replay.add("openai", f"matrix-{style}-{place}", [_completion(number) for number in range(1, 60)])

    def make(**options: Any) -> Any:
        # A client of its own: the integration's shared one is bound to the first event loop.
        return chat_model("openai", url, "gpt-5-mini", http_async_client=httpx.AsyncClient(), **options)

    outcome = benches["zstd"].run(style, place, make)
    assert outcome.calls > 0
    assert outcome.faults == ()


@pytest.mark.parametrize("packing", _PACKINGS)
def test_the_client_packs_as_the_matrix_says(benches: dict[str, Bench], packing: str) -> None:
    assert (benches[packing].client.compressed_traces is not None) == (packing == "zstd")


def test_the_page_tells_the_matrix_as_large_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "langsmith.md").read_text("utf-8")
    assert f"{len(STYLES)} ways of calling \N{MULTIPLICATION SIGN} {len(PLACES)} placements" in page
