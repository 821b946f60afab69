"""Check what will happen to a run here: versions, the seam, LangSmith's environment, privacy, prices, the outbox.

Nothing is sent but two GETs, when LangSmith may be asked; a trial run is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from langchain_respmeta.cli.doctor import installed, outbox, server, settings, tracing
from langchain_respmeta.cli.doctor.finding import Case, Finding, Level
from langchain_respmeta.cli.doctor.forecast import forecast, verdict

__all__ = ["Finding", "Level", "diagnose"]

_CHECKS: Final[tuple[Callable[[Case], Iterator[Finding]], ...]] = (
    installed.versions,
    settings.settings,
    settings.watching,
    installed.seam,
    tracing.tracing,
    tracing.privacy,
    tracing.mode,
    server.objections,
    outbox.prices,
    outbox.outbox,
    server.server,
    forecast,
)
"""In the order in which a run meets them; each may rely on the ones before."""


def diagnose(*, ask_server: bool = True) -> list[Finding]:
    """Return all findings, then what will happen to a run, then the verdict.

    Args:
        ask_server: Whether LangSmith may be asked for the project and its version (two GETs, 3 s each at most).
    """
    case = Case(ask_server=ask_server)
    found = [finding for check in _CHECKS for finding in check(case)]
    return [*found, verdict(found, case)]
