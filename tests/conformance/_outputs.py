"""Dumps of what 25 integrations made of an answer: the record read from the dump, against the wire the dump came of."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, create_model

from langchain_respmeta import normalize
from tests.conformance._calls import Call, Observed
from tests.conformance._probe import Probe
from tests.conformance._rows import OUTPUTS, Row
from tests.conformance._run import Report, judge
from tests.conformance._targets import DUMPED, WRITTEN, targets_of

DIALECTS: Final[Mapping[str, str]] = {
    "/chat/completions": "chat_completions",
    "/ml/v1/text/chat": "chat_completions",
    "/responses": "responses",
    "/messages": "messages",
    "rawpredict": "messages",
    "generatecontent": "generate_content",
    "/converse": "converse",
    "/invoke": "invoke_model",
    "/v2/chat": "cohere",
    "/api/chat": "ollama",
}
"""What the path of the request holds → how its answer is read."""

DIALECT_OF_CLASS: Final[Mapping[str, str]] = {
    "ChatAnthropicBedrock": "messages",
    "ChatVertexAI": "generate_content",
}


def read_dumps() -> Report:
    """The record of each dump that came whole over a wire we can read."""
    report = Report()
    for index, dump in _dumps():
        seen = _observed(index, dump)
        if seen is not None:
            report.calls[seen.call.label] += 1
            judge(seen, report)
    return report


def wires() -> Iterator[Row]:
    """The wires once more, each once, to be replayed through the classes that are installed here."""
    known: set[tuple[str, str]] = set()
    for index, dump in _dumps():
        wire = dump["wire_response"]
        if not wire or not _is_replayed(dump):
            continue
        row = _row(index, dump, wire, WRITTEN)
        key = (row.kind + str(dump["start"].get("invocation_params")), row.body)
        if key not in known:
            known.add(key)
            yield row


def _is_replayed(dump: Mapping[str, Any]) -> bool:
    """Whether the class of the dump is made to ask for this dialect: LiteLLM speaks many, here it speaks one."""
    one = dump["start"]["serialized_id"][-1] != "ChatLiteLLM"
    return _dialect(dump) is not None and (one or _dialect(dump) == "chat_completions")


def _dumps() -> Iterator[tuple[int, dict[str, Any]]]:
    with gzip.open(OUTPUTS, "rt") as lines:
        yield from enumerate(map(json.loads, lines))


def _observed(index: int, dump: Mapping[str, Any]) -> Observed | None:
    result, wire = dump["llm_result"] or {}, dump["wire_response"] or {}
    dialect = _dialect(dump)
    if not result.get("on_llm_end_message") or dialect is None or not wire or wire.get("status", 200) >= 400:
        return None
    row = _row(index, dump, wire, DUMPED)
    call = Call(row, targets_of(row)[0], dump["mode"])
    probe = Probe()
    probe.on_llm_end([dump["message"], result])
    return Observed(call, [_record(dump)], probe, requested=row.model)


def _dialect(dump: Mapping[str, Any]) -> str | None:
    if dump["start"]["serialized_id"][-1] in DIALECT_OF_CLASS:
        return DIALECT_OF_CLASS[dump["start"]["serialized_id"][-1]]
    path = str(_asked(dump).get("path") or "").lower()
    return next((dialect for part, dialect in DIALECTS.items() if part in path), None)


def _row(index: int, dump: Mapping[str, Any], wire: Mapping[str, Any], origin: str) -> Row:
    framing, body = _framed(wire)
    asked = _asked(dump)
    return Row(
        index=index,
        provider=dump["package"],
        kind=f"{origin} {dump['start']['serialized_id'][-1]}/{_dialect(dump)}",
        host="",
        path=str(asked.get("path") or "").partition("?")[0],
        model=_model(dump),
        request=asked.get("body") or {},
        status=wire.get("status", 200),
        headers={name.lower(): str(value) for name, value in (wire.get("headers") or {}).items()},
        framing=framing,
        body=body,
        streaming=framing != "json",
    )


def _asked(dump: Mapping[str, Any]) -> Mapping[str, Any]:
    asked = dump["wire_request"]
    asked = asked[-1] if isinstance(asked, list) and asked else asked
    return asked if isinstance(asked, dict) else {}


def _model(dump: Mapping[str, Any]) -> str | None:
    params = {**dump["ls_params"], **(dump["start"].get("invocation_params") or {})}
    names = ("model", "model_name", "model_id", "ls_model_name")
    return next((params[name] for name in names if isinstance(params.get(name), str)), None)


def _framed(wire: Mapping[str, Any]) -> tuple[str, str]:
    """The wire as (framing, body)."""
    if "json" in wire:
        return "json", json.dumps(wire["json"])
    if "ndjson" in wire:
        return "ndjson", "".join(json.dumps(line) + "\n" for line in wire["ndjson"])
    if "aws" in wire:
        return "aws_eventstream_b64", base64.b64encode(
            b"".join(_aws(*event) for event in wire["aws"])
        ).decode()
    done = "data: [DONE]\n\n" if wire.get("done") else ""
    return "sse", "".join(_sse(event) for event in wire["sse"]) + done


def _sse(event: Any) -> str:
    name, payload = event if isinstance(event, list) else (None, event)
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(payload)}\n\n"


def _aws(kind: str, event: Mapping[str, Any], message_type: str = "event") -> bytes:
    """One message of AWS's binary event stream: an event, or an exception."""
    named = {
        f":{message_type}-type": kind,
        ":content-type": "application/json",
        ":message-type": message_type,
    }
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in named.items()
    )
    payload = json.dumps(event).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def _record(dump: Mapping[str, Any]) -> Any:
    result, start = dump["llm_result"], dump["start"]
    generation = {
        "message": _revived(result["on_llm_end_message"]),
        "generation_info": _revived(result["generation_info"]),
    }
    answer = {"generations": [[generation]], "llm_output": _revived(result["llm_output"])}
    said = {
        "serialized": {"id": start.get("serialized_id")},
        "metadata": dump["ls_params"],
        "invocation_params": start.get("invocation_params"),
    }
    return normalize(answer, start=said)


def _revived(value: Any) -> Any:
    """Dumped pydantic objects as pydantic objects again."""
    if isinstance(value, list):
        return [_revived(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {key: _revived(item) for key, item in value.items() if key != "__pydantic__"}
    if "__pydantic__" not in value:
        return fields
    shape: dict[str, Any] = dict.fromkeys(fields, (Any, None))
    model: type[BaseModel] = create_model(value["__pydantic__"], **shape)
    return model(**fields)
