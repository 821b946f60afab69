"""A model with a secret in every place of its answer, and a handler with everything switched on."""

from typing import Any, Final

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from langchain_respmeta import RespMetaHandler
from tests.attachment.model import NumberedModel

SECRETS: Final = ("secret-refusal", "secret-url", "secret-quote", "secret-argument", "secret-thought")


class TalkativeModel(NumberedModel):
    """Puts a secret in every place of an answer."""

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        citation = {"type": "citation", "url": "https://secret-url.example/a", "cited_text": "secret-quote"}
        content: list[Any] = [
            {"type": "reasoning", "reasoning": "secret-thought"},
            {"type": "text", "text": "answer", "annotations": [citation]},
        ]
        message = AIMessage(
            content=content,
            additional_kwargs={"refusal": "secret-refusal"},
            tool_calls=[{"name": "look_up", "args": {"question": "secret-argument"}, "id": "call-1"}],
            response_metadata={"id": "resp-1", "model_name": "talkative-1", "finish_reason": "stop"},
            usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def talkative_handler(**settings: Any) -> RespMetaHandler:
    """The most talkative handler there is."""
    return RespMetaHandler(include_content=True, feedback="exceptions", **settings)
