"""The tools that the model asks the caller to run, from the three places where LangChain keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.values import args_size, compact, is_json, plain_word
from langchain_respmeta.record.plain import as_mapping


def read_calls(answer: Answer, draft: ReadDraft) -> frozenset[Any]:
    """Put the calls into the draft; returns their ids."""
    raw = _raw_arguments(answer.tool_call_chunks)
    calls = [
        _call(fields, raw, valid=valid)
        for valid, group in ((True, answer.tool_calls), (False, answer.invalid_tool_calls))
        for fields in map(as_mapping, group)
        if fields is not None
    ]
    if answer.kwargs:
        calls += _left_out(answer.kwargs, calls)
    if calls:
        draft.setdefault("tool_calls", []).extend(calls)
    return frozenset(call.get("id") for call in calls)


def _call(call: Mapping[str, object], raw: Mapping[str | None, list[str]], *, valid: bool) -> dict[str, Any]:
    sent = _sent(call, raw)
    return compact(
        id=plain_word(call.get("id")),
        name=plain_word(call.get("name")),
        valid=valid and (sent is None or is_json(sent)),
        server_side=False,
        args_size_bytes=args_size(call.get("args") if sent is None else sent),
    )


def _raw_arguments(chunks: list[object] | None) -> dict[str | None, list[str]]:
    """Arguments as streamed, by the call's id: LangChain repairs cut JSON in `tool_calls`, so validity shows only here.

    Several calls may share an id, or have none: their arguments are in the order of the calls.
    """
    found: dict[str | None, list[str]] = {}
    for chunk in map(as_mapping, chunks or ()):
        if chunk is not None:
            args = chunk.get("args")
            found.setdefault(plain_word(chunk.get("id")), []).append(args if isinstance(args, str) else "")
    return found


def _sent(call: Mapping[str, object], raw: Mapping[str | None, list[str]]) -> str | None:
    """This call's own streamed arguments, taken out of `raw`: those that are equal, else the next ones."""
    pieces = raw.get(plain_word(call.get("id")))
    if not pieces:
        return None
    args = call.get("args")
    same = (
        place for place, piece in enumerate(pieces[:_LOOKED_AT]) if len(pieces) > 1 and _says(piece, args)
    )
    return pieces.pop(next(same, 0)) or None


_LOOKED_AT: Final = 16
"""Calls with one id that are compared with each other: the cost grows with the square."""


def _says(piece: str, args: object) -> bool:
    return piece == args or (is_json(piece or "{}") and json.loads(piece or "{}") == args)


def _left_out(kwargs: Mapping[str, object], known: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Calls in `additional_kwargs` that the message itself lacks.

    Core's merge of v1 content can lose one of several; `function_call` is OpenAI's first way to ask, which LangChain
    never made a tool call of (Gemini's integration uses the key too, beside the call).
    """
    ids = {call.get("id") for call in known}
    listed = kwargs.get("tool_calls")
    for item in map(as_mapping, listed) if isinstance(listed, list) else ():
        function = as_mapping(item.get("function")) if item is not None else None
        call_id = plain_word(item.get("id")) if item is not None else None
        if function is not None and call_id and call_id not in ids:
            yield _asked(function, call_id)
    function = as_mapping(kwargs.get("function_call"))
    if function is not None and not known and function.get("name"):
        yield _asked(function, None)


def _asked(function: Mapping[str, object], call_id: str | None) -> dict[str, Any]:
    arguments = function.get("arguments")
    return compact(
        id=call_id,
        name=plain_word(function.get("name")),
        valid=not isinstance(arguments, str) or is_json(arguments),
        server_side=False,
        args_size_bytes=args_size(arguments),
    )
