"""The draft of a stored run with what a handler put on the run: in the quick way, where the record there is a plain one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields

from langchain_respmeta.handler.live_facts import live_data, live_record, with_live_facts
from langchain_respmeta.handler.stored import StoredDrafts
from langchain_respmeta.history.live_rows import with_live_data
from langchain_respmeta.record.build import draft_of
from langchain_respmeta.record.draft import Draft, merged
from langchain_respmeta.record.typed import record_of


def with_live_facts_of(stored: StoredDrafts, *, include_content: bool, prices: bool) -> Draft:
    """The first draft of a stored run, with what a handler put on the run beyond it.

    Args:
        stored: The run, as read.
        include_content: Whether texts are wanted of the handler's record.
        prices: Whether its cost is, where it was computed.
    """
    draft, metadata = stored.drafts[0], stored.metadata
    data = live_data(metadata) if metadata else None
    if metadata is None or data is None:
        return draft
    with suppress(Exception):  # whatever is odd about it, the typed way tells
        return with_live_data(draft, data, include_content=include_content, prices=prices)
    live = live_record(metadata)
    if live is None:
        return draft
    record = record_of(draft, include_content=include_content)
    better = with_live_facts(record, live, include_content=include_content, prices=prices)
    changed = {
        one.name for one in fields(better) if getattr(better, one.name) is not getattr(record, one.name)
    }
    kept = {path: value for path, value in draft.items() if path.partition(".")[0] not in changed}
    return merged(kept, draft_of(better, changed))
