"""What one run was given and gave back: its conversation, the tools it was offered, its files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from langchain_respmeta.local.page.conversation.model import Conversation, Message
from langchain_respmeta.local.page.conversation.read import conversation_of
from langchain_respmeta.local.page.conversation.room import Room
from langchain_respmeta.local.page.conversation.view import View, view_of
from langchain_respmeta.record.vocabulary import FINISHES

_ENDS: Final[Mapping[object, str]] = {
    "length": "Cut here: the answer reached the limit of tokens.",
    "content_filter": "A filter of the provider cut or replaced the answer.",
    "refusal": "The model declined.",
    "pause": "The provider paused here: send the answer back to continue.",
    "cancelled": "Ended early, by the caller or the provider.",
    "error": "The call failed here.",
}
"""Finish reasons that an answer is marked with."""
_PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_MOST_SHOWN: Final = 8 << 20
"""Bytes of an attached picture that is shown."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended, below it."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model call was offered."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class File:
    """An attachment that LangSmith's SDK sent with the run."""

    name: str
    mime: str
    size: int
    href: str

    @property
    def is_picture(self) -> bool:
        """Whether it may be shown in the page."""
        return self.mime in _PICTURES and self.size <= _MOST_SHOWN


@dataclass(frozen=True, slots=True)
class Talk:
    """All that the page shows of a run's conversation."""

    view: View
    room: Room
    tools: Sequence[Tool]
    executions: Mapping[str, Mapping[str, object]]
    """Runs of tools by the id of their call."""
    endings: Mapping[int, Ending]
    """By the number of the message."""
    files: Sequence[File]


def talk_of(
    payloads: Mapping[str, object],
    metadata: Mapping[str, object],
    files: Sequence[File],
    start: int | None,
) -> Talk:
    """The conversation of a run, from its parsed inputs, outputs and extra."""
    conversation = conversation_of(payloads.get("inputs"), payloads.get("outputs"))
    return Talk(
        view=view_of(conversation, start),
        room=Room(),
        tools=_tools_of(payloads.get("extra")),
        executions=_executions_of(metadata.get("respmeta")),
        endings=dict(_endings(conversation, metadata.get("respmeta_finish_reason"))),
        files=files,
    )


def files_of(connection: sqlite3.Connection, run_id: str) -> list[File]:
    """The run's attachments."""
    rows = connection.execute(
        "SELECT name, mime_type, LENGTH(data) AS size FROM attachments WHERE run_id = ? ORDER BY name",
        (run_id,),
    )
    return [
        File(
            row["name"], row["mime_type"], row["size"], f"/attachments/{run_id}/{quote(row['name'], safe='')}"
        )
        for row in rows
    ]


def _endings(conversation: Conversation, finish: object) -> Sequence[tuple[int, Ending]]:
    """The ends of the answers: the record's word for the only one, else each one's own."""
    last = list[tuple[int, Message]]()
    number = sum(len(section.messages) for section in conversation.inputs)
    for section in conversation.outputs:
        number += len(section.messages)
        if section.messages and section.messages[-1].role == "ai":
            last.append((number, section.messages[-1]))
    if len(last) == 1 and finish in FINISHES:
        text = _ENDS.get(finish)
        return [(last[0][0], Ending(text, FINISHES[str(finish)].tone))] if text else []
    return [
        (number, Ending(f"Finish reason: {message.finish}", "grey"))
        for number, message in last
        if message.finish
    ]


def _executions_of(record: object) -> dict[str, Mapping[str, object]]:
    """Of a call's record, or of a root's roll-up."""
    own = record if isinstance(record, dict) else {}
    rollup = own.get("rollup")
    lists = [one.get("tool_executions") for one in (rollup, own) if isinstance(one, dict)]
    return {
        call_id: one
        for found in lists
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and isinstance(call_id := one.get("tool_call_id"), str)
    }


def _tools_of(extra: object) -> list[Tool]:
    """The tools in a model call's parameters."""
    parameters = extra.get("invocation_params") if isinstance(extra, dict) else None
    given = parameters.get("tools") if isinstance(parameters, dict) else None
    tools = [_tool(tool) for tool in given if isinstance(tool, dict)] if isinstance(given, list) else []
    return [tool for tool in tools if tool.name]


def _tool(tool: Mapping[str, object]) -> Tool:
    inner = next((one for key in ("function", "toolSpec") if isinstance(one := tool.get(key), dict)), tool)
    name, description = inner.get("name") or tool.get("type"), inner.get("description")
    return Tool(name if isinstance(name, str) else "", description if isinstance(description, str) else "")
