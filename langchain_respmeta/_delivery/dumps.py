"""JSON of untrusted values: all of it becomes text, and nothing raises."""

from __future__ import annotations

import json
from collections.abc import Mapping

import orjson

from langchain_respmeta.record.plain import json_safe, writable

__all__ = ["dumped"]


def dumped(fields: Mapping[str, object]) -> bytes:
    """Return `fields` as JSON."""
    try:
        return orjson.dumps(fields, default=str, option=orjson.OPT_NON_STR_KEYS)
    except (TypeError, ValueError, RecursionError):
        # Half an emoji (a lone surrogate), an integer beyond 64 bits, an object without text: rare, so checked last.
        return writable(json.dumps(json_safe(fields), ensure_ascii=False)).encode()
