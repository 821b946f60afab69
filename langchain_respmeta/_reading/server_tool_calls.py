"""Which calls the provider ran itself, where a block's type is not enough, and how often it searched the web.

It runs after the content was read and before the results of the provider's tools are looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.values import plain_word
from langchain_respmeta.record.plain import as_mapping

Block = Mapping[str, Any]


def tell_server_calls(draft: ReadDraft, answer: Answer, reader: Reader, start: RunStart) -> None:
    """Correct which of the draft's calls the provider ran."""
    calls = draft.get("tool_calls", [])
    blocks = list(_blocks_of(answer.content))
    sides = {
        plain_word(block.get("call_id") or block.get("id")): side
        for block in blocks
        if (side := _side(block, reader, start)) is not None
    }
    sides |= {  # a call may have a second id, which its result does not name
        plain_word(block.get("id")): sides[call_id]
        for block in blocks
        if block.get("id") and (call_id := plain_word(block.get("call_id"))) in sides
    }
    for call in calls:
        call["server_side"] = sides.get(call.get("id"), call.get("server_side", False))
    draft["tool_calls"] = _without_shadows(calls)


def _blocks_of(content: object) -> Iterator[Block]:
    """The content's blocks, native ones out of LangChain's v1 `non_standard`."""
    for block in map(as_mapping, content if isinstance(content, list | tuple) else ()):
        if block is not None:
            inner = as_mapping(block.get("value")) if block.get("type") == "non_standard" else None
            yield block if inner is None else inner


def _side(block: Block, reader: Reader, start: RunStart) -> bool | None:
    """Whether the provider ran the call of the block; None where its type decides."""
    read = _SIDES.get(str(block.get("type")))
    return None if read is None else read(block, reader, start)


def _of_custom(block: Block, reader: Reader, start: RunStart) -> bool | None:
    """A tool of the request is the caller's, also where the provider reports its own in the same way (xAI)."""
    return True if reader.reports_own_as_custom and block.get("name") not in _offered(start) else None


def _offered(start: RunStart) -> set[Any]:
    """Names of the tools that the request offered."""
    tools = start.params.get("tools")
    found: set[Any] = set()
    for tool in map(as_mapping, tools if isinstance(tools, list | tuple) else ()):
        if tool is not None:
            nested = as_mapping(tool.get(str(tool.get("type")))) or {}
            found |= {name for name in (tool.get("name"), nested.get("name")) if isinstance(name, str)}
    return found


def _was_run(_block: Block, _reader: Reader, _start: RunStart) -> bool:
    """Its result is in the answer: OpenAI's shell in a container of its own."""
    return True


def _of_search_of_tools(block: Block, _reader: Reader, _start: RunStart) -> bool | None:
    """OpenAI's search for tools is the client's where it asked for that."""
    return False if block.get("execution") == "client" else None


_SIDES: Final[dict[str, Callable[[Block, Reader, RunStart], bool | None]]] = {
    "custom_tool_call": _of_custom,
    "tool_search_call": _of_search_of_tools,
    **dict.fromkeys(("shell_call_output", "apply_patch_call_output", "custom_tool_call_output"), _was_run),
}


def _without_shadows(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without nameless calls that are pieces of a call which the provider ran.

    Bedrock's stream has the name of its own tool in one kind of block and its arguments in another, of which LangChain
    makes a call of the caller's that has neither name nor id.
    """
    shadows = [call for call in calls if not (call.get("name") or call.get("id") or call.get("server_side"))]
    ran = sum(1 for call in calls if call.get("server_side"))
    if not shadows or len(shadows) > ran:
        return calls
    return [call for call in calls if not any(call is shadow for shadow in shadows)]


# --- searches --------------------------------------------------------------------------------------------------------


def count_searches(draft: ReadDraft, answer: Answer, reader: Reader) -> None:
    """Count the web searches that the answer lists, where the provider bills them and reports no count."""
    if reader.lists_searches and "usage.web_search_requests" not in draft:
        found = _searched(list(_blocks_of(answer.content)))
        if found is not None:
            draft["usage.web_search_requests"] = found


def _searched(blocks: list[Block]) -> int | None:
    """OpenAI's calls name their action: opening or searching a page costs nothing.

    https://platform.openai.com/docs/guides/tools-web-search#output-and-citations
    """
    actions = [
        as_mapping(block.get("action") if block.get("type") == "web_search_call" else block.get("args")) or {}
        for block in blocks
        if block.get("type") == "web_search_call"
        or (block.get("type") == "server_tool_call" and block.get("name") == "web_search")
    ]
    kinds = [action.get("type") for action in actions]
    return None if not kinds or None in kinds else kinds.count("search")
