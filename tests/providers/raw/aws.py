"""AWS's side of the tests: boto3's clients at the replay server, and event streams as the wire has them."""

from __future__ import annotations

import json
import struct
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

import boto3
from botocore.config import Config


def client(url: str) -> Any:
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )


def frames(events: Iterable[Mapping[str, Any]]) -> bytes:
    """Events as {type: payload} in AWS's binary framing."""
    return b"".join(_frame(kind, payload) for event in events for kind, payload in event.items())


def _frame(kind: str, payload: object) -> bytes:
    sort = "exception" if kind.endswith("Exception") else "event"
    headers = _header(":message-type", sort) + _header(f":{sort}-type", kind)
    headers += _header(":content-type", "application/json") + struct.pack(">BB", 4, ord("t")) + b"est\x00"
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", len(headers) + len(body) + 16, len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + body
    return message + struct.pack(">I", crc32(message))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()


def wrapped(event: Mapping[str, Any]) -> dict[str, Any]:
    """A vendor's event as InvokeModel sends it."""
    return {"chunk": {"bytes": b64encode(json.dumps(event).encode()).decode(), "p": "abc"}}
