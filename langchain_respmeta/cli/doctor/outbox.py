"""Check the prices, and the outbox of feedback."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from langchain_respmeta.cli.doctor.finding import Case, Finding
from langchain_respmeta.errors import SettingsError


def prices(case: Case) -> Iterator[Finding]:
    """Check whether costs can be computed."""
    from langchain_respmeta.enrich.prices import price

    if not case.settings.get("prices", True):
        yield Finding(
            "note", "prices", "RESPMETA_PRICES is off: a cost is there only where the provider tells it"
        )
        return
    cost = price.price("openai", "gpt-5-mini", {"input_tokens": 1_000_000, "output_tokens": 0})
    if "cost.total" in cost:
        yield Finding("ok", "prices", str(cost.get("cost.price_version")))
    else:
        reason = cost.get("cost.unpriced_reason")
        yield Finding(
            "problem", "prices", f"no cost can be computed ({reason})", "pip install -U genai-prices"
        )


def outbox(case: Case) -> Iterator[Finding]:
    """Check where feedback waits, and what waits there."""
    from langchain_respmeta._delivery.outbox_admin import outbox_status

    try:
        status = outbox_status()
    except SettingsError as fault:
        case.outbox = str(fault)
        yield Finding(
            "problem", "outbox", str(fault), "set RESPMETA_STATE_DIR to a directory that can be written"
        )
        return
    if not status["exists"] and (obstacle := _obstacle(Path(status["path"]))) is not None:
        case.outbox = f"{obstacle} is not a directory that can be written"
        yield Finding(
            "problem",
            "outbox",
            f"{status['path']} cannot be made: {case.outbox}; feedback is kept in memory, and lost when the process ends",
            "set RESPMETA_STATE_DIR to a directory that can be written",
        )
        return
    used = f"{status['rows']} rows, {status['bytes']} bytes" if status["exists"] else "nothing in it yet"
    yield Finding("ok", "outbox", f"{status['path']}: {used}")
    for server in status["servers"]:
        yield from _waiting(server)
    yield from _losses(status)


def _obstacle(path: Path) -> Path | None:
    """Return what prevents creating it."""
    there = next(parent for parent in path.parents if parent.exists())
    return None if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else there


def _waiting(server: Mapping[str, Any]) -> Iterator[Finding]:
    said = ", ".join(error["said"] for error in server.get("errors", ())[:2])
    if server["failed"]:
        yield Finding(
            "problem",
            "outbox",
            f"{server['api_url']} refused {server['failed']} feedback for good: {said}",
            "correct what it says, then `respmeta outbox retry`; or `respmeta outbox purge --state failed`",
        )
    if server["waiting"]:
        yield Finding(
            "note",
            "outbox",
            f"{server['waiting']} feedback wait for {server['api_url']}{f' ({said})' if said else ''}",
            "they are sent by the next process that sends feedback there, or now by `respmeta outbox retry`",
        )


def _losses(status: Mapping[str, Any]) -> Iterator[Finding]:
    dropped = status["dropped_full"] + status["dropped_old"]
    if dropped:
        yield Finding(
            "note",
            "outbox",
            f"{dropped} feedback were dropped so far: {status['dropped_full']} for want of room, "
            f"{status['dropped_old']} for their age",
            "RESPMETA_OUTBOX_MAX_ROWS, RESPMETA_OUTBOX_MAX_BYTES and RESPMETA_OUTBOX_MAX_AGE_DAYS set the bounds",
        )
    for aside in status["damaged"]:
        yield Finding(
            "note", "outbox", f"a damaged outbox was moved aside: {aside}", "delete it when nobody needs it"
        )
