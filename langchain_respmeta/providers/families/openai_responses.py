"""The family of OpenAI's Responses API: a status in place of a finish reason, content in typed output items.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from typing import Any, Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import IGNORE, KEEP, Cells, count, each, moment, using, word
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families import azure_content_filter
from langchain_respmeta.record.finish_words import FinishWords

RESPONSES_FINISH: Final[FinishWords] = {
    "completed": "stop",
    "in_progress": None,
    "queued": None,
    "incomplete": "unknown",  # only where there is no `incomplete_details.reason`
    "failed": "error",
    "cancelled": "cancelled",
    "max_output_tokens": "length",
    "max_tool_calls": "length",
    "max_messages": "length",
    "content_filter": "content_filter",
    "steered": "cancelled",
}

RESPONSES: Final[Cells] = {
    "created_at": moment("created_at"),
    "status": word("_status"),
    "incomplete_details.reason": word("_incomplete_reason"),
    "metadata": KEEP,
    "user": KEEP,
    "moderation": KEEP,
    "content_filters": each("safety", azure_content_filter.filters),
    "completed_at": KEEP,
    "billing": KEEP,
    "access_programs": KEEP,
    "tool_usage.web_search.num_requests": count("usage.web_search_requests"),
    "tool_usage.image_gen": KEEP,
    "background": KEEP,
    "conversation": KEEP,
    "prompt_cache_retention": KEEP,
}

RESPONSES_KWARGS: Final[Cells] = {
    "reasoning": using("_reasoning_item", values.as_is),
    "tool_outputs": using("_tool_outputs", values.as_list),  # the blocks that output_version "v0" takes out
}

RESPONSES_IGNORED: Final[Cells] = {"__openai_function_call_ids__": IGNORE, "phase": IGNORE}


def settle_status(draft: ReadDraft, answer: Answer, start: RunStart) -> None:
    """Make the status, or the reason of an incomplete answer, the native finish reason."""
    status, reason = draft.pop("_status", None), draft.pop("_incomplete_reason", None)
    if answer.api and answer.api != "responses":
        return  # Perplexity's chat completions have a status, too
    if status is None:
        if _is_response(draft, answer, start):
            draft["api"] = "responses"
        return
    draft["api"] = "responses"
    draft.setdefault("native_finish_reason", reason or status)
    if status == "completed" and any(not call.get("server_side") for call in draft.get("tool_calls", ())):
        draft["finish_reason"] = "tool_calls"  # the status has no word for it


def _is_response(draft: ReadDraft, answer: Answer, start: RunStart) -> bool:
    """Whether an answer without a status (cut, failed, or of an integration that drops it) is of this API.

    What only a chat completion has outweighs an id's shape: Doubleword's chat completions have ids `resp_…`.
    """
    told = str(answer.metadata.get("object", ""))
    if told.startswith("chat.completion") or not _OF_CHAT.isdisjoint(answer.metadata):
        return False
    return (
        start.settings.get("use_responses_api") is True
        or start.params.get("use_responses_api") is True  # as LangSmith's wrapper notes it
        or any(str(name).startswith("resp_") for name in (draft.get("response_id"), answer.message_id))
        or any(str(name).startswith(_ITEMS) for name in _block_ids(answer.content))
    )


_OF_CHAT: Final = frozenset({"finish_reason", "token_usage"})
_ITEMS: Final = ("rs_", "msg_")
"""How the ids of reasoning and of messages begin, in the content: Chat Completions has no ids there."""


def _block_ids(content: object) -> list[Any]:
    blocks = content if isinstance(content, list) else ()
    return [block.get("id") for block in blocks if isinstance(block, dict)]
