"""A model's own arguments where LangChain only shows them: in the text of a class that it cannot serialize.

ChatLiteLLM hands over nothing else of its `model_kwargs`, ChatAnthropicVertex of its `location`, and both change a
price. Only literals are taken, of a few names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

_ARGUMENT: Final = re.compile(
    r"[(, ](extra_body|location|model_kwargs|search_parameters|service_tier|web_search_options)=(?=[{'\"])"
)
_TOKEN: Final = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[{}\[\]()]")
_LONGEST: Final = 20_000
"""Characters of a text that is looked at."""


def shown_arguments(text: Any) -> Mapping[str, Any]:
    """The arguments that `text` (`serialized["repr"]`) shows; empty where there are none, or it is no such text."""
    found: dict[str, Any] = {}
    if not isinstance(text, str) or len(text) > _LONGEST:
        return found
    for match in _ARGUMENT.finditer(text):
        if (end := _end_of(text, match.end())) is not None:
            try:
                found.setdefault(match[1], ast.literal_eval(text[match.end() : end]))
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue  # it holds what is no literal: an object, a secret
    return found


def _end_of(text: str, start: int) -> int | None:
    """Where the text or the mapping that starts there ends."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in "{[(":
            depth += 1
        elif token[0] in "}])":
            depth -= 1
        if depth <= 0:
            return token.end()
    return None
