"""Items, clients and settings that the feedback tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from langsmith import Client

from langchain_respmeta._delivery.item import FeedbackItem
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from tests.waiting import CEILING_S

API_KEY = "lsv2_secret_of_the_tests"


def item(number: int, url: str, **changes: Any) -> FeedbackItem:
    """The same number always gives the same item."""
    run = str(uuid5(NAMESPACE_URL, f"run {number}"))
    fields: dict[str, Any] = {
        "id": str(uuid5(NAMESPACE_URL, f"feedback {number}")),
        "api_url": url,
        "project": "default",
        "session_id": None,
        "run_id": run,
        "trace_id": run,
        "start_time": "2026-11-21T10:00:00+00:00",
        "address": None,
        "key": "respmeta_refused",
        "score": 1,
        "value": None,
        "comment": None,
        "config": {
            "type": "categorical",
            "categories": [{"value": 0, "label": "no"}, {"value": 1, "label": "yes"}],
        },
        "routine": False,
    }
    return FeedbackItem(**fields | changes)


def items(numbers: range, url: str, **changes: Any) -> list[FeedbackItem]:
    return [item(number, url, **changes) for number in numbers]


def client(url: str, **changes: Any) -> Client:
    return Client(**{"api_url": url, "api_key": API_KEY, "auto_batch_tracing": False} | changes)


def quick(state_dir: Path, **changes: Any) -> DeliverySettings:
    """Tries again soon, waits for a slow machine's answers, and has no rate limit to speak of."""
    given: dict[str, Any] = {
        "state_dir": state_dir,
        "requests_per_minute": 1_000_000,
        "connect_timeout_s": CEILING_S,
        "read_timeout_s": CEILING_S,
        "request_deadline_s": 2 * CEILING_S,
        "lease_s": 4 * CEILING_S,
        "first_backoff_s": 0.02,
        "max_backoff_s": 0.1,
        "beat_s": 0.2,
        "drain_s": 2.0,
    }
    return DeliverySettings(**given | changes)


def box(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / OUTBOX_FILE)
