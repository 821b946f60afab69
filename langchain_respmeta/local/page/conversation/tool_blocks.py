"""Calls of tools in all the shapes of providers and of LangChain."""

from __future__ import annotations

from typing import Final

import orjson

from langchain_respmeta.local.page.conversation.fields import Fields
from langchain_respmeta.local.page.conversation.model import EMPTY, ToolCall

_OWN: Final = (
    *("tool_use", "tool_call", "function_call", "custom_tool_call", "tool_call_chunk", "invalid_tool_call"),
    *("toolUse", "functionCall", "function"),
)
_BY_PROVIDER: Final = (
    *("server_tool_use", "server_tool_call", "server_tool_call_chunk", "mcp_tool_use", "mcp_call"),
    *("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"),
    *("computer_call", "local_shell_call", "shell_call", "apply_patch_call", "tool_search_call"),
    *("executable_code", "executableCode", "mcp_list_tools", "mcp_approval_request"),
)
CALLS: Final = (*_OWN, *_BY_PROVIDER)
"""Types of blocks that call a tool."""
RESULTS: Final = (
    *("tool_result", "toolResult", "functionResponse", "function_response", "function_call_output"),
    *("custom_tool_call_output", "computer_call_output", "local_shell_call_output", "shell_call_output"),
    *("server_tool_result", "mcp_tool_result", "code_execution_result", "codeExecutionResult"),
    *("tool_search_output", "apply_patch_call_output"),
)
"""Types of blocks that bring a tool's result; so does every type that ends with `_tool_result`."""
_ARGUMENTS: Final = ("args", "arguments", "input", "partial_json")


def call_from(kind: str, fields: Fields) -> ToolCall:
    """A call; a tool that the provider runs has its arguments among its own keys."""
    inner = fields.inner("function")
    name = fields.word("name", "tool_name") or inner.word("name")
    call_id = fields.word("call_id", "toolUseId", "tool_use_id", "tool_call_id", "id")
    arguments = _given(fields, inner)
    by_provider = kind in _BY_PROVIDER
    if arguments in EMPTY and by_provider:
        arguments = {key: value for key in _OF_PROVIDER if (value := fields.value(key)) is not None}
    return ToolCall(
        name=name or kind.removesuffix("_call"),
        call_id=call_id,
        arguments=parsed(arguments),
        error=fields.word("error"),
        by_provider=by_provider,
    )


_OF_PROVIDER: Final = (
    *("action", "queries", "query", "code", "executable_code", "language", "operation", "results", "outputs"),
    *("output", "status"),
)


def _given(fields: Fields, inner: Fields) -> object:
    """The arguments; a stream leaves `input` empty beside `partial_json`."""
    values = [found for one in (fields, inner) for key in _ARGUMENTS if (found := one.value(key)) is not None]
    return next((value for value in values if value not in EMPTY), values[0] if values else None)


def parsed(arguments: object) -> object:
    """Arguments from their JSON text; a text that is no object of JSON stays a text."""
    if not isinstance(arguments, str) or not arguments.lstrip().startswith("{"):
        return arguments
    try:
        return orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
