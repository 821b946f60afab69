"""A table that fits the terminal: one line a row where that has room, else two lines a row. Nothing is ever cut."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rich.console import Console, ConsoleOptions
from rich.table import Table
from rich.text import Text

T = TypeVar("T")

_GAP: Final = "  "
_UNBOUNDED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column.

    Attributes:
        title: Its head.
        cell: An item's value; a `str` is shown as it is, never read as markup.
        right: Whether it is a number.
    """

    title: str
    cell: Callable[[T], str | Text]
    right: bool = False

    def text(self, item: T) -> Text:
        """An item's value."""
        cell = self.cell(item)
        return cell if isinstance(cell, Text) else Text(cell)


@dataclass(frozen=True, slots=True)
class FittedTable(Generic[T]):
    """Items, and two ways to show them. rich prints it.

    Attributes:
        title: Above it.
        items: One row each.
        columns: Where there is room for all.
        first_line: Columns, where there is not.
        second_line: What is below them then.
    """

    title: str
    items: Sequence[T]
    columns: Sequence[Column[T]]
    first_line: Sequence[Column[T]]
    second_line: Callable[[T], str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table | Text]:
        wide = self._wide()
        needed = console.measure(wide, options=options.update(max_width=_UNBOUNDED)).maximum
        if needed <= options.max_width:
            yield wide
        else:
            yield from self._narrow(options.max_width)

    def _wide(self) -> Table:
        table = Table(
            title=self.title, title_justify="left", title_style="bold", header_style="bold", show_edge=False
        )
        for column in self.columns:
            table.add_column(column.title, justify="right" if column.right else "left", overflow="fold")
        for item in self.items:
            table.add_row(*(column.text(item) for column in self.columns))
        return table

    def _narrow(self, width: int) -> Iterator[Text]:
        head = [Text(column.title, style="bold") for column in self.first_line]
        rows = [[column.text(item) for column in self.first_line] for item in self.items]
        widths = [max(cell.cell_len for cell in cells) for cells in zip(head, *rows, strict=True)]
        widths[0] = max(1, min(widths[0], width - sum(widths[1:]) - len(_GAP) * (len(widths) - 1)))
        yield Text(self.title, style="bold")
        yield from self._line(head, widths)
        yield Text("━" * min(width, sum(widths) + len(_GAP) * (len(widths) - 1)))
        for item, row in zip(self.items, rows, strict=True):
            yield from self._line(row, widths)
            for line in textwrap.wrap(self.second_line(item), max(20, width - 2 * len(_GAP))):
                yield Text(f"{_GAP}{line}", style="dim")

    def _line(self, cells: Sequence[Text], widths: Sequence[int]) -> Iterator[Text]:
        """The cells below each other's heads. A first one that is too long has a line of its own."""
        first = cells[0]
        if first.cell_len > widths[0]:
            yield first
            first = Text()
        line = Text()
        for column, cell, width in zip(self.first_line, [first, *cells[1:]], widths, strict=True):
            padding = " " * (width - cell.cell_len)
            line.append_text(Text(padding) + cell if column.right else cell + Text(padding))
            line.append(_GAP)
        line.rstrip()
        yield line
