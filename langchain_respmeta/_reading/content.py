"""What the answer holds, described from its content blocks: native blocks and LangChain's v1 blocks alike.

One table: the type of a block says which small function reads it. A type that no row names is kept as unmapped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from langchain_respmeta._reading import citations
from langchain_respmeta._reading.tool_calls import read_calls
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.symbols import noted
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.providers.engine.values import args_size, base64_size, compact, plain_word
from langchain_respmeta.record.plain import as_mapping

Block: TypeAlias = Mapping[str, Any]


class Content:
    """Collects what the blocks of one answer hold."""

    __slots__ = (
        "asked",
        "called",
        "citations",
        "leftovers",
        "media",
        "reasoning",
        "redacted",
        "refusals",
        "start",
        "texts",
        "tools",
    )

    def __init__(self, leftovers: Leftovers, asked: frozenset[Any] = frozenset()) -> None:
        self.leftovers = leftovers
        self.asked = asked
        """Ids of the calls that the message lists."""
        self.texts: list[str] = []
        self.start = 0
        """Where the latest piece of text starts in the answer's text."""
        self.citations: list[dict[str, Any]] = []
        self.refusals: list[tuple[str | None, str | None]] = []
        self.reasoning: list[str] = []
        self.redacted = False
        self.tools: list[dict[str, Any]] = []
        self.media: list[dict[str, Any]] = []
        self.called: set[Any] = set()
        """Ids of `tools`."""

    def add_tool(self, tool: dict[str, Any]) -> None:
        """Add the tool call of a block."""
        self.tools.append(tool)
        self.called.add(tool.get("id"))

    @property
    def text(self) -> str:
        """The answer's text: all text blocks joined."""
        return "".join(self.texts)

    def add_text(self, text: object) -> None:
        """Add to the answer's text."""
        if isinstance(text, str):
            if self.texts:
                self.start += noted(len, self.texts[-1])
            self.texts.append(text)


def read_content(answer: Answer, draft: ReadDraft, leftovers: Leftovers) -> Content:
    """Walk the answer's content and put what it holds into the draft (citations and refusals come later)."""
    lists_calls = answer.tool_calls or answer.invalid_tool_calls or answer.kwargs
    found = Content(leftovers, read_calls(answer, draft) if lists_calls else frozenset())
    content = answer.content
    if content.__class__ is str:
        found.add_text(content)
    elif isinstance(content, list | tuple):
        for block in content:
            _read_block(found, block)
    if found.tools:
        draft.setdefault("tool_calls", []).extend(found.tools)
    if found.media:
        draft.setdefault("media", []).extend(found.media)
    _reasoning(found, draft)
    return found


def _read_block(found: Content, block: object) -> None:
    if isinstance(block, str):
        found.add_text(block)
        return
    fields = as_mapping(block)
    if fields is None:
        return
    kind = fields.get("type")
    if kind is None and not fields.keys().isdisjoint(_TEXT_KEYS):
        kind = "text"
    read = BLOCKS.get(kind) if isinstance(kind, str) else None
    if read is not None:
        read(found, fields)
    elif isinstance(kind, str) and kind.endswith(("tool_result", "_call_output")):
        return  # the result of a server tool; its call was counted
    else:
        named = kind if isinstance(kind, str) and kind else "block without type"
        found.leftovers.unmapped.append(f"content.{named}")
        found.leftovers.keep_in_list("content_blocks", _outline(fields))


_TEXT_KEYS: Final = frozenset({"text", "annotations"})
"""Keys of a text block without a type."""


def _outline(block: Block) -> dict[str, Any]:
    """An unknown block without its texts: what a maintainer needs to see, and nothing private."""
    return {
        str(key): value if key == "type" and isinstance(value, str) else f"<{type(value).__name__}>"
        for key, value in block.items()
    }


# --- readers of blocks -----------------------------------------------------------------------------------------------


def _text(found: Content, block: Block) -> None:
    text = block.get("text")
    found.add_text(text)
    # A stream can bring the annotations in a block of their own, after the text's; then only their indices place them.
    text = text if isinstance(text, str) else ""
    for key in ("annotations", "citations"):
        items = block.get(key)
        if isinstance(items, list) and items:
            found.citations.extend(citations.of_block(items, text, found.start))
    if (reference := as_mapping(block.get("reference"))) is not None:
        found.citations.extend(citations.of_reference(reference, text, found.start))


def _refusal(found: Content, block: Block) -> None:
    extras = as_mapping(block.get("extras")) or {}
    reason = block.get("refusal")
    found.refusals.append((reason if isinstance(reason, str) else None, plain_word(extras.get("category"))))


def _reason(*keys: str) -> Callable[[Content, Block], None]:
    def read(found: Content, block: Block) -> None:
        found.reasoning.append("".join(_strings(block, keys)))

    return read


def _strings(value: object, keys: tuple[str, ...]) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item, keys)]
    fields = as_mapping(value) or {}
    return [text for key in keys if key in fields for text in _strings(fields[key], keys)]


def _reasoning_content(found: Content, block: Block) -> None:
    """Bedrock's: reasoning that a model hides comes under a name of its own."""
    inner = as_mapping(block.get("reasoning_content")) or {}
    found.redacted = found.redacted or bool(inner.get("redacted_content"))
    found.reasoning.append("".join(_strings(block, ("reasoning_content", "text"))))


def _redacted(found: Content, _block: Block) -> None:
    found.redacted = True
    found.reasoning.append("")


def _server_tool(found: Content, block: Block) -> None:
    name = plain_word(block.get("name"))
    if name == "mcp_list_tools":
        return  # LangChain's v1 content makes a call of the list of tools
    if name == "remote_mcp":
        extras = as_mapping(block.get("extras")) or {}
        name = plain_word(extras.get("tool_name")) or name
    arguments = next(
        (block[key] for key in ("input", "args", "action", "arguments", "code") if key in block), None
    )
    found.add_tool(
        compact(
            id=plain_word(block.get("id") or block.get("call_id")),
            name=name or _tool_name(block["type"]),
            valid=True,
            server_side=block["type"] not in CLIENT_TOOLS,
            args_size_bytes=args_size(block.get("partial_json") or arguments),
        )
    )


def _tool_name(kind: str) -> str:
    return kind.removesuffix("_call")


def _image_generation(found: Content, block: Block) -> None:
    _server_tool(found, block)
    if result := block.get("result"):
        mime = f"image/{block['output_format']}" if isinstance(block.get("output_format"), str) else None
        found.media.append(
            compact(
                kind="image",
                mime_type=mime,
                id=plain_word(block.get("id")),
                size_bytes=base64_size(result),
                origin="tool",
            )
        )


def _code(found: Content, block: Block) -> None:
    code = block.get("executable_code")
    found.add_tool(
        compact(
            id=plain_word(block.get("id") or None),
            name="code_execution",
            valid=True,
            server_side=True,
            args_size_bytes=args_size(code),
        )
    )


_HOLDERS: Final = ("url", "file_uri", "base64", "data", "file_id", "id")
"""Keys that locate a medium; if it has some and all are empty, there is none."""


def _media(kind: str) -> Callable[[Content, Block], None]:
    def read(found: Content, block: Block) -> None:
        nested = block.get(f"{kind}_url") or block.get("source") or block.get(kind)
        inner = as_mapping(nested) or ({"url": nested} if isinstance(nested, str) else {})
        fields = {**block, **inner}
        held = [fields[name] for name in _HOLDERS if name in fields]
        if any(held) or not held:
            found.media.append(_described(kind, fields))

    return read


def _image(found: Content, block: Block) -> None:
    """A picture; LangChain's v1 content makes one of the call that drew it, whose id stays."""
    known = len(found.media)
    _picture(found, block)
    drawn = found.media[-1] if len(found.media) > known else {}
    if str(drawn.get("id", "")).startswith(_DRAWN):
        drawn["origin"] = "tool"
        if drawn["id"] not in found.called:
            _server_tool(found, {"type": "image_generation_call", "id": drawn["id"]})


_picture: Final = _media("image")
_DRAWN: Final = "ig_"
"""How the ids of the Responses API's image generation calls begin."""


def _inline(found: Content, block: Block) -> None:
    mime = plain_word(block.get("mime_type")) or ""
    kind = mime.partition("/")[0]
    found.media.append(_described(kind if kind in {"audio", "image", "video"} else "file", block))


def _described(kind: str, fields: Mapping[str, object]) -> dict[str, Any]:
    url = fields.get("url") or fields.get("file_uri")
    mime = plain_word(fields.get("mime_type") or fields.get("media_type"))
    data = fields.get("base64") or fields.get("data")
    if isinstance(url, str) and url.startswith("data:"):
        head, _, data = url.partition(",")
        mime, url = mime or head[5:].partition(";")[0], None
    size = len(data) if isinstance(data, bytes) else base64_size(data)
    file_id = plain_word(fields.get("file_id") or fields.get("id"))
    return compact(
        kind=kind, mime_type=mime, size_bytes=size, id=file_id, url=url if isinstance(url, str) else None
    )


def _client_tool(found: Content, block: Block) -> None:
    """A call that the caller runs; it is counted here where `message.tool_calls` lacks it (v1 content)."""
    name, call_id = plain_word(block.get("name")), plain_word(block.get("call_id") or block.get("id"))
    if name and call_id and call_id not in found.asked:
        sent = block.get("input", block.get("arguments"))
        found.add_tool(
            compact(id=call_id, name=name, valid=True, server_side=False, args_size_bytes=args_size(sent))
        )


def _tool_reference(found: Content, block: Block) -> None:
    found.citations.append(citations.of_tool_reference(block))


def _wrapped(found: Content, block: Block) -> None:
    """A native block inside LangChain's v1 `non_standard`."""
    inner = as_mapping(block.get("value"))
    if inner is not None and inner.get("type") != "non_standard":
        _read_block(found, inner)


def _compaction(found: Content, block: Block) -> None:
    """Anthropic's summary of what came before: made in a pass of its own, which is billed. OpenAI's is encrypted."""
    if "content" in block:
        found.leftovers.keep("compaction", value=True)


def _nothing(_found: Content, _block: Block) -> None:
    """Read elsewhere: client tool calls are in `message.tool_calls`, results belong to a call."""


CLIENT_TOOLS: Final = frozenset(
    {"computer_call", "local_shell_call", "shell_call", "apply_patch_call", "custom_tool_call"}
)
"""Tools of the Responses API that the caller runs."""

_SERVER: Final = (
    "server_tool_use",
    "mcp_tool_use",
    "server_tool_call",
    "server_tool_call_chunk",
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "computer_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
    "mcp_call",
    "tool_search_call",
)
_READ_ELSEWHERE: Final = (
    "tool_call",
    "tool_call_chunk",
    "invalid_tool_call",
    "tool_use",
    "function_call",
    "input_json_delta",
    "server_tool_result",
    "mcp_list_tools",
    "mcp_approval_request",
    "tool_search_output",
    "code_execution_result",
    "container_upload",
    "fallback",
)

BLOCKS: Final[dict[str, Callable[[Content, Block], None]]] = {
    "text": _text,
    "output_text": _text,
    "refusal": _refusal,
    "reasoning": _reason("reasoning", "summary", "content", "text"),
    "thinking": _reason("thinking", "text"),
    "reasoning_content": _reasoning_content,
    "redacted_thinking": _redacted,
    "compaction": _compaction,
    "image_generation_call": _image_generation,
    "executable_code": _code,
    "image": _image,
    "image_url": _picture,
    "audio": _media("audio"),
    "video": _media("video"),
    "file": _media("file"),
    "document": _media("file"),
    "media": _inline,
    "custom_tool_call": _client_tool,
    "tool_reference": _tool_reference,
    "non_standard": _wrapped,
    **dict.fromkeys(_SERVER, _server_tool),
    **dict.fromkeys(_READ_ELSEWHERE, _nothing),
}


# --- reasoning -------------------------------------------------------------------------------------------------------


def _reasoning(found: Content, draft: ReadDraft) -> None:
    text = draft.pop("_reasoning_text", None)
    item = draft.pop("_reasoning_item", None)
    if item is not None:
        text = text or "".join(_strings(item, ("summary", "content", "text")))
    if not found.reasoning and text is None and item is None:
        return
    draft["reasoning.present"] = True
    draft["reasoning.redacted"] = found.redacted
    if joined := "".join(found.reasoning) or text:
        draft["reasoning.text"] = joined
