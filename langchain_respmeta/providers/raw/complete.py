"""Anthropic's Text Completions of old, whole and streamed: text in place of messages.

https://docs.anthropic.com/en/api/complete
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, named, others

_READ_HERE: Final = frozenset({"completion", "stop", "type"})


def is_body(body: Body) -> bool:
    """Whether it is a completion that names its model: Bedrock's of the same models do not."""
    return body.get("type") == "completion" and isinstance(body.get("completion"), str) and "model" in body


def answers(body: Body) -> list[Answer]:
    """The one answer."""
    return [
        Answer(
            metadata={
                "model_provider": "anthropic",
                **others(body, _READ_HERE),
                **named(model_name=body.get("model"), stop_sequence=body.get("stop")),
            },
            content=body["completion"],
            is_message=False,
        )
    ]


def join(events: Sequence[Body]) -> Joined:
    """The pieces as one body; of all but the text the last counts."""
    pieces = [event for event in events if is_body(event)]
    told = {name: value for piece in pieces for name, value in others(piece, ("completion",)).items()}
    faults = [event["error"] for event in events if event.get("type") == "error" and event.get("error")]
    text = "".join(piece["completion"] for piece in pieces)
    is_whole = bool(faults) or told.get("stop_reason") is not None
    body = {**told, **named(error=faults[-1] if faults else None), "completion": text}
    return Joined(body, is_whole=is_whole)


COMPLETE: Final = Dialect("complete", "anthropic", is_body, answers, is_body, join)
