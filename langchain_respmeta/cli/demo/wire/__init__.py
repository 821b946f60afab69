"""The APIs of model providers: one encoder each turns a whole answer into its documented stream."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from langchain_respmeta.cli.demo.wire import anthropic, bedrock, gemini, openai_chat, openai_responses
from langchain_respmeta.cli.demo.wire.base import Event, JsonObject, Request
from langchain_respmeta.cli.demo.wire.framing import (
    EVENTSTREAM_CONTENT_TYPE,
    SSE_CONTENT_TYPE,
    aws_eventstream,
    sse,
)

__all__ = ["WIRES", "Event", "JsonObject", "Request", "Wire", "aws_eventstream", "sse", "wire_for"]


@dataclass(frozen=True, slots=True)
class Wire:
    """One API: where it is called, when it streams, and how.

    Attributes:
        name: As in a record's ``api``.
        endings: Ends of the request paths of this API.
        streaming_ending: The end that always means a stream; empty where the body's ``stream`` decides.
        encode: Whole body and request → events.
        frame: Event → bytes.
        content_type: Of the stream.
    """

    name: str
    endings: tuple[str, ...]
    encode: Callable[[JsonObject, Request], Iterator[Event]]
    streaming_ending: str = ""
    frame: Callable[[Event], bytes] = sse
    content_type: str = SSE_CONTENT_TYPE

    def streams(self, request: Request) -> bool:
        """Whether this request asks for a stream."""
        if self.streaming_ending:
            return request.path.endswith(self.streaming_ending)
        return bool(request.body.get("stream"))


WIRES: tuple[Wire, ...] = (
    Wire("chat_completions", ("/chat/completions",), openai_chat.encode),
    Wire("responses", ("/responses",), openai_responses.encode),
    Wire("messages", ("/messages",), anthropic.encode),
    Wire(
        "generate_content",
        (":generateContent", ":streamGenerateContent"),
        gemini.encode,
        streaming_ending=":streamGenerateContent",
    ),
    Wire(
        "converse",
        ("/converse", "/converse-stream"),
        bedrock.encode,
        streaming_ending="/converse-stream",
        frame=aws_eventstream,
        content_type=EVENTSTREAM_CONTENT_TYPE,
    ),
)


def wire_for(request: Request) -> Wire | None:
    """The API of a request, by the end of its path; None if it is another."""
    return next((wire for wire in WIRES if request.path.endswith(wire.endings)), None)
