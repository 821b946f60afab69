"""The result of one check, and what checks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from langsmith import Client

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        level: ok, note (works, but know it), problem (something will be missing).
        subject: What was checked.
        says: What was found.
        advice: What to do, where there is something to do.
    """

    level: Level
    subject: str
    says: str
    advice: str = ""


@dataclass(slots=True)
class Case:
    """What earlier checks found, for later ones and the forecast."""

    ask_server: bool
    wrong_settings: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings of a handler without arguments."""
    enabled: bool = False
    """Whether RESPMETA_ENABLED is on."""
    seam: str | None = None
    """What keeps metadata off the runs."""
    traces: bool = False
    project: str = "default"
    endpoint: str = ""
    client: Client | None = None
    """The SDK's client; without one nothing is sent."""
    no_client: str | None = None
    """Why there is none."""
    hidden: tuple[str, ...] = ()
    mode: str = "langsmith"
    """'langsmith', 'otel' or 'hybrid'."""
    no_feedback: str | None = None
    """Why this SDK cannot send feedback."""
    server: str | None = None
    """Why LangSmith accepts nothing now."""
    outbox: str | None = None
    """Why feedback does not outlive the process."""
