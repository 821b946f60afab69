"""Inputs and outputs in the shapes that LangChain, its integrations and wrapped clients trace."""

from base64 import b64decode
from typing import Any


def constructor(name: str, /, **kwargs: Any) -> dict[str, Any]:
    """`dumpd` of a message."""
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", name], "kwargs": kwargs}


def answered(*messages: dict[str, Any], **info: Any) -> dict[str, Any]:
    """Outputs of a chat model: one prompt, its candidates."""
    return {"generations": [[{"text": "", "generation_info": info, "message": one} for one in messages]]}


def asked(*content: Any) -> dict[str, Any]:
    """Inputs of a chat model with one message of a human."""
    return {"messages": [[constructor("HumanMessage", type="human", content=list(content))]]}


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
"""A picture of one pixel."""
WEATHER = {"city": "Paris"}

MESSAGES: dict[str, Any] = {
    "dumpd": constructor("HumanMessage", type="human", content="hello"),
    "dumpd of a chunk": constructor("HumanMessageChunk", content="hello"),
    "model_dump": {"type": "human", "content": "hello", "additional_kwargs": {}, "id": None},
    "messages_to_dict": {"type": "human", "data": {"content": "hello", "type": "human"}},
    "role and content": {"role": "user", "content": "hello"},
    "role and blocks": {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
    "a pair": ["human", "hello"],
    "a pair with blocks": ["user", [{"type": "text", "text": "hello"}]],
    "Gemini": {"role": "user", "parts": [{"text": "hello"}]},
    "Bedrock": {"role": "user", "content": [{"text": "hello"}]},
    "ChatMessage": {"type": "chat", "role": "user", "content": "hello"},
}
"""A human's hello."""

CALLS: dict[str, Any] = {
    "LangChain": {
        "type": "ai",
        "content": "",
        "tool_calls": [{"name": "weather", "args": WEATHER, "id": "c1"}],
    },
    "OpenAI": {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "weather", "arguments": '{"city": "Paris"}'},
            }
        ],
    },
    "OpenAI in additional_kwargs": {
        "type": "ai",
        "content": "",
        "additional_kwargs": {
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Paris"}'},
                }
            ]
        },
        "tool_calls": [{"name": "weather", "args": WEATHER, "id": "c1"}],
    },
    "Responses": {
        "type": "function_call",
        "call_id": "c1",
        "name": "weather",
        "arguments": '{"city":"Paris"}',
    },
    "Anthropic": {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": WEATHER}],
    },
    "Anthropic, streamed": {
        "type": "ai",
        "content": [
            {
                "type": "tool_use",
                "id": "c1",
                "name": "weather",
                "input": {},
                "partial_json": '{"city": "Paris"}',
            }
        ],
        "tool_calls": [{"name": "weather", "args": WEATHER, "id": "c1", "type": "tool_call"}],
    },
    "Bedrock": {
        "role": "assistant",
        "content": [{"toolUse": {"toolUseId": "c1", "name": "weather", "input": WEATHER}}],
    },
    "Gemini": {
        "role": "model",
        "parts": [{"functionCall": {"id": "c1", "name": "weather", "args": WEATHER}}],
    },
    "v1": {
        "type": "ai",
        "content": [{"type": "tool_call", "id": "c1", "name": "weather", "args": WEATHER}],
        "tool_calls": [{"name": "weather", "args": WEATHER, "id": "c1", "type": "tool_call"}],
    },
}
"""A call of `weather` with Paris."""

RESULTS: dict[str, Any] = {
    "ToolMessage": constructor(
        "ToolMessage", type="tool", content="sunny", tool_call_id="c1", status="success"
    ),
    "OpenAI": {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    "Responses": {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
    "Anthropic": {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "sunny", "is_error": False}],
    },
    "Anthropic with blocks": {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "sunny"}]}
        ],
    },
    "Bedrock": {
        "role": "user",
        "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "sunny"}]}}],
    },
    "Gemini": {
        "role": "user",
        "parts": [{"functionResponse": {"id": "c1", "name": "w", "response": "sunny"}}],
    },
}
"""Its result."""

REASONING: dict[str, Any] = {
    "Anthropic": {"type": "thinking", "thinking": "hmm", "signature": "s"},
    "Responses": {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hmm"}]},
    "v1": {"type": "reasoning", "reasoning": "hmm", "extras": {"signature": "s"}},
    "Bedrock": {"reasoningContent": {"reasoningText": {"text": "hmm", "signature": "s"}}},
    "Bedrock in LangChain": {"type": "reasoning_content", "reasoning_content": {"text": "hmm"}},
    "Gemini": {"text": "hmm", "thought": True},
    "Mistral": {"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}]},
}

PICTURES: dict[str, Any] = {
    "OpenAI": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
    "OpenAI, short": {"type": "image_url", "image_url": f"data:image/png;base64,{PNG}"},
    "Responses": {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
    "Anthropic": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
    "Bedrock": {"image": {"format": "png", "source": {"bytes": PNG}}},
    "Bedrock in LangChain": {
        "image": {
            "format": "png",
            "source": {
                "bytes": {
                    "lc": 1,
                    "type": "not_implemented",
                    "id": ["builtins", "bytes"],
                    "repr": repr(b64decode(PNG)),
                }
            },
        }
    },
    "Gemini": {"inlineData": {"mimeType": "image/png", "data": PNG}},
    "Google in LangChain": {"type": "media", "mime_type": "image/png", "data": PNG},
    "v0": {"type": "image", "source_type": "base64", "mime_type": "image/png", "data": PNG},
    "v1": {"type": "image", "base64": PNG, "mime_type": "image/png"},
}
