"""Hugging Face: OpenAI-shaped (Text Generation Inference, or the provider that its router chose).

The integration gives what its client was pointed at in place of the model: a model's name, or an address.

https://huggingface.co/docs/inference-providers/tasks/chat-completion
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT


def drop_address(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """An endpoint's address is not the name of a model."""
    if str(draft.get("model", "")).startswith(("http://", "https://")):
        del draft["model"]


HUGGINGFACE: Final = OPENAI_CHAT.extended("huggingface", steps=(drop_address,), model_is_request=True)
