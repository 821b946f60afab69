"""A report as a program without scripts reads it: its texts, and its tables by their titles."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tiles: dict[str, list[str]] = {}
        self.links: list[str] = []
        self._texts: list[str] = []
        self._row: list[str] | None = None
        self._title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"th", "td", "caption", "dt", "dd"}:
            self._texts = []
        elif tag == "tr":
            self._row = []
        elif tag == "a":
            self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._texts.append(" ".join(data.split()))

    def handle_endtag(self, tag: str) -> None:
        text = " ".join(self._texts)
        if tag in {"th", "td"} and self._row is not None:
            self._row.append(text)
        elif tag == "caption":
            self._title = text
            self.tables[text] = []
        elif tag == "tr" and self._row is not None:
            self.tables[self._title].append(self._row)
        elif tag == "dt":
            self._title = text
        elif tag == "dd":
            self.tiles[self._title] = self._texts


class Read:
    """What a page says."""

    def __init__(self, page: Path) -> None:
        reader = _Reader()
        reader.feed(page.read_text())
        self.tables, self.tiles, self.links = reader.tables, reader.tiles, reader.links

    def rows(self, title: str) -> list[dict[str, str]]:
        """The rows of a table, by the titles of its columns."""
        head, *rows = self.tables[title]
        return [dict(zip(head, row, strict=True)) for row in rows]
