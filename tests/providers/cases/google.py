"""Gemini by both of Google's integrations. https://ai.google.dev/api/generate-content."""

from tests.providers.cases._case import Case, ai, usage

GENAI = {"finish_reason": "STOP", "model_name": "gemini-3.5-flash-001", "model_provider": "google_genai"}
VERTEX = {"finish_reason": "STOP", "model_name": "gemini-3.5-flash", "model_provider": "google_vertexai"}
RATING = {
    "category": "HARM_CATEGORY_HARASSMENT",
    "probability": "LOW",
    "probability_score": 0.1,
    "blocked": False,
}

CASES = (
    Case(
        "thoughts and cache",
        "ChatGoogleGenerativeAI",
        ai(
            response_metadata=GENAI | {"safety_ratings": [RATING]},
            usage_metadata=usage(100, 30, input={"cache_read": 60}, output={"reasoning": 20}),
        ),
        {
            "provider": "gcp.gemini",
            "finish_reason": "stop",
            "model_source": "response",
            "usage.output_tokens": 30,
            "usage.reasoning_tokens": 20,
            "safety.0.probability": "LOW",
            "safety.0.score": 0.1,
        },
    ),
    Case(
        "STOP also means that tools are asked for",
        "ChatGoogleGenerativeAI",
        ai("", response_metadata=GENAI, tool_calls=[{"name": "f", "args": {}, "id": "1"}]),
        {"finish_reason": "tool_calls", "native_finish_reason": "STOP"},
    ),
    Case(
        "a blocked prompt",
        "ChatGoogleGenerativeAI",
        ai(
            "",
            response_metadata={
                "prompt_feedback": {"block_reason": "PROHIBITED_CONTENT", "safety_ratings": []}
            },
        ),
        {
            "finish_reason": "content_filter",
            "refusal.source": "prompt_block",
            "refusal.category": "PROHIBITED_CONTENT",
        },
    ),
    Case(
        "a filtered answer",
        "ChatGoogleGenerativeAI",
        ai("", response_metadata=GENAI | {"finish_reason": "SAFETY", "finish_message": "Blocked."}),
        {"finish_reason": "content_filter", "refusal.source": "content_filter", "refusal.reason": "Blocked."},
    ),
    Case(
        "grounding counts in bytes",
        "ChatGoogleGenerativeAI",
        ai(
            "Zürich is nice.",
            response_metadata=GENAI
            | {
                "grounding_metadata": {
                    "grounding_chunks": [
                        {"web": {"uri": "https://a.example", "title": "A"}},
                        {"web": {"uri": "https://b.example", "title": "B"}},
                    ],
                    "grounding_supports": [
                        {"segment": {"start_index": 0, "end_index": 7}, "grounding_chunk_indices": [0]}
                    ],
                }
            },
        ),
        {
            "len:citations": 2,
            "citations.0.text": "Zürich",
            "citations.0.end_index": 6,
            "citations.1.start_index": None,
        },
    ),
    Case(
        "protocol streams keep what the last chunk added, which is not told",
        "ChatGoogleGenerativeAI",
        ai(
            [{"type": "text", "text": "x"}],
            response_metadata=GENAI | {"output_version": "v1"},
            usage_metadata=usage(100, 30, input={"cache_read": 0}, output={"reasoning": 0}),
        ),
        {"usage.cache_read_tokens": None, "usage.reasoning_tokens": None, "usage.output_tokens": 30},
    ),
    Case(
        "zeros that the integration fills in say nothing",
        "ChatGoogleGenerativeAI",
        ai(
            response_metadata=GENAI,
            usage_metadata=usage(0, 90, 0, input={"cache_read": 0}) | {"total_tokens": 0},
        ),
        {
            "usage.input_tokens": None,
            "usage.total_tokens": None,
            "usage.cache_read_tokens": None,
            "usage.output_tokens": 90,
            "warnings": (),
        },
    ),
    Case(
        "Vertex counts thoughts beside the output",
        "ChatVertexAI",
        ai(
            [{"type": "thinking", "thinking": "Hm."}, "Hello."],
            response_metadata=VERTEX
            | {
                "is_blocked": False,
                "usage_metadata": {
                    "prompt_token_count": 100,
                    "candidates_token_count": 10,
                    "thoughts_token_count": 20,
                    "tool_use_prompt_token_count": 7,
                    "total_token_count": 137,
                    "cached_content_token_count": 0,
                    "prompt_tokens_details": [
                        {"modality": "TEXT", "token_count": 60},
                        {"modality": "IMAGE", "token_count": 40},
                    ],
                },
            },
            usage_metadata=usage(100, 10, 137, input={"cache_read": 0}, output={"reasoning": 20}),
        ),
        {
            "provider": "gcp.vertex_ai",
            "model_source": "request",
            "usage.output_tokens": 30,
            "usage.input_tokens": 107,
            "usage.tool_use_prompt_tokens": 7,
            "usage.input_image_tokens": 40,
            "reasoning.text": "Hm.",
            "warnings": (),
            "unmapped": (),
        },
    ),
    Case(
        "Vertex streams glue the word together and rate every chunk",
        "ChatVertexAI",
        ai(
            chunk=True,
            response_metadata=VERTEX
            | {
                "finish_reason": "FINISH_REASON_UNSPECIFIEDSAFETY",
                "usage_metadata": {},
                "safety_ratings": [
                    {"category": "H", "probability_label": "LOW", "blocked": False},
                    {"category": "H", "probability_label": "HIGH", "blocked": True},
                ],
            },
        ),
        {
            "native_finish_reason": "SAFETY",
            "finish_reason": "content_filter",
            "refusal.category": "H",
            "len:safety": 1,
            "safety.0.probability": "HIGH",
        },
    ),
    Case(
        "a rest of the total that nobody explains is told, and made no number of",
        "ChatVertexAI",
        ai(
            response_metadata=VERTEX | {"finish_reason": "STOP", "usage_metadata": {}},
            usage_metadata=usage(100, 20, 138, output={"reasoning": 11}),
        ),
        {
            "usage.input_tokens": 100,
            "usage.output_tokens": 20,
            "usage.tool_use_prompt_tokens": None,
            "warnings": ("usage: input 100 + output 20 is not total 138",),
        },
    ),
    Case(
        "what protobuf fills in is not told",
        "ChatVertexAI",
        ai(
            chunk=True,
            response_metadata=VERTEX
            | {
                "finish_reason": "FINISH_REASON_UNSPECIFIEDFINISH_REASON_UNSPECIFIED",
                "usage_metadata": {},
                "safety_ratings": [
                    {
                        "category": "H",
                        "probability_label": "LOW",
                        "probability_score": 0.0,
                        "blocked": False,
                        "severity": "HARM_SEVERITY_UNSPECIFIED",
                    }
                ],
            },
        ),
        {
            "native_finish_reason": None,
            "finish_reason": None,
            "safety.0.probability": "LOW",
            "safety.0.score": None,
            "safety.0.blocked": None,
            "safety.0.severity": None,
        },
    ),
    Case(
        "what the answer repeats word for word",
        "ChatVertexAI",
        ai(
            "Once upon a time",
            response_metadata=VERTEX
            | {
                "citation_metadata": {
                    "citations": [{"start_index": 0, "end_index": 4, "uri": "https://tale.example"}]
                }
            },
        ),
        {
            "citations.0.url": "https://tale.example",
            "citations.0.text": "Once",
            "citations.0.source": "recitation",
        },
    ),
)
