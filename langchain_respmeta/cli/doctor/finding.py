"""One thing that was looked at, and what the looks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from langsmith import Client

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: ok, note (works, but know it), problem (something will be missing).
        subject: What was looked at.
        says: What is so.
        advice: What to do, where there is something to do.
    """

    level: Level
    subject: str
    says: str
    advice: str = ""


@dataclass(slots=True)
class Case:
    """What later looks, and the forecast, need to know from earlier ones."""

    ask_server: bool
    wrong_settings: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    """Of a handler that is made without arguments."""
    enabled: bool = False
    """By RESPMETA_ENABLED."""
    seam: str | None = None
    """What keeps metadata off the runs."""
    traces: bool = False
    project: str = "default"
    endpoint: str = ""
    client: Client | None = None
    """As the SDK would make it; without one nothing is sent anywhere."""
    no_client: str | None = None
    """Why there is none."""
    hidden: tuple[str, ...] = ()
    mode: str = "langsmith"
    """'langsmith', 'otel' or 'hybrid'."""
    no_feedback: str | None = None
    """Why this SDK cannot send any as it should be sent."""
    server: str | None = None
    """Why LangSmith takes nothing at the moment."""
    outbox: str | None = None
    """Why feedback does not outlive the process."""
