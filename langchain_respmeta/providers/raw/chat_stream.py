"""The chunks of a stream of Chat Completions, put together: https://platform.openai.com/docs/api-reference/chat-streaming."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.raw.asked_calls import Streamed
from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, mappings

_PADDING: Final = frozenset({"obfuscation", "p"})
"""Letters that OpenAI and Mistral add so that a chunk's size tells nothing."""

Parts = dict[str, Any]
Add = Callable[[Parts, str, Any], None]


def is_chunk(event: Body) -> bool:
    """Whether it is a chunk, or the event in which OpenAI's own helper hands one over."""
    if event.get("type") == "chunk":
        return "choices" in mapping(event.get("chunk"))
    choices = mappings(event.get("choices"))
    return event.get("object") == "chat.completion.chunk" or bool(choices and "delta" in choices[0])


def is_text_chunk(event: Body) -> bool:
    """Whether it is a chunk of the completions of old."""
    choices = mappings(event.get("choices"))
    return bool(choices) and "text" in choices[0] and not is_chunk(event)


def join(events: Sequence[Body]) -> Joined:
    """The chunks as one body; whole, if each choice came to an end, or an error told why not."""
    body: Parts = Streamed()
    choices: dict[Any, Parts] = {}
    for event in map(_chunk, events):
        _add_chunk(body, event)
        for place, choice in enumerate(mappings(event.get("choices"))):
            index = choice.get("index")
            _add_choice(choices.setdefault(index if isinstance(index, int) else place, {}), choice)
    body["choices"] = [choices[index] for index in sorted(choices)]
    for choice in body["choices"]:
        _close(choice)
    _add_parsed(body["choices"], events)
    body["object"] = str(body.get("object") or "chat.completion").removesuffix(".chunk")
    ended = bool(choices) and all(choice.get("finish_reason") for choice in body["choices"])
    return Joined(body, is_whole=ended or bool(body.get("error")))


def _chunk(event: Body) -> Body:
    """The chunk of a helper's event; empty for its events of other kinds, which say the same once more."""
    kind = event.get("type")
    if kind == "chunk":
        return mapping(event.get("chunk"))
    return {} if isinstance(kind, str) and "choices" not in event and "error" not in event else event


def _add_parsed(choices: list[Parts], events: Sequence[Body]) -> None:
    """Add what the helper parsed, which it tells with the last text of the only choice."""
    done = (event.get("parsed") for event in events if event.get("type") == "content.done")
    parsed = next((one for one in done if one is not None), None)
    if parsed is not None and len(choices) == 1:
        choices[0].setdefault("message", {})["parsed"] = parsed


def _add_chunk(body: Parts, event: Body) -> None:
    """Add what stands beside the choices: what came last counts, as of counts that grow with each chunk."""
    for key, value in event.items():
        if value in (None, "", [], {}) or key == "choices" or key in _PADDING:
            continue
        known = body.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping) and key != "usage":
            body[key] = {**known, **value}
        elif key != "model" or not isinstance(known, str) or len(str(value)) > len(known):
            body[key] = value  # of several names of one model the longest is the most exact


def _add_choice(choice: Parts, piece: Mapping[str, Any]) -> None:
    for key, value in piece.items():
        if value is None or (key == "message" and piece.get("delta") is not None):
            continue  # Perplexity and Writer repeat the whole message beside each delta
        _OF_CHOICE.get(key, _latest)(choice, key, value)


def _add_delta(choice: Parts, _key: str, delta: object) -> None:
    message = choice.setdefault("message", {})
    for key, value in mapping(delta).items():
        if value is not None:
            _OF_DELTA.get(key, _grow)(message, key, value)


# --- how the pieces of one key are put together ----------------------------------------------------------------------


def _latest(parts: Parts, key: str, value: object) -> None:
    if value not in ("", [], {}):
        parts[key] = value


def _grow(parts: Parts, key: str, value: object) -> None:
    """Lists grow, objects are merged; of anything else the last one counts."""
    known = parts.get(key)
    if isinstance(value, list):
        if not isinstance(known, list):
            known = parts[key] = []
        known.extend(value)
    elif isinstance(known, dict) and isinstance(value, Mapping):
        parts[key] = {**known, **value}
    else:
        _latest(parts, key, value)


def _text(parts: Parts, key: str, value: object) -> None:
    """A text comes in pieces, which are joined at the end (`_close`)."""
    if not isinstance(value, str | list):
        parts.setdefault(key, value)
        return
    pieces = parts.get(key)
    if not isinstance(pieces, _Pieces):
        pieces = parts[key] = _Pieces()
    for piece in value if isinstance(value, list) else [value]:
        pieces.add(piece)


class _Pieces(list[Any]):
    """Pieces of one text, or blocks; Mistral changes from one to the other within a stream."""

    def add(self, piece: object) -> None:
        if piece != "":
            self.append(piece)

    def joined(self) -> Any:
        """One text, or blocks where there is one."""
        if all(isinstance(piece, str) for piece in self):
            return "".join(self)
        blocks: list[Any] = []
        text: list[str] = []
        for piece in self:
            if isinstance(piece, str):
                text.append(piece)
                continue
            if text:
                blocks.append({"type": "text", "text": "".join(text)})
                text = []
            blocks.append(piece)
        return [*blocks, {"type": "text", "text": "".join(text)}] if text else blocks


def _close(parts: Parts) -> None:
    """Join all texts within."""
    waiting: list[Any] = [parts]
    while waiting:
        holder = waiting.pop()
        for key, value in holder.items():
            if isinstance(value, _Pieces):
                holder[key] = value.joined()
            elif isinstance(value, _Open):
                waiting.append(value)
            elif isinstance(value, list):
                waiting.extend(item for item in value if isinstance(item, _Open))
            elif key == "message" and isinstance(value, dict):
                waiting.append(value)


class _Open(dict[str, Any]):
    """An object of a message whose texts are still growing."""


def _add_calls(message: Parts, key: str, pieces: object) -> None:
    calls = message.setdefault(key, [])
    for piece in mappings(pieces):
        _add_call(calls, piece)


def _add_call(calls: list[Any], piece: Mapping[str, Any]) -> None:
    call = _begun(calls, piece)
    if call is None:
        call = _Open()
        calls.append(call)
    for key, value in piece.items():
        if value is None:
            continue
        if key in ("function", "custom"):
            _add_function(call, key, value)
        else:
            _latest(call, key, value)


def _begun(calls: list[Any], piece: Mapping[str, Any]) -> Any:
    """The call that a piece continues: of the same index, where no other id shows that another begins.

    Some servers give every call the index 0; others give none, and then a piece without an id belongs to the last one.
    """
    index, identity = piece.get("index"), piece.get("id") or None
    for call in reversed(calls[-_OPEN_CALLS:]):
        same_id = identity is None or call.get("id") in (None, identity)
        if same_id and (call.get("index") == index if index is not None else identity is None):
            return call
    return None


_OPEN_CALLS: Final = 256
"""Calls of one message that a piece may still belong to."""


def _add_function(call: Parts, key: str, piece: object) -> None:
    function = call.setdefault(key, _Open())
    for name, value in mapping(piece).items():
        if value is None:
            continue
        if name in ("arguments", "input"):
            _text(function, name, value)
        elif name == "name" and isinstance(value, str):
            function[name] = _named(function.get(name), value)
        else:
            _latest(function, name, value)


def _named(known: str | None, piece: str) -> str:
    """A name that comes whole, once or with each piece, or bit by bit."""
    if not known or piece.startswith(known):
        return piece
    return known if known.startswith(piece) or not piece else known + piece


def _add_audio(message: Parts, key: str, piece: object) -> None:
    audio = message.setdefault(key, _Open())
    for name, value in mapping(piece).items():
        if value is not None:
            (_text if name in ("data", "transcript") else _latest)(audio, name, value)


def _add_tools(message: Parts, key: str, pieces: object) -> None:
    """Groq tells a tool that it runs twice: when it starts, and with its output."""
    tools = message.setdefault(key, [])
    for piece in mappings(pieces):
        index = piece.get("index")
        begun = next((tool for tool in tools if index is not None and tool.get("index") == index), None)
        came = {name: value for name, value in piece.items() if value is not None}
        if begun is None:
            tools.append(came)
        else:
            begun.update(came)


def _add_logprobs(choice: Parts, key: str, value: object) -> None:
    known = choice.setdefault(key, {})
    for name, items in mapping(value).items():
        if items is not None:
            _grow(known, name, items)


_OF_DELTA: Final[Mapping[str, Add]] = {
    **dict.fromkeys(("content", "refusal", "reasoning_content", "reasoning", "reasoning_text"), _text),
    "tool_calls": _add_calls,
    "function_call": _add_function,
    "audio": _add_audio,
    "executed_tools": _add_tools,
}
_OF_CHOICE: Final[Mapping[str, Add]] = {
    "delta": _add_delta,
    "message": _add_delta,
    "text": _text,
    "logprobs": _add_logprobs,
    "content_filter_results": _grow,
}
"""Key → how its pieces are put together; for all others `_grow`, of a choice `_latest`."""
