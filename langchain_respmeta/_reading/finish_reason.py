"""Why the answer ended: the provider's own word, and the record's."""

from __future__ import annotations

import re
from typing import Final

from langchain_respmeta._reading.repetitions import once, words_in
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.record.vocabulary import SEVERITY, FinishReason

_UNSPECIFIED: Final = "FINISH_REASON_UNSPECIFIED"

_WORD: Final = re.compile(r"[\w.:/-]{1,64}")
"""A provider's word, which may be logged; anything else may be private text."""


def read_finish_reason(draft: ReadDraft, answer: Answer, reader: Reader, leftovers: Leftovers) -> None:
    """Write the record's word for the end, and the provider's own as one word."""
    told = draft.pop("_told_finish_reason", None)
    native = draft.get("native_finish_reason")
    if native is not None and native.startswith(_UNSPECIFIED):
        # Where Vertex AI sent no word (a stream's first chunks), protobuf fills this in; merging glued it to the real one.
        native = draft["native_finish_reason"] = once(native.replace(_UNSPECIFIED, ""))
    if not native:
        draft.pop("native_finish_reason", None)
        return
    word = native.casefold()
    if word not in reader.finish and not word.isdecimal() and (words := words_in(word, reader.finish)):
        # Several candidates, or chunks that disagree, merged into one: the worst one counts.
        word = native = max(words, key=lambda one: SEVERITY.get(reader.finish[one] or "stop", 0))
        draft["native_finish_reason"] = native
    known = reader.finish.get(word, "unknown")
    if word not in reader.finish:
        leftovers.unmapped.append(f"finish_reason={native}" if _WORD.fullmatch(native) else "finish_reason")
    if known == "stop" and reader.stop_covers_tools and _has_client_calls(answer, draft):
        known = "tool_calls"
    if told is not None:
        known = _refine(draft, told, known, reader)
    if known is not None:
        draft["finish_reason"] = draft.get("finish_reason", known) if known == "stop" else known


def _has_client_calls(answer: Answer, draft: ReadDraft) -> bool:
    """Whether the message lists calls, and one of them is not the provider's own."""
    listed = answer.tool_calls or answer.invalid_tool_calls
    return bool(listed) and any(not call.get("server_side") for call in draft.get("tool_calls", ()))


def _refine(draft: ReadDraft, told: str, known: FinishReason | None, reader: Reader) -> FinishReason | None:
    """Make the vendor's word behind a router the native one; it can be the finer one."""
    draft["native_finish_reason"] = told
    said = reader.finish.get(told.casefold())
    return said if said in _FINER else known


_FINER: Final = frozenset({"refusal", "pause", "stop_sequence"})
"""Finish reasons for which routers have coarser words only."""
