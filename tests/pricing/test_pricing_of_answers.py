"""What an answer tells beside its tokens decides its price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from langchain_respmeta import RunStart, pricing
from langchain_respmeta._costs import price_draft
from langchain_respmeta._normalize import draft_of

_START = RunStart(integration="ChatCohere", ls_provider="cohere", requested_model="command-a-03-2025")


def _streamed(counts: dict[str, Any]) -> dict[str, Any]:
    message = AIMessageChunk("hi", response_metadata={"finish_reason": "COMPLETE", "token_count": counts})
    pricing.preload(wait=True)
    return price_draft(draft_of(message, _START), _START)


def test_a_stream_of_cohere_is_priced_by_its_billed_units() -> None:
    cost = _streamed({"input_tokens": 400.0, "output_tokens": 100.0, "total_tokens": 500.0})
    assert (cost["cost.input"], cost["cost.output"]) == (Decimal("0.001"), Decimal("0.001"))
    assert cost["cost.total"] == Decimal("0.002")


@pytest.mark.parametrize("count", [None, "400", -1, float("nan"), float("inf")])
def test_a_bill_that_cannot_be_read_is_no_price(count: Any) -> None:
    cost = _streamed({"input_tokens": count, "output_tokens": 100.0, "total_tokens": 500.0})
    assert "cost.total" not in cost
    assert cost["cost.unpriced_reason"]
