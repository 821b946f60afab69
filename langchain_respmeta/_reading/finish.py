"""From what the tables and blocks found to a finished draft: one word for the end, one refusal, sums that add up.

The steps run in the order of `_STEPS`; each takes its own private keys (`Scratch`) out of the draft.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from langchain_respmeta._reading import headers
from langchain_respmeta._reading.content import Content
from langchain_respmeta._reading.cost import settle_cost
from langchain_respmeta._reading.faults import note_fault
from langchain_respmeta._reading.finish_reason import read_finish_reason
from langchain_respmeta._reading.listed_citations import LISTS, read_citations
from langchain_respmeta._reading.refusal import read_refusal
from langchain_respmeta._reading.repetitions import undo_repetitions
from langchain_respmeta._reading.told_error import read_told_error
from langchain_respmeta._reading.usage import check_usage, take_spares
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import Leftovers


class _Read(NamedTuple):
    """What the steps look at besides the draft."""

    answer: Answer
    reader: Reader
    content: Content
    leftovers: Leftovers


def finish(draft: ReadDraft, answer: Answer, reader: Reader, content: Content, leftovers: Leftovers) -> None:
    """Finish `draft` in place."""
    if leftovers.spares or leftovers.warnings:
        take_spares(draft, leftovers)
    read = _Read(answer, reader, content, leftovers)
    for name, step in _STEPS.items():
        try:
            step(draft, read)
        except Exception as fault:  # noqa: BLE001 - whatever it raises, it costs this step alone
            note_fault(name, fault, leftovers)
    if not answer.is_unread:
        _judge(draft, answer)


def _judge(draft: ReadDraft, answer: Answer) -> None:
    is_cut, is_refused = draft.get("finish_reason") == "length", "refusal.source" in draft
    if is_cut or "truncated" not in answer.unsaid:
        draft["truncated"] = is_cut
    if is_refused or "refused" not in answer.unsaid:
        draft["refused"] = is_refused


_RATED_AGAIN: Final = frozenset({"google", "azure_content_filter"})
"""Who rates the whole answer again with every chunk; LangChain puts all of it into one list."""

_RATED_ONCE: Final = frozenset({"google"})
"""Of them, who gives no category twice in one answer: there a repetition shows that it was streamed."""


def _latest_ratings(draft: ReadDraft, read: _Read) -> None:
    ratings = draft.get("safety")
    again = _RATED_AGAIN if read.answer.is_chunk else _RATED_ONCE
    if ratings and len(ratings) > 1 and all(one["source"] in again for one in ratings):
        draft["safety"] = list({(one["category"], one["scope"]): one for one in ratings}.values())


def _take_headers(draft: ReadDraft, read: _Read) -> None:
    if "_headers" in draft:
        headers.read_headers(draft, read.leftovers)


def _tell_error(draft: ReadDraft, _: _Read) -> None:
    if "_told_error" in draft:
        read_told_error(draft)


def _charge(draft: ReadDraft, _: _Read) -> None:
    if "cost.total" in draft or "_from_gateways_cache" in draft:
        settle_cost(draft)


def _cite(draft: ReadDraft, read: _Read) -> None:
    if read.content.citations or not draft.keys().isdisjoint(LISTS):
        read_citations(draft, read.content)


def _own_names(draft: ReadDraft, read: _Read) -> None:
    names = read.reader.tool_names
    for call in draft.get("tool_calls", ()) if names else ():
        if call.get("server_side"):
            call["name"] = names.get(call.get("name", ""), call.get("name"))


def _model(draft: ReadDraft, read: _Read) -> None:
    served = draft.pop("_served_model", None)
    if served:
        draft["model"], draft["model_source"] = served, "response"
    elif "model" in draft:
        asked = read.answer.api is None and read.reader.model_is_request
        if callable(asked):
            asked = asked(read.answer)
        draft["model_source"] = "request" if asked else "response"


_STEPS: Final[dict[str, Callable[[ReadDraft, _Read], None]]] = {
    "repetitions": lambda draft, read: undo_repetitions(draft, is_chunk=read.answer.is_chunk),
    "safety": _latest_ratings,
    "headers": _take_headers,
    "usage": lambda draft, read: check_usage(draft, read.leftovers),
    "cost": _charge,
    "finish_reason": lambda draft, read: read_finish_reason(draft, read.answer, read.reader, read.leftovers),
    "refusal": lambda draft, read: read_refusal(draft, read.content),
    "error": _tell_error,
    "citations": _cite,
    "tool_calls": _own_names,
    "model": _model,
}
"""Name of the part, for its warning → what finishes it; in this order."""
