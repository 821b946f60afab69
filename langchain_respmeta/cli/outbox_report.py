"""What `respmeta outbox status` prints for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def status_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The status, as `outbox_status` gives it, line by line."""
    yield f"Outbox:  {found['path']}{'' if found['exists'] else ' (nothing has ever waited)'}"
    yield f"Waits:   {found['rows']:,} of at most {found['limits']['rows']:,} items, {found['bytes']:,} bytes"
    yield f"Sent:    {found['sent']:,}"
    if dropped := found["dropped_full"] + found["dropped_old"]:
        yield f"Dropped: {dropped:,} ({found['dropped_full']:,} for want of room, {found['dropped_old']:,} too old)"
    for server in found["servers"]:
        yield from _server_lines(server)
    for aside in found["damaged"]:
        yield f"Damaged: {aside} was moved aside"


def _server_lines(server: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield server["api_url"]
    waits = f"{server['waiting']:,} waiting"
    if server.get("not_due"):
        waits += f" ({server['not_due']:,} for a later attempt)"
    yield f"  {waits}, {server['failed']:,} refused for good; the oldest is of {server['oldest'][:19]} UTC"
    for error in server.get("errors", ()):
        yield f"  {error['rows']:,} × {error['said']}"  # noqa: RUF001 - times
