"""The record to and from other libraries' shapes: Agno's `ModelResponse` and OpenRouter's generation.

All four functions work on plain dicts and are exact both ways: what came from a record goes back to an equal record, and
what came from the other side goes back to an equal dict. Fields that the other side lacks are stored:

- a record's own fields (provider, finish reason, rate limits, …) in Agno's `provider_data["respmeta"]`, and in
  `"respmeta"` next to OpenRouter's `"data"`;
- Agno's in the record's `provider_data["agno"]`, OpenRouter's in `provider_data["openrouter"]`.

A documented field that is absent comes back as None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from langchain_respmeta.record import json_codec
from langchain_respmeta.record.content import CONTENT, without_content
from langchain_respmeta.record.draft import as_dict, merged
from langchain_respmeta.record.fields import RecordFields, RecordT
from langchain_respmeta.record.interchange import agno, openrouter
from langchain_respmeta.record.interchange.agno_live import ModelResponseLike, told_by
from langchain_respmeta.record.interchange.rest import RECORD_KEY, ours, rest, theirs, with_rest, without

__all__ = ["from_agno", "from_openrouter", "to_agno", "to_openrouter"]


def to_agno(record: RecordFields) -> dict[str, Any]:
    """`record` as `agno.models.response.ModelResponse.to_dict()` writes one; its `from_dict()` takes it.

    Content: `content`, `parsed` and the arguments of `tool_calls` are not part of a record, so they are None or absent
    unless the record came from `from_agno`. `reasoning_content`, `tool_executions[].tool_args` and `.result`, and the
    cited texts are there if the record holds them (`include_content=True`). Media without an address are kept in
    `provider_data["respmeta"]`: Agno has no media that are only described.
    """
    told = theirs(agno.SHAPE, record)
    extra = rest(agno.SHAPE, record, told)
    if extra:
        told["provider_data"] = {**(told["provider_data"] or {}), RECORD_KEY: extra}
    return told


def from_agno(
    data: Mapping[str, Any] | ModelResponseLike, kind: type[RecordT], *, include_content: bool = True
) -> RecordT:
    """Read Agno's `ModelResponse`, or what its `to_dict()`, or `to_agno`, wrote.

    Args:
        data: The response, live or as a dict. It is not changed.
        kind: The class of the record.
        include_content: Whether texts, arguments, results and media bytes are kept, in the record's fields where it
            has them, else in `provider_data["agno"]`. Without them the response cannot be given back.

    Raises:
        RecordError: It is no `ModelResponse`, or a field has another kind of value than Agno gives it; `.field` names it.
    """
    told, extra = _apart(told_by(data))
    record = ours(agno.SHAPE, told, kind)
    if extra is not None:
        record = with_rest(record, extra, f"provider_data.{RECORD_KEY}")
    return record if include_content else _without_content(record)


def _apart(told: Mapping[str, Any]) -> tuple[Mapping[str, Any], Any]:
    """Split a response into itself without the record's own fields, and these."""
    data = told.get("provider_data")
    if not isinstance(data, Mapping) or RECORD_KEY not in data:
        return told, None
    return {**told, "provider_data": without(RECORD_KEY, data) or None}, data[RECORD_KEY]


def _without_content(record: RecordT) -> RecordT:
    """Keep facts only. Key names of the session state are facts."""
    known = replace(record, provider_data=without(agno.KEY, record.provider_data))
    fields = as_dict(without_content(merged(json_codec.to_dict(known))))
    for path in CONTENT:
        group, _, name = path.partition(".")
        fields.get(group, {}).pop(name, None)
    if record.updated_session_state is not None:
        fields["updated_session_state"] = dict.fromkeys(record.updated_session_state)
    return json_codec.from_dict(fields, type(record))


def to_openrouter(record: RecordFields) -> dict[str, Any]:
    """`record` as OpenRouter's `GET /generation?id=` answers: `{"data": {…}}` with every documented field.

    Latencies are milliseconds there. Costs are numbers where a float holds them exactly, else text.
    """
    told = theirs(openrouter.SHAPE, record)
    extra = rest(openrouter.SHAPE, record, told)
    return {"data": told, RECORD_KEY: extra} if extra else {"data": told}


def from_openrouter(data: Mapping[str, Any], kind: type[RecordT]) -> RecordT:
    """Read a generation, as the API answers it or as the TypeScript SDK spells it (`upstreamId`).

    There is no content in one. `cost` is exact if the JSON was read with `parse_float=Decimal`, or the floats are as
    short as they were sent.

    Raises:
        RecordError: It is not `{"data": {…}}`, or a field has another kind of value; `.field` names it.
    """
    record = ours(openrouter.SHAPE, openrouter.generation_of(data), kind)
    extra = data.get(RECORD_KEY) if isinstance(data, Mapping) else None
    return record if extra is None else with_rest(record, extra, RECORD_KEY)
