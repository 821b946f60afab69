"""One reading by the general reader, noted: the source of a function that does the same to all answers of the shape.

For the answer of `shape` the function is, in short:

    def read(n0, i0):
        if not (n0 >= 0 and n0 < 9223372036854775808): return None
        return {'response_id': i0, 'native_finish_reason': 'stop', 'usage.total_tokens': n0, 'finish_reason': 'stop'}

It returns None where a guard does not hold: then another reader of the shape fits, or the general one reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from langchain_respmeta._reading.compiled.holes import is_word
from langchain_respmeta._reading.compiled.shape import Hole, Shape
from langchain_respmeta.providers.engine.cells import AS_IT_IS, Cell, Cells
from langchain_respmeta.providers.engine.reader import Reader, is_ours
from langchain_respmeta.providers.engine.source import Writer, function_of
from langchain_respmeta.providers.engine.symbols import (
    SeenFloat,
    SeenId,
    SeenInt,
    SeenText,
    SeenValue,
    Symbol,
    Tape,
    Untraceable,
)

Read: TypeAlias = Callable[..., "dict[str, Any] | None"]

MAX_DEMOTED: Final = 8
"""Numbers and texts that stand for words (enumerations), and so are guards by their value."""


def traced(shape: Shape, values: tuple[Any, ...], read: Callable[..., dict[str, Any]]) -> Read | None:
    """Compile what `read` does to the answer with these values in its holes; None where it cannot be noted.

    Args:
        shape: The answer's shape.
        values: What is in its holes.
        read: The general reader: `read(answer, prepare)`, where `prepare` gives the provider's reader its noting cells.
    """
    fixed: dict[str, Any] = {}
    for _ in range(MAX_DEMOTED):
        tape = Tape()
        symbols = tuple(
            _symbol(hole, value, tape, fixed) for hole, value in zip(shape.holes, values, strict=True)
        )
        try:
            draft = read(shape.filled(symbols), _Noting(tape))
            return _function(shape, draft, tape, fixed)
        except Untraceable as fault:
            value = next(
                (value for hole, value in zip(shape.holes, values, strict=True) if hole.name == fault.source),
                None,
            )
            if not _may_be_fixed(value):
                return None
            fixed[fault.source] = value
    return None


def _may_be_fixed(value: object) -> bool:
    return type(value) in {int, float} or (type(value) is str and is_word(value))


def _symbol(hole: Hole, value: Any, tape: Tape, fixed: dict[str, Any]) -> Any:
    if hole.name in fixed:
        return value
    if hole.kind == "id":
        return SeenId(tape, hole.name, value)
    if type(value) is int:
        return SeenInt(tape, hole.name, value)
    if type(value) is float:
        return SeenFloat(tape, hole.name, value)
    return SeenText(tape, hole.name, value) if type(value) is str else SeenValue(tape, hole.name, value)


class _Noting:
    """Gives a provider's reader cells that note what they read."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def __call__(self, reader: Reader) -> Reader:
        used = (*reader.steps, *reader.repairs, reader.unpack, reader.model_is_request)
        if not all(is_ours(one) for one in used if callable(one)):
            raise Untraceable("a function of another package, which may look at anything")
        return replace(reader, metadata=self._cells(reader.metadata), kwargs=self._cells(reader.kwargs))

    def _cells(self, cells: Cells) -> Cells:
        return {path: self._cell(cell) for path, cell in cells.items()}

    def _cell(self, cell: Cell) -> Cell:
        if cell.read in AS_IT_IS:
            return cell
        if not is_ours(cell.read):
            raise Untraceable("a reader of another package")

        def read(value: Any) -> Any:
            if isinstance(value, Symbol):
                return self.tape.apply(cell.read, value)
            known = len(self.tape.lines)
            try:
                return cell.read(value)
            except Untraceable:  # then it is noted as a whole
                self.tape.rewind(known)
                return self.tape.apply(cell.read, value)

        return replace(cell, read=read)


def _function(shape: Shape, draft: dict[str, Any], tape: Tape, fixed: dict[str, Any]) -> Read:
    lines = [f"if {name} != {value!r}: return None" for name, value in fixed.items()]
    head = f"read({', '.join(hole.name for hole in shape.holes)})"
    found: Read = function_of(head, lines, Writer(tape).source(draft), tape)
    return found
