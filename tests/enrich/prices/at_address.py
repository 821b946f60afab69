"""ChatOpenAI with a public base URL whose requests reach the replay server."""

from __future__ import annotations

import itertools
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import ReplayServer
from tests.integrations.modes import MODES
from tests.peers.calls import KEY

_numbers = itertools.count(1)


def client_to(url: str) -> Any:
    """An HTTP client for OpenAI's SDK that sends every request to `url`."""
    base = import_module("openai._base_client")
    http = getattr(base, "httpx2", None) or base.httpx
    to = urlsplit(url)

    class Turned(http.HTTPTransport):  # type: ignore[misc, name-defined]
        def handle_request(self, request: Any) -> Any:
            path = (
                f"{to.path}/v1/chat/completions" if "chat" in request.url.path else f"{to.path}/v1/responses"
            )
            request.url = request.url.copy_with(scheme=to.scheme, host=to.hostname, port=to.port, path=path)
            request.headers["host"] = to.netloc
            return super().handle_request(request)

    return http.Client(transport=Turned())


def ask_at(
    replay: ReplayServer, address: str | None, answer: Any, mode: str = "invoke", **options: Any
) -> ResponseMetadata:
    """The record of one call; `address` None: the class's own default."""
    url = replay.add("openai", f"address-{next(_numbers)}", answer)
    body = answer if isinstance(answer, dict) else answer.body
    model = options.pop("model", body["model"])
    where = {} if address is None else {"base_url": address}
    made = {"api_key": KEY, "max_retries": 0, "stream_usage": True, "model": model, **where, **options}
    handler = RespMetaHandler(feedback=False, include_content=True)
    with client_to(url) as client:
        chat = import_module("langchain_openai").ChatOpenAI(**made, http_client=client)
        MODES[mode](chat, {"callbacks": [handler]})
    (record,) = handler.records
    return record
