"""What a way of calling a model is given, and the table of all ways."""

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable

from tests.attachment.model import NumberedModel

QUESTION: Final = {"question": "why?"}


@dataclass
class Setting:
    """What a way of calling is given: models with the handler where the placement wants it, and the root's config."""

    config: dict[str, Any]
    """Callbacks (or none), metadata and tags of the user."""
    model_kwargs: dict[str, Any] = field(default_factory=dict)
    """Of every model's constructor."""
    model_config: dict[str, Any] = field(default_factory=dict)
    """For `with_config` of every model."""
    binds: bool = False
    """Whether `model_config` is to be used."""
    make: Callable[..., Any] = NumberedModel
    """Makes a chat model."""
    carries_context: bool = False
    """Whether threads of one's own must be given the context: the placement rests on a context variable."""

    def bare(self, **options: Any) -> Any:
        """A chat model, with the handler in its constructor where the place is the constructor."""
        return self.make(**{**self.model_kwargs, **options})

    def placed(self, runnable: Runnable[Any, Any]) -> Any:
        """A model, or what `bind_tools` or the like made of it, or an agent, under the placement's `with_config`."""
        return runnable.with_config(self.model_config) if self.binds else runnable

    def model(self, **options: Any) -> Any:
        """The usual case: a chat model as the placement has it."""
        return self.placed(self.bare(**options))

    def chain(self) -> Runnable[Any, str]:
        """Prompt, model, parser."""
        return PROMPT | self.model() | StrOutputParser()

    def for_thread(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """What a thread of one's own runs."""
        return partial(contextvars.copy_context().run, function) if self.carries_context else function


PROMPT: Final = ChatPromptTemplate.from_template("{question}")


class NotPossibleError(Exception):
    """This way of calling does not exist in this version, or makes no sense with this placement."""


Style = Callable[[Setting], int]
STYLES: Final[dict[str, Style]] = {}


def style(function: Style) -> Style:
    STYLES[function.__name__.strip("_")] = function
    return function
