"""Stored runs: one as the record that a handler would have made of it, and many as drafts.

`read_stored` is the one function for both: rows of a usual shape go the straight way (`stored_rows`), all others the general one
(`stored_general`), with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.state import STATE
from langchain_respmeta.errors import UnreadableAnswer
from langchain_respmeta.handler.live_facts import live_record, with_live_facts
from langchain_respmeta.handler.stored_general import StoredDrafts, read_generally
from langchain_respmeta.handler.stored_rows import ROWS
from langchain_respmeta.record.allowed_facts import NO_MORE, Allowed, allowed, names_of
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata

__all__ = ["StoredDrafts", "normalize_run", "read_stored"]


def read_stored(
    run: Any, *, provider: str | None = None, prices: bool = True, more: Allowed = NO_MORE
) -> StoredDrafts:
    """Read a stored run, for callers that go on with the next one: what cannot be read becomes a warning.

    A row is read fastest as a plain dict of its columns, JSON in text, times with their zone in `datetime.UTC`.

    Raises:
        ProviderError: Nobody is known by the name of `provider`.
    """
    if run.__class__ is dict and provider is None:
        return STATE[ROWS].read(run, prices=prices, more=more)
    return read_generally(run, provider=provider, prices=prices, more=more)


def normalize_run(
    run: Any,
    *,
    provider: str | None = None,
    include_content: bool = True,
    prices: bool = True,
    by: Sequence[str] = (),
) -> ResponseMetadata:
    """Read a stored run of a model into the record that `RespMetaHandler` makes of the live one.

    Args:
        run: A run as LangSmith's client gives it (`langsmith.Client`, either version of the API), a `RunTree`, its dict, or
            a row of a bulk export, whose columns may be JSON in text. LangChain's for Python or JavaScript, or of one
            of LangSmith's wrappers.
        provider: Who answered, where the run does not show it: a provider's name (`"groq"`), or the address that was called.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the record. Nothing
            leaves the process here, so they do unless told otherwise.
        prices: Whether the cost is computed where the provider did not report it, by the list prices of the run's time.
        by: Keys of the run's own metadata that the record carries; `"tags"` carries its tags. See `RespMetaHandler`.

    Returns:
        The record; anything that could not be read is told in its `warnings`, `unmapped` and `provider_data`.

    Raises:
        UnreadableAnswer: `run` is no run of a model, has not ended, or holds nothing that a reader recognizes.
        ProviderError: Nobody is known by the name of `provider`.
        SettingsError: `by` is no list of names.
    """
    stored = read_stored(run, provider=provider, prices=prices, more=allowed(*names_of(by)))
    live = None if stored.metadata is None else live_record(stored.metadata)
    record = record_of(stored.drafts[0], include_content=include_content)
    if stored.problem is None:
        return (
            record
            if live is None
            else with_live_facts(record, live, include_content=include_content, prices=prices)
        )
    raise UnreadableAnswer(stored.problem)
