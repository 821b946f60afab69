"""What a run says of itself beside the answer: its name, thread, agent, node and step, and the tags and metadata that the user allows.

Whoever made the call chose these words, so they stand in records as they are, but for secrets and length. They are not put on
LangSmith's runs: the runs have them already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.record.allowed_facts import METADATA, NO_MORE, TAGS, Allowed
from langchain_respmeta.record.bounds import INT64, writable
from langchain_respmeta.record.draft import Draft, as_dict, merged
from langchain_respmeta.record.secrets import text_without_secrets

MAX_TEXT: Final = 256
"""Characters of a name or value; what is longer is cut."""

MAX_TAGS: Final = 32
"""Tags of one run."""

_MAX_KEPT: Final = 4_096

_THREAD: Final = ("thread_id", "session_id", "conversation_id")
"""Keys of metadata by which LangSmith groups runs into threads; the first that is there counts."""
_AGENT: Final = ("lc_agent_name", "agent_name")
"""LangChain's `create_agent(name=…)`, else a name that the caller gave."""
_NODE, _STEP = "langgraph_node", "langgraph_step"

_BOOKKEEPING: Final = re.compile(
    r"(?:seq|graph):step:\d+|map:key:.*|condition:\d+|branch:(?:\d+|default)|retry:attempt:\d+|langsmith:(?:hidden|nostream)",
    re.DOTALL,
)
"""Tags that LangChain and LangGraph give their own runs: nobody groups by them."""

OwnFacts: TypeAlias = dict[str, Any]
"""Fields of `OWN_FACTS` that a run has, by name."""


def own_facts(name: Any, metadata: Any, tags: Any, more: Allowed) -> OwnFacts:
    """The fields of a run's own.

    Args:
        name: The run's name.
        metadata: Its metadata, as a callback, a tracer or a table has it.
        tags: Its tags.
        more: What the record may carry beyond the fields that are always carried.

    Raises:
        Exception: whatever a foreign mapping raises when it is read.
    """
    found: OwnFacts = {}
    metadata = _mapping(metadata)
    if (told := _shown(name)) is not None:
        found["run_name"] = told
    if metadata:
        _add_names(found, metadata)
    return found if more is NO_MORE else found | _allowed_of(metadata, tags, more)


def _mapping(metadata: Any) -> Mapping[str, Any] | None:
    """The metadata, if it is any: what calls the callbacks may hand over anything."""
    return metadata if metadata.__class__ is dict or isinstance(metadata, Mapping) else None


def _allowed_of(metadata: Mapping[str, Any] | None, tags: Any, more: Allowed) -> OwnFacts:
    found: OwnFacts = {}
    if more.tags and (listed := _own_tags(_listed(tags))):
        found[TAGS] = listed
    if more.keys and metadata:
        values = {key: value for key in more.keys if (value := _scalar(metadata.get(key))) is not None}
        if values:
            found[METADATA] = values
    return found


def facts_of_tracer(metadata: Any, tags: Any, more: Allowed) -> OwnFacts:
    """What a tracer's run may say beyond what callbacks are told: LangChain hands a config's `configurable` to tracers alone.

    Raises:
        Exception: as `own_facts`.
    """
    found: OwnFacts = {}
    metadata = _mapping(metadata)
    if metadata and (thread := _first(metadata, _THREAD)) is not None:
        found["thread_id"] = thread
    return found if more is NO_MORE else found | _allowed_of(metadata, tags, more)


def _add_names(found: OwnFacts, metadata: Mapping[str, Any]) -> None:
    get = metadata.get
    if (thread := _first(metadata, _THREAD)) is not None:
        found["thread_id"] = thread
    if (agent := _first(metadata, _AGENT)) is not None:
        found["agent_name"] = agent
    if (node := get(_NODE)) is not None and (told := _shown(node)) is not None:
        found["graph_node"] = told
    step = get(_STEP)
    if type(step) is int and 0 <= step < INT64:
        found["graph_step"] = step


def within(draft: Draft, more: Allowed) -> Draft:
    """The draft with no more of the run's tags and metadata than this: handlers of one run may differ in it."""
    if METADATA not in draft and TAGS not in draft:
        return draft
    kept = as_dict(draft).copy()
    values = {key: value for key, value in kept.pop(METADATA, {}).items() if key in more.keys}
    if not more.tags:
        kept.pop(TAGS, None)
    return merged(kept, {METADATA: values} if values else {})


def _listed(tags: Any) -> Sequence[Any]:
    """Tags as a list; tables may hold them as JSON."""
    if isinstance(tags, str | bytes):
        try:
            tags = orjson.loads(tags)
        except ValueError:
            return ()
    return tags if isinstance(tags, list | tuple) else ()


def _own_tags(tags: Sequence[Any]) -> list[str]:
    told = dict.fromkeys(
        shown
        for tag in tags[: 4 * MAX_TAGS]
        if (shown := _shown(tag)) is not None and _BOOKKEEPING.fullmatch(shown) is None
    )
    return [*told][:MAX_TAGS]


def _first(metadata: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    """The first id or name under one of these keys."""
    for key in keys:
        if (value := metadata.get(key)) is not None and (told := _name(value)) is not None:
            return told
    return None


def _name(value: Any) -> str | None:
    """An id or a name; some count their threads."""
    return str(value) if value.__class__ is int and abs(value) < INT64 else _shown(value)


def _scalar(value: Any) -> str | int | float | bool | None:
    kind = value.__class__
    if kind is bool:
        told: bool = value
        return told
    if kind is int:
        return int(value) if -INT64 <= value < INT64 else None
    if kind is float:
        return float(value) if isfinite(value) else None
    return None if value is None else _shown(value)


def _shown(value: Any) -> str | None:
    """A text without secrets, not too long; None for what is none, or an empty one."""
    kind = value.__class__
    if kind is str:
        return _SHOWN[value] or None
    if kind is UUID:
        return str(value)
    return _SHOWN[str.__str__(value)] or None if isinstance(value, str) else None


class _Shown(Bounded[str, str]):
    """Text → what stands in its place. Kept is only what may stand as it is: no secret stays in memory."""

    def __missing__(self, text: str) -> str:
        if _UUID(text) is not None:  # a thread's, a run's: each comes a few times, and would drive names out
            return text
        shown = text_without_secrets(writable(text[: 4 * MAX_TEXT]))[:MAX_TEXT]
        if shown == text:
            self.keep(text, text)
        return shown


_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
"""No key or token looks like one, so it stands as it is."""
_SHOWN: Final = _Shown(_MAX_KEPT)
