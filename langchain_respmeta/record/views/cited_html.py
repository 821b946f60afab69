"""The answer's text with its sources, in HTML that can be put into any page."""

from __future__ import annotations

import re
from hashlib import sha256
from html import escape
from typing import Final

from langchain_respmeta.record.plain import writable
from langchain_respmeta.record.views.cited_text import Source

_OWN_LINK: Final = re.compile(r"(\(?)\[([^\[\]]+)\]\(([^()\s]+)\)(\)?)")
_KEEPS_LINES: Final = "white-space:pre-wrap"


class Html:
    """Writes links with numbers in superscript, which lead to the list of the sources below.

    All of the answer and of its sources is escaped, so Markdown in the text stays as it is; only http(s) addresses become links.
    """

    def __init__(self, text: str) -> None:
        digest = sha256(writable(text).encode()).hexdigest()[:8]
        self._anchor: Final = f"source-{digest}-"
        """Anchors of this answer, apart from those of others on the page."""

    def text(self, text: str) -> str:
        """A piece of the answer."""
        return escape(writable(text))

    def around(self, shown: str, source: Source) -> str:
        """A piece of the answer as the link."""
        return _link(shown, source)

    def behind(self, source: Source) -> str:
        """A number in superscript, which leads to the list."""
        return f'<sup><a href="#{self._anchor}{source.number}">{self.text(source.shown)}</a></sup>'

    def own_link(self, shown: str, source: Source) -> str | None:
        """A link in Markdown as one in HTML; of anything else the piece with its number."""
        found = _OWN_LINK.fullmatch(shown)
        if found is None or found[3] != source.url:
            return f"{self.text(shown)} {self.behind(source)}"
        return f"{found[1]}{_link(found[2], source)}{found[4]}"

    def whole(self, body: str, sources: list[Source]) -> str:
        """The text, and below it all sources."""
        items = "".join(f'<li id="{self._anchor}{each.number}">{_name(each)}</li>' for each in sources)
        listed = f"<ol>{items}</ol>" if sources else ""
        return f'<div class="respmeta-answer"><div style="{_KEEPS_LINES}">{body}</div>{listed}</div>'


def _name(source: Source) -> str:
    return _link(source.name, source) if source.url else escape(writable(source.name))


def _link(shown: str, source: Source) -> str:
    title = f' title="{escape(writable(source.title))}"' if source.title else ""
    address = f'href="{escape(writable(source.url or ""))}"{title} rel="noopener noreferrer"'
    return f"<a {address}>{escape(writable(shown))}</a>"
