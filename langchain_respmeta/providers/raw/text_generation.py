"""Text generation of Hugging Face's servers (TGI), and of IBM's watsonx.ai.

https://huggingface.co/docs/inference-providers/tasks/text-generation,
https://cloud.ibm.com/apidocs/watsonx-ai#text-generation
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import MAX_CANDIDATES
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.raw.body import LIST
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, mapping, mappings, named, others

_NAME: Final = "text_generation"
_OF_DETAILS: Final = frozenset(
    {
        "finish_reason",
        "generated_tokens",
        "input_length",
        "prefill",
        "tokens",
        "top_tokens",
        "best_of_sequences",
    }
)


def is_tgi(body: Body) -> bool:
    """Whether it is a text of TGI, or the list of one."""
    if LIST in body:
        return is_tgi(body[LIST][0])
    return isinstance(body.get("generated_text"), str) and "token" not in body


def tgi_answers(body: Body) -> list[Answer]:
    """One for each text."""
    texts = mappings(body[LIST]) if LIST in body else [body]
    return [_tgi_answer(text) for text in texts[:MAX_CANDIDATES]]


def _tgi_answer(body: Body) -> Answer:
    details = mapping(body.get("details"))
    prefill = details.get("prefill")
    given = details.get("input_length") or (len(prefill) if isinstance(prefill, list) and prefill else None)
    made = details.get("generated_tokens")
    chances = [token.get("logprob") for token in mappings(details.get("tokens"))]
    return Answer(
        metadata={
            **others(body, ("generated_text", "details")),
            **others(details, _OF_DETAILS),
            **named(finish_reason=details.get("finish_reason")),
            **_tokens(given, made),
            **({"logprobs": {"token_logprobs": chances}} if chances else {}),
        },
        content=body["generated_text"] if isinstance(body.get("generated_text"), str) else "",
        is_message=False,
    )


def _tokens(given: object, made: object) -> dict[str, Any]:
    counts = named(prompt_tokens=given, completion_tokens=made)
    if is_whole(given) and is_whole(made):
        counts["total_tokens"] = given + made
    return {"token_usage": counts} if counts else {}


def is_tgi_event(event: Body) -> bool:
    """Whether it is one token of a stream."""
    return isinstance(event.get("token"), Mapping) and "generated_text" in event


def join_tgi(events: Sequence[Body]) -> Joined:
    """The tokens as one body: the last brings the whole text and the details."""
    last = events[-1] if events else {}
    tokens = [mapping(event.get("token")) for event in events]
    whole = last.get("generated_text")
    pieces = (
        token["text"] for token in tokens if not token.get("special") and isinstance(token.get("text"), str)
    )
    details = {**mapping(last.get("details")), "tokens": tokens}
    text = whole if isinstance(whole, str) else "".join(pieces)
    return Joined({"generated_text": text, "details": details}, isinstance(whole, str))


# --- watsonx ---------------------------------------------------------------------------------------------------------


def is_watsonx(body: Body) -> bool:
    """Whether it lists results of watsonx."""
    results = mappings(body.get("results"))
    return bool(results) and "generated_text" in results[0]


def watsonx_answers(body: Body) -> list[Answer]:
    """One for each result."""
    about = {
        **others(body, ("results", "model_id", "created_at")),
        **named(model_name=body.get("model_id"), created=body.get("created_at")),
    }
    return [_watsonx_answer(result, about) for result in mappings(body.get("results"))[:MAX_CANDIDATES]]


_OF_RESULT: Final = frozenset(
    {"generated_text", "generated_token_count", "input_token_count", "stop_reason", "generated_tokens"}
)


def _watsonx_answer(result: Mapping[str, Any], about: dict[str, Any]) -> Answer:
    reason, text = result.get("stop_reason"), result.get("generated_text")
    return Answer(
        metadata={
            **about,
            **others(result, _OF_RESULT),
            **named(finish_reason=None if reason == "not_finished" else reason),
            **_tokens(result.get("input_token_count"), result.get("generated_token_count")),
        },
        content=text if isinstance(text, str) else "",
        is_message=False,
    )


def join_watsonx(events: Sequence[Body]) -> Joined:
    """Pieces of the text; counts grow, that of the input stands in one of them only."""
    body: dict[str, Any] = {}
    result: dict[str, Any] = {}
    texts: list[str] = []
    for event in events:
        body.update(others(event, ("results",)))
        for piece in mappings(event.get("results"))[:1]:
            texts.append(piece["generated_text"] if isinstance(piece.get("generated_text"), str) else "")
            result.update({name: value for name, value in piece.items() if value or name not in result})
    result["generated_text"] = "".join(texts)
    return Joined({**body, "results": [result]}, result.get("stop_reason") not in (None, "not_finished"))


TGI: Final = Dialect(_NAME, "huggingface", is_tgi, tgi_answers, is_tgi_event, join_tgi)
WATSONX_TEXT: Final = Dialect(_NAME, "ibm", is_watsonx, watsonx_answers, is_watsonx, join_watsonx)
