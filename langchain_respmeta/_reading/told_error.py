"""An error that an answer tells of by itself: its HTTP status was 200, and something broke before it was whole."""

from __future__ import annotations

from typing import Final

from langchain_respmeta._reading.error_body import code_of, fault_of, words_of
from langchain_respmeta._reading.error_codes import retryable
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.values import is_whole, text_or_none

_STATUSES: Final = range(400, 600)


def read_told_error(draft: ReadDraft) -> None:
    """Write the error into the draft: OpenRouter's of a choice or a chunk, the Responses API's of a response."""
    told = draft.pop("_told_error", None)
    fault = fault_of({"error": told}) if told else {}
    if not fault:
        return
    draft["event"] = "error"
    draft.setdefault("finish_reason", "error")
    code, words, status = code_of(fault), words_of(fault), fault.get("code")
    draft["error.type"] = (
        text_or_none(fault.get("type")) or code or draft.get("native_finish_reason") or "error"
    )
    if code is not None:
        draft["error.code"] = code
    if words is not None:
        draft["error.message"] = words
    known = status if is_whole(status) and status in _STATUSES else None
    if known is not None:
        draft["error.status_code"] = known
    again = retryable(fault, code, words or "", None, known, broke_off=False)
    if again is not None:
        draft["error.retryable"] = again
