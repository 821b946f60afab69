"""Every model run carries its record once, in its own payload: whatever the way of calling, wherever the handler is."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from tests.attachment.matrix import Bench, bench
from tests.attachment.places import PLACES
from tests.attachment.styles import STYLES

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


@pytest.mark.parametrize("packing", _PACKINGS)
def test_the_client_packs_as_the_matrix_says(benches: dict[str, Bench], packing: str) -> None:
    assert (benches[packing].client.compressed_traces is not None) == (packing == "zstd")
