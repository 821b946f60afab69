"""Chunks of streamGenerateContent, put together. Each has the shape of a whole answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_respmeta.providers.engine.answers import MAX_CANDIDATES
from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, mappings


def joined_chunks(chunks: Sequence[Body]) -> Joined:
    """One body. Counts grow from chunk to chunk: the last of each is the call's."""
    body: dict[str, Any] = {}
    usage: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        body.update(
            {name: value for name, value in chunk.items() if value is not None and name != "candidates"}
        )
        usage.update({name: n for name, n in mapping(chunk.get("usage_metadata")).items() if n is not None})
        for piece in mappings(chunk.get("candidates")):
            place = piece.get("index")
            index = place if isinstance(place, int) else 0
            if index in candidates or len(candidates) < MAX_CANDIDATES:
                _add(candidates.setdefault(index, {"index": index}), piece)
    if usage:
        body["usage_metadata"] = usage
    if candidates:
        body["candidates"] = [candidates[index] for index in sorted(candidates)]
    return Joined(body, _is_whole(body))


def _is_whole(body: Body) -> bool:
    candidates = mappings(body.get("candidates"))
    if not candidates:
        return bool(mapping(body.get("prompt_feedback")).get("block_reason"))
    return all(candidate.get("finish_reason") for candidate in candidates)


def _add(whole: dict[str, Any], piece: Mapping[str, Any]) -> None:
    for name, value in piece.items():
        if value is None or name == "index":
            continue
        if name == "content":
            parts = whole.setdefault("content", {"parts": []})["parts"]
            parts.extend(mappings(mapping(value).get("parts")))
        elif isinstance(value, Mapping):
            whole[name] = _with_lists(mapping(whole.get(name)), value)
        elif value or name not in whole:
            whole[name] = value


def _with_lists(known: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with their lists one after the other: but some models send with each chunk all that they sent before."""
    both = dict(known)
    for name, value in more.items():
        before = both.get(name)
        if isinstance(before, list) and isinstance(value, list):
            both[name] = value if value[: len(before)] == before else [*before, *value]
        elif value is not None:
            both[name] = value
    return both
