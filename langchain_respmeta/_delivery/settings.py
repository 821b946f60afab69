"""Bounds, speeds and waits of feedback's delivery."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from langchain_respmeta._process.settings import DELIVERY, from_environment

_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """Bounds, speeds and waits of the feedback worker. The defaults suit a program; tests use shorter waits."""

    state_dir: Path | None = None
    """Directory of the outbox; None for `RESPMETA_STATE_DIR`, else the platform's state directory."""
    max_rows: int = DELIVERY["max_rows"].default
    max_bytes: int = DELIVERY["max_bytes"].default
    """Sum of the stored items, without SQLite's own overhead."""
    max_age_s: float = DELIVERY["max_age_days"].default * _DAY
    """Older feedback is dropped: LangSmith's base retention is over, its run is gone."""
    max_item_bytes: int = 64 * 1024
    handover: int = 20_000
    """Submissions that may wait in memory for the outbox."""
    senders: int = 4
    """Most requests at once; a second thread starts only during a backlog or while a server is slow."""
    requests_per_minute: int = DELIVERY["requests_per_minute"].default
    """Per server and process. LangSmith's own limit is 5,000 a minute for one key."""
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 20.0
    request_deadline_s: float = 60.0
    """A longer request is abandoned with its thread, and another thread takes over."""
    first_backoff_s: float = 0.5
    max_backoff_s: float = 60.0
    max_retry_after_s: float = 3_600.0
    not_found_attempts: int = 12
    """How often to send a feedback whose run the server does not know (yet)."""
    lease_s: float = 180.0
    beat_s: float = 10.0
    """How often this process writes into the outbox that it is alive."""
    owner_ttl_s: float = 60.0
    """After so long without a beat a process counts as dead and others take over its rows."""
    drain_s: float = DELIVERY["drain_s"].default
    """Longest wait for delivery at the interpreter's exit."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> DeliverySettings:
        """The defaults, changed by `RESPMETA_OUTBOX_*`, `RESPMETA_FEEDBACK_PER_MINUTE` and `RESPMETA_DRAIN_SECONDS`.

        Raises:
            SettingsError: A variable is not a number above zero.
        """
        given = from_environment(DELIVERY, os.environ if environ is None else environ)
        if "max_age_days" in given:
            given["max_age_s"] = given.pop("max_age_days") * _DAY
        return cls(**given)
