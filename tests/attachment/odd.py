"""Answers, starts and errors of every odd shape, for property tests."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import uuid4

from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.outputs import ChatGeneration, Generation, LLMResult
from pydantic import BaseModel


class Colour(Enum):
    RED = "red"


class Usage(BaseModel):
    prompt_tokens: int = 7
    completion_tokens: Any = 5


class Stubborn(BaseModel):
    """A pydantic object that cannot be dumped."""

    def model_dump(self, **_: Any) -> Any:
        raise RuntimeError("no")


class Opaque:
    """An object of an unknown type."""


def deep(levels: int) -> Any:
    """A dict in a dict in a dict."""
    value: Any = "bottom"
    for _ in range(levels):
        value = {"down": value}
    return value


ODD_LEAVES: Final = st.sampled_from(
    [
        math.nan,
        math.inf,
        -math.inf,
        2**64,
        -(2**70),
        10**400,
        -1,
        -0.5,
        1.0,
        "12",
        "1e400",
        "-3",
        "NaN",
        "",
        "\ud83d",
        "a\x00b",
        b"\xff\x00",
        bytearray(b"x"),
        Colour.RED,
        Decimal("1.5"),
        Decimal("NaN"),
        datetime.now(UTC),
        uuid4(),
        Usage(),
        Stubborn(),
        Opaque(),
        Opaque,
        object,
        complex(1, 2),
        {1, 2},
        frozenset({"a"}),
        range(3),
        len,
        True,
        None,
        [],
        {},
        (),
        deep(200),
    ]
)
ODD_KEYS: Final = st.one_of(
    st.sampled_from([1, None, True, (1, 2), b"x", 1.5, Colour.RED, "", "\ud83d", "a.b", "respmeta", "ls_x"]),
    st.text(max_size=6),
)
KNOWN_KEYS: Final = st.sampled_from(
    [
        *(
            "id",
            "model",
            "model_name",
            "model_provider",
            "finish_reason",
            "stop_reason",
            "stop_sequence",
            "service_tier",
        ),
        *(
            "usage",
            "token_usage",
            "usage_metadata",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "input_tokens",
        ),
        *(
            "output_tokens",
            "prompt_tokens_details",
            "cached_tokens",
            "created",
            "created_at",
            "system_fingerprint",
        ),
        *(
            "logprobs",
            "content",
            "token",
            "logprob",
            "safety_ratings",
            "prompt_feedback",
            "headers",
            "status_code",
        ),
        *(
            "ResponseMetadata",
            "HTTPHeaders",
            "RequestId",
            "stopReason",
            "metrics",
            "latencyMs",
            "citations",
            "refusal",
        ),
        *(
            "annotations",
            "type",
            "url",
            "title",
            "start_index",
            "end_index",
            "text",
            "index",
            "name",
            "args",
            "cost",
        ),
        *(
            "x_groq",
            "queue_time",
            "output",
            "status",
            "incomplete_details",
            "reason",
            "error",
            "code",
            "message",
        ),
        *(
            "cache_creation",
            "ephemeral_5m_input_tokens",
            "container",
            "choices",
            "candidates",
            "search_results",
        ),
    ]
)
ANYTHING: Final = st.recursive(
    st.one_of(ODD_LEAVES, st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(KNOWN_KEYS, ODD_KEYS), inner, max_size=6)
    ),
    max_leaves=10,
)
METADATA: Final = st.one_of(ANYTHING, st.dictionaries(st.one_of(KNOWN_KEYS, ODD_KEYS), ANYTHING, max_size=8))


@st.composite
def messages(draw: Any) -> Any:
    """An answer of any shape; validation is gone round, as integrations do that set attributes afterwards."""
    kind = draw(st.sampled_from([AIMessage, AIMessageChunk, HumanMessage]))
    message = kind(content="hi")
    for name in ("response_metadata", "usage_metadata", "additional_kwargs", "content", "id", "tool_calls"):
        if draw(st.booleans()):
            object.__setattr__(message, name, draw(METADATA))
    return message


def generation(message: Any, info: Any = None) -> ChatGeneration:
    return ChatGeneration.model_construct(message=message, generation_info=info, text="hi")


@st.composite
def results(draw: Any) -> Any:
    shape = draw(
        st.sampled_from(["normal", "none", "empty", "no row", "two rows", "completion", "dict", "strange"])
    )
    output = draw(st.one_of(st.none(), METADATA))
    chat = generation(draw(messages()), draw(st.one_of(st.none(), METADATA)))
    rows: dict[str, Any] = {
        "normal": [[chat]],
        "none": None,
        "empty": [],
        "no row": [[]],
        "two rows": [[chat, generation(draw(messages()))], [chat]],
        "completion": [[Generation(text="hi", generation_info={"finish_reason": "length"})]],
        "strange": draw(ANYTHING),
    }
    if shape == "dict":
        return {
            "generations": [[{"message": draw(METADATA), "text": draw(ANYTHING)}]],
            "llm_output": output,
        }
    return LLMResult.model_construct(generations=rows[shape], llm_output=output)
