"""The real `langchain_openai.ChatOpenAI`, answered by a transport in this process."""

from __future__ import annotations

from typing import Any

import httpx
from langchain_openai import ChatOpenAI

from benchmarks.calls import MODEL, metadata

ANSWER: dict[str, Any] = {
    "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
    "object": "chat.completion",
    "created": 1780000000,
    "model": MODEL,
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello there", "refusal": None, "annotations": []},
            "finish_reason": "stop",
        }
    ],
    "usage": metadata()["token_usage"],
    "service_tier": "default",
    "system_fingerprint": "fp_34a54ae93c",
}


def model_of() -> ChatOpenAI:
    """A model that needs neither a key nor a network."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=ANSWER))
    return ChatOpenAI(
        model="gpt-5-mini",
        api_key="x",
        http_client=httpx.Client(transport=transport),
        http_async_client=httpx.AsyncClient(transport=transport),
    )
