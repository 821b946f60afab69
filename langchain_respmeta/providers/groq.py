"""Groq: OpenAI-shaped, plus its own timings (seconds) and the tools of its compound systems.

https://console.groq.com/docs/api-reference#chat-create
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import KEEP, each
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT
from langchain_respmeta.record.plain import as_mapping


def _sources(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Take what the built-in search found from the tool that ran it."""
    found: list[Any] = []
    for tool in _tools(answer.kwargs.get("executed_tools")):
        results = as_mapping(tool.get("search_results"))
        if results is not None:
            listed = results.get("results")
            found.extend(listed if isinstance(listed, list) and listed else _told_in_text(tool.get("output")))
    if found:
        draft["_search_results"] = found


_RESULT: Final = re.compile(r"^Title: (?P<title>.*)\nURL: (?P<url>\S+)\nContent: ", re.MULTILINE)


def _told_in_text(output: object) -> list[dict[str, Any]]:
    """The results out of the text that the model was given of them: streams lose the list, and keep this."""
    return [match.groupdict() for match in _RESULT.finditer(output)] if isinstance(output, str) else []


def count_tools_once(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """LangChain's v1 content repeats the executed tools, numbered from 0 in place of an id."""
    if answer.kwargs.get("executed_tools") and "tool_calls" in draft:
        draft["tool_calls"] = [call for call in draft["tool_calls"] if not _is_numbered(call)]


def _is_numbered(call: Mapping[str, object]) -> bool:
    return bool(call.get("server_side")) and str(call.get("id", "")).isdecimal()


def _tools(value: object) -> list[Mapping[str, Any]]:
    return values.mappings(value) if isinstance(value, list) else []


def _executed(value: object) -> list[dict[str, Any]]:
    """Tools that the provider ran, which it lists outside of the content."""
    return [_server_tool(item) for item in values.mappings(value)]


def _server_tool(item: Mapping[str, object]) -> dict[str, Any]:
    arguments = item.get("arguments")
    return values.compact(
        id=item["id"] if isinstance(item.get("id"), str) else None,
        name=values.plain_word(item.get("name") or item.get("type")),
        valid=True,
        server_side=True,
        args_size_bytes=values.args_size(arguments),
    )


GROQ: Final = OPENAI_CHAT.extended(
    "groq",
    metadata={
        "reasoning_effort": KEEP,
        "service_tier": KEEP,  # the asked one: the integration drops what was served
        "x_groq": KEEP,
    },
    kwargs={
        "executed_tools": each("tool_calls", _executed),
    },
    steps=(_sources, count_tools_once),
    tool_names={"code_interpreter": "python", "web_search": "search"},
    model_is_request=True,
)
