"""How events become bytes: server-sent events, and the binary event stream of AWS."""

import struct
from binascii import crc32

import orjson

from langchain_respmeta.cli.demo.wire.base import Event

SSE_CONTENT_TYPE = "text/event-stream; charset=utf-8"
EVENTSTREAM_CONTENT_TYPE = "application/vnd.amazon.eventstream"

_STRING_HEADER = 7
_PRELUDE_BYTES = 12
_CRC_BYTES = 4


def sse(event: Event) -> bytes:
    """Frame as a server-sent event; text data (``[DONE]``) is sent unchanged."""
    data = event.data.encode() if isinstance(event.data, str) else orjson.dumps(event.data)
    name = f"event: {event.name}\n".encode() if event.name else b""
    return name + b"data: " + data + b"\n\n"


def aws_eventstream(event: Event) -> bytes:
    """Frame as ``application/vnd.amazon.eventstream``: prelude, prelude CRC, headers, payload, message CRC.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
    """
    headers = b"".join(
        _string_header(name, value)
        for name, value in (
            (f":{event.message_type}-type", event.name or ""),
            (":content-type", "application/json"),
            (":message-type", event.message_type),
        )
    )
    payload = orjson.dumps(event.data)
    total = _PRELUDE_BYTES + len(headers) + len(payload) + _CRC_BYTES
    prelude = struct.pack(">II", total, len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return message + struct.pack(">I", crc32(message))


def _string_header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", _STRING_HEADER, len(text)) + text
