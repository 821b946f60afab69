"""The answer's text with its sources, in Markdown."""

from __future__ import annotations

import re
from typing import Final

from langchain_respmeta.record.views.cited_text import Source

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~!#&])")
_IN_QUOTES: Final = re.compile(r'([\\"`<>&])')
_BREAKS_URL: Final = re.compile(r"[()<>\"\\`^{}|]")


class Markdown:
    """Writes links as `[text](url "title")`. The text is the model's own Markdown, and stays as it is."""

    def text(self, text: str) -> str:
        """A piece of the answer."""
        return text

    def around(self, shown: str, source: Source) -> str:
        """A piece of the answer as the link."""
        return f"[{shown}]{_target(source)}"

    def behind(self, source: Source) -> str:
        """The number as a link, or alone where there is no address."""
        shown = source.marker or _escaped(source.shown)
        return f"[{shown}]{_target(source)}" if source.url else shown

    def own_link(self, shown: str, source: Source) -> str | None:  # noqa: ARG002 - as `Writer` has it
        """The piece itself: the model wrote Markdown."""
        return shown

    def whole(self, body: str, sources: list[Source]) -> str:
        """The text; below it the sources that are not linked in it."""
        listed = [_line(source) for source in sources if source.span is None or source.url is None]
        tail = ["Sources:", "\n".join(listed)] if listed else []
        return "\n\n".join(part for part in (body, *tail) if part)


def _line(source: Source) -> str:
    name = _escaped(source.name)
    return f"- \\[{source.number}\\] " + (f"[{name}]{_target(source)}" if source.url else name)


def _target(source: Source) -> str:
    """`(url "title")`."""
    title = f' "{_IN_QUOTES.sub(_backslash, source.title)}"' if source.title else ""
    return f"({_BREAKS_URL.sub(_percent, source.url or '')}{title})"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_backslash, text)


def _backslash(match: re.Match[str]) -> str:
    return f"\\{match[1]}"


def _percent(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
