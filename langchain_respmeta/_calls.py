"""The tools that the model asks the caller to run, from the three places where LangChain keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_respmeta._json import as_mapping
from langchain_respmeta.answer import Answer
from langchain_respmeta.providers._parts import args_size, compact, is_json, plain_word
from langchain_respmeta.providers._table import Draft


def read_calls(answer: Answer, draft: Draft) -> frozenset[Any]:
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


def _call(call: Mapping[str, Any], raw: Mapping[Any, str], *, valid: bool) -> dict[str, Any]:
    sent = raw.get(call.get("id"))
    return compact(
        id=plain_word(call.get("id")),
        name=plain_word(call.get("name")),
        valid=valid and (sent is None or is_json(sent)),
        server_side=False,
        args_size_bytes=args_size(call.get("args") if sent is None else sent),
    )


def _raw_arguments(chunks: list[Any] | None) -> dict[Any, str]:
    """Arguments as streamed, by call: LangChain repairs cut JSON in `tool_calls`, so validity shows only here."""
    pairs = ((as_mapping(chunk) or {}) for chunk in chunks or ())
    return {
        chunk.get("id"): chunk["args"]
        for chunk in pairs
        if isinstance(chunk.get("args"), str) and chunk["args"]
    }


def _left_out(kwargs: Mapping[str, Any], known: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Calls in `additional_kwargs` that the message itself lacks.

    Core's merge of v1 content can lose one of several; `function_call` is OpenAI's first way to ask, which LangChain
    never made a tool call of (Gemini's integration uses the key too, beside the call).
    """
    ids = {call.get("id") for call in known}
    listed = kwargs.get("tool_calls")
    for item in map(as_mapping, listed) if isinstance(listed, list) else ():
        function = as_mapping(item.get("function")) if item is not None else None
        if item is not None and function is not None and item.get("id") and item["id"] not in ids:
            yield _asked(function, plain_word(item["id"]))
    function = as_mapping(kwargs.get("function_call"))
    if function is not None and not known and function.get("name"):
        yield _asked(function, None)


def _asked(function: Mapping[str, Any], call_id: str | None) -> dict[str, Any]:
    arguments = function.get("arguments")
    return compact(
        id=call_id,
        name=plain_word(function.get("name")),
        valid=not isinstance(arguments, str) or is_json(arguments),
        server_side=False,
        args_size_bytes=args_size(arguments),
    )
