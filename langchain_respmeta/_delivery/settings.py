"""How feedback is kept and delivered: bounds, speeds and waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from langchain_respmeta.errors import SettingsError

_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """Bounds, speeds and waits of the feedback worker. The defaults suit a program; tests use shorter waits."""

    state_dir: Path | None = None
    """Where the outbox lies; None takes `RESPMETA_STATE_DIR`, else the platform's state directory."""
    max_rows: int = 100_000
    max_bytes: int = 64 * 1024 * 1024
    """Sum of the stored items, without SQLite's own overhead."""
    max_age_s: float = 14 * _DAY
    """Older feedback is dropped: LangSmith's base retention is over, its run is gone."""
    max_item_bytes: int = 64 * 1024
    handover: int = 20_000
    """Submissions that may wait in memory for the outbox."""
    senders: int = 4
    """Most requests under way at once; a second is opened only while there is a backlog or a server is slow."""
    requests_per_minute: int = 4_000
    """Per server and process. LangSmith's own limit is 5,000 a minute for one key."""
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 20.0
    request_deadline_s: float = 60.0
    """A request that trickles on for longer is given up with its thread, and another thread takes over."""
    first_backoff_s: float = 0.5
    max_backoff_s: float = 60.0
    max_retry_after_s: float = 3_600.0
    not_found_attempts: int = 12
    """How often a feedback is tried whose run the server does not know (yet)."""
    lease_s: float = 180.0
    beat_s: float = 10.0
    """How often this process says in the outbox that it lives."""
    owner_ttl_s: float = 60.0
    """After so long without a beat a process counts as dead and others take over its rows."""
    drain_s: float = 5.0
    """How long the interpreter's exit may wait for delivery."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> DeliverySettings:
        """The defaults, changed by `RESPMETA_OUTBOX_*`, `RESPMETA_FEEDBACK_PER_MINUTE` and `RESPMETA_DRAIN_SECONDS`.

        Raises:
            SettingsError: A variable is not a number above zero.
        """
        found = os.environ if environ is None else environ
        given = {
            field: _read(name, found[name], cast)
            for name, (field, cast) in VARIABLES.items()
            if name in found
        }
        return cls(**given)


def _read(name: str, text: str, cast: Callable[[str], Any]) -> Any:
    try:
        number = cast(text)
    except ValueError:
        number = -1
    if not number >= 0:  # also catches nan
        raise SettingsError(f"{name} must be a number, zero or more, got {text!r}", setting=name)
    return number


VARIABLES: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "RESPMETA_OUTBOX_MAX_ROWS": ("max_rows", int),
    "RESPMETA_OUTBOX_MAX_BYTES": ("max_bytes", int),
    "RESPMETA_OUTBOX_MAX_AGE_DAYS": ("max_age_s", lambda text: float(text) * _DAY),
    "RESPMETA_FEEDBACK_PER_MINUTE": ("requests_per_minute", int),
    "RESPMETA_DRAIN_SECONDS": ("drain_s", float),
}
